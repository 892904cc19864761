"""`manage.py dicom_gateway`: sign what a modality sends, at once, and send it on."""

from __future__ import annotations

import re
import signal
import ssl
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workers.cli.keys import add_key_options, open_signer
from workers.dicom.gateway import Gateway, Peer
from workers.dicom.signatures.sign import CannotSign
from workers.dicom.tls import CannotSecure, make_client_context, make_server_context

# PS3.5 6.2: an application entity's name has sixteen characters at most.
_PEER = re.compile(r"([^@\\\s]{1,16})@(.+):(\d{1,5})")
_REPORT_EVERY_S = 60.0


class Command(BaseCommand):
    """Run until it is told to stop; what has not been sent on is kept on disk."""

    help = "A gateway beside a modality that signs films by PS3.15 C.2 (Creator RSA)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument(
            "--listen", default="TRUEFILM@127.0.0.1:11112", metavar="TITLE@HOST:PORT"
        )
        parser.add_argument(
            "--forward-to", required=True, metavar="TITLE@HOST:PORT", help="the archive"
        )
        parser.add_argument(
            "--spool", type=Path, metavar="DIR", help="default: gateway/ below the data"
        )
        add_key_options(parser)
        _add_tls_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen until SIGINT or SIGTERM."""
        try:
            with open_signer(options) as signer:
                gateway = Gateway(
                    listen=_read_peer(options["listen"]),
                    destination=_read_peer(options["forward_to"]),
                    signer=signer,
                    spool=options["spool"] or settings.DATA_DIR / "gateway",
                    algorithm=options["mac"],
                    listen_tls=_listen_tls(options),
                    destination_tls=_forward_tls(options),
                )
                self._run(gateway)
        except (CannotSign, CannotSecure) as error:
            raise CommandError(error.message) from None
        except OSError as error:
            raise CommandError(str(error.strerror or error)) from None

    def _run(self, gateway: Gateway) -> None:
        stopped = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stopped.set())
        gateway.start()
        self.stdout.write(
            f"Listening on port {gateway.port}; {len(gateway.list_waiting())} waiting."
        )
        self.stdout.flush()
        try:
            while not stopped.wait(_REPORT_EVERY_S):
                self._report(gateway)
        finally:
            gateway.stop()
            self._report(gateway)

    def _report(self, gateway: Gateway) -> None:
        counts = gateway.counts
        self.stdout.write(
            f"{counts.signed} signed, {counts.sent} sent on, {counts.refused} refused,"
            f" {counts.failed} refused by the archive,"
            f" {len(gateway.list_waiting())} waiting."
        )
        self.stdout.flush()


def _add_tls_options(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("TLS (PS3.15 B.9)")
    group.add_argument(
        "--tls-cert",
        type=Path,
        metavar="PEM",
        help="speak TLS to the modality, with this certificate and what leads to it",
    )
    group.add_argument("--tls-key", type=Path, metavar="PEM", help="its private key")
    group.add_argument("--tls-password-file", type=Path, metavar="FILE")
    group.add_argument(
        "--tls-client-ca",
        type=Path,
        metavar="PEM",
        help="let in only modalities with a certificate of these authorities",
    )
    group.add_argument(
        "--forward-tls-ca",
        type=Path,
        metavar="PEM",
        help="speak TLS to the archive, whose certificate is of these authorities",
    )


def _listen_tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    certificate, key = options["tls_cert"], options["tls_key"]
    if (certificate is None) != (key is None):
        raise CommandError("Give --tls-cert and --tls-key together.")
    if certificate is None:
        if options["tls_client_ca"] is not None:
            raise CommandError("--tls-client-ca needs --tls-cert and --tls-key.")
        return None
    return make_server_context(
        certificate=certificate,
        key=key,
        password=_read_password(options),
        client_authorities=options["tls_client_ca"],
    )


def _forward_tls(options: dict[str, Any]) -> ssl.SSLContext | None:
    if options["forward_tls_ca"] is None:
        return None
    return make_client_context(
        authorities=options["forward_tls_ca"],
        certificate=options["tls_cert"],
        key=options["tls_key"],
        password=_read_password(options),
    )


def _read_password(options: dict[str, Any]) -> bytes:
    path: Path | None = options["tls_password_file"]
    return path.read_bytes().strip() if path else b""


def _read_peer(text: str) -> Peer:
    match = _PEER.fullmatch(text)
    if match is None or not int(match[3]) <= 65535:
        raise CommandError(f"{text}: write TITLE@HOST:PORT.")
    return Peer(match[1], match[2], int(match[3]))
