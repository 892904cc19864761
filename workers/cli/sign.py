"""`python -m workers sign FILE...`: put a digital signature into DICOM files."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workers.dicom.signatures.macs import ALGORITHMS
from workers.dicom.signatures.profiles import (
    AUTHORIZATION,
    CREATOR,
    STRUCTURED_REPORT,
)
from workers.dicom.signatures.sign import (
    PURPOSES,
    CannotSign,
    FileSigner,
    Signer,
    sign_file,
)
from workers.errors import RejectedInput

_PROFILES = {
    "creator": CREATOR,
    "authorization": AUTHORIZATION,
    "sr": STRUCTURED_REPORT,
}


def main(argv: Sequence[str]) -> int:
    """Return 0 if every file was signed, 1 if any was not, 2 if the key is no use."""
    options = _parser().parse_args(list(argv))
    failed = False
    try:
        with _open_signer(options) as signer:
            for path in options.files:
                try:
                    written = _sign(path, signer, options)
                except (OSError, RejectedInput) as error:
                    failed = True
                    told = getattr(error, "strerror", None) or str(error)
                    sys.stderr.write(f"{path}: not signed. {told}\n")
                else:
                    sys.stdout.write(f"{path}: signed as {written}\n")
    except (CannotSign, OSError) as error:
        sys.stderr.write(f"{getattr(error, 'strerror', None) or error}\n")
        return 2
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workers sign",
        description="Sign DICOM files (PS3.15 Annex C). FILE.dcm is written beside"
        " itself as FILE.signed.dcm.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--profile", required=True, choices=sorted(_PROFILES))
    parser.add_argument(
        "--cert", required=True, type=Path, metavar="PEM", help="the signer's"
    )
    parser.add_argument("--key", type=Path, metavar="PEM", help="the private key")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="password of the key"
    )
    parser.add_argument(
        "--mac",
        default="SHA256",
        choices=[a.name for a in ALGORITHMS.values() if not a.is_weak],
    )
    parser.add_argument(
        "--purpose",
        choices=list(PURPOSES),
        metavar="1..17",
        help="code of ASTM E2084: 1 author, 5 verification, 13 review, 14 source ...",
    )
    parser.add_argument(
        "--in-place", action="store_true", help="replace the files themselves"
    )
    token = parser.add_argument_group("a key on a token (PKCS #11), in place of --key")
    token.add_argument("--pkcs11-module", type=Path, metavar="LIBRARY")
    token.add_argument("--token", metavar="LABEL")
    token.add_argument("--key-label", metavar="LABEL")
    token.add_argument("--pin-file", type=Path, metavar="FILE")
    return parser


@contextmanager
def _open_signer(options: argparse.Namespace) -> Iterator[Signer]:
    certificate = options.cert.read_bytes()
    if options.key is not None and options.pkcs11_module is None:
        password = None
        if options.password_file is not None:
            password = options.password_file.read_bytes().strip()
        yield FileSigner.load(
            key=options.key.read_bytes(), certificate=certificate, password=password
        )
        return
    named = (options.pkcs11_module, options.token, options.key_label, options.pin_file)
    if options.key is not None or None in named:
        raise CannotSign(
            "Give --key, or --pkcs11-module with --token, --key-label and --pin-file."
        )
    try:
        # By name: the package is wanted only by those who have a token.
        tokens = importlib.import_module("workers.dicom.signatures.pkcs11_signer")
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("workers"):
            raise
        raise CannotSign(
            f"A token needs the package {error.name}: install the pkcs11 extra."
        ) from None
    with tokens.open_token(
        options.pkcs11_module,
        token=options.token,
        key=options.key_label,
        pin=options.pin_file.read_text().strip(),
        certificate=certificate,
    ) as signer:
        yield signer


def _sign(path: Path, signer: Signer, options: argparse.Namespace) -> Path:
    content = sign_file(
        path.read_bytes(),
        signer=signer,
        profile=_PROFILES[options.profile],
        at=dt.datetime.now(dt.UTC),
        algorithm=options.mac,
        purpose=options.purpose or "",
    )
    target = path if options.in_place else path.with_suffix(".signed.dcm")
    # Whole or not at all: a film that was cut off by a full disk is lost.
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        part = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            part.chmod(path.stat().st_mode)
            part.replace(target)
        except OSError:
            part.unlink()
            raise
    return target
