"""A gateway beside a modality: takes its films, signs them at once, sends them on.

For devices that cannot sign. Between the modality and this gateway nothing vouches for
a film: they belong on one cable or one machine.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.filereader import read_file_meta_info
from pydicom.uid import (
    AllTransferSyntaxes,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pynetdicom import AE, AllStoragePresentationContexts, _config, evt
from pynetdicom.events import Event
from pynetdicom.transport import ThreadedAssociationServer

from workers.decode.parsing import PARSE_ERRORS, quiet_warnings
from workers.dicom.signatures.profiles import CREATOR
from workers.dicom.signatures.sign import Signer, sign_file
from workers.dicom.tls import TlsAssociationServer
from workers.errors import RejectedInput

logger = logging.getLogger(__name__)
# Its messages quote what it sends.
logging.getLogger("pynetdicom").setLevel(logging.CRITICAL)
# Files go out byte by byte: written anew they could differ from what was signed.
_config.STORE_SEND_CHUNKED_DATASET = True

# PS3.4 B.2.3, C-STORE. None is meant for signatures.
SUCCESS = 0x0000
OUT_OF_RESOURCES = 0xA700
CANNOT_UNDERSTAND = 0xC000
SOP_CLASS_NOT_SUPPORTED = 0x0122

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 60.0
# PS3.4 A.4, the echo by which modalities test a connection.
_VERIFICATION = "1.2.840.10008.1.1"
_CONNECT_S = 10.0
_FAILED = "failed"
# The modality chooses among what it offers by this order: films as they are, in a
# coding that names VRs, before those that have to be written anew to be signed.
_SYNTAXES = [
    ExplicitVRLittleEndian,
    *(
        uid
        for uid in AllTransferSyntaxes
        if uid
        not in (ExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian)
    ),
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
]


@dataclass(frozen=True)
class Peer:
    """A DICOM application."""

    ae_title: str
    host: str
    port: int


@dataclass
class Counts:
    """What a gateway did since it was started."""

    signed: int = 0
    refused: int = 0
    sent: int = 0
    failed: int = 0


@dataclass
class Gateway:
    """Receives by C-STORE, signs, keeps until the destination has taken it.

    spool: a folder of its own. A film lies in it, signed and on disk, before the
        modality hears that it was taken, and until the destination has; what is there
        at the start is sent first. What the destination refuses for good is moved to
        its folder `failed`.
    clock: the time that signatures state, aware.
    listen_tls, destination_tls: of `workers.dicom.tls`; None is plain DICOM.
    """

    listen: Peer
    destination: Peer
    signer: Signer
    spool: Path
    algorithm: str = "SHA256"
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    counts: Counts = field(default_factory=Counts)
    listen_tls: ssl.SSLContext | None = None
    destination_tls: ssl.SSLContext | None = None
    _server: ThreadedAssociationServer | None = None
    _sender: threading.Thread | None = None
    _work: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Listen and send, in threads. Raises OSError if the port is taken."""
        (self.spool / _FAILED).mkdir(parents=True, exist_ok=True)
        for part in self.spool.glob("*.part"):
            # The modality never heard that this one was taken, and sends it again.
            part.unlink()
        entity = AE(ae_title=self.listen.ae_title)
        entity.require_called_aet = True
        entity.add_supported_context(_VERIFICATION)
        for context in AllStoragePresentationContexts:
            assert context.abstract_syntax is not None
            entity.add_supported_context(context.abstract_syntax, _SYNTAXES)
        self._server = self._listen(entity)
        self._work.set()
        self._sender = threading.Thread(target=self._send_on, name="gateway-sender")
        self._sender.start()

    def _listen(self, entity: AE) -> ThreadedAssociationServer:
        handlers: list[evt.EventHandlerType] = [(evt.EVT_C_STORE, self._take)]
        address = (self.listen.host, self.listen.port)
        if self.listen_tls is None:
            plain = entity.start_server(address, block=False, evt_handlers=handlers)
            assert plain is not None
            return plain
        server = entity.make_server(
            address,
            evt_handlers=handlers,
            server_class=TlsAssociationServer,
            tls=self.listen_tls,
        )
        threading.Thread(
            target=server.serve_forever, name="gateway-listener", daemon=True
        ).start()
        return server

    @property
    def port(self) -> int:
        """Return the port that is listened on."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def stop(self) -> None:
        """Take nothing more; a film under way is sent, the rest stays in the spool."""
        if self._server is not None:
            self._server.shutdown()
        self._stop.set()
        self._work.set()
        if self._sender is not None:
            self._sender.join()

    def list_waiting(self) -> list[Path]:
        """Return the signed films that the destination has not taken, oldest first."""
        return sorted(self.spool.glob("*.dcm"))

    def _take(self, event: Event) -> int:
        """Sign a film and keep it; return the status of PS3.4 B.2.3. No PHI in logs."""
        try:
            content = event.encoded_dataset()
            signed = sign_file(
                content,
                signer=self.signer,
                profile=CREATOR,
                at=self.clock(),
                algorithm=self.algorithm,
            )
            self._keep(signed)
        except RejectedInput as error:
            self.counts.refused += 1
            logger.warning("film refused: %s", error.code)
            return CANNOT_UNDERSTAND
        except OSError as error:
            self.counts.refused += 1
            logger.error("film not kept: %s", error.strerror)
            return OUT_OF_RESOURCES
        self.counts.signed += 1
        self._work.set()
        return SUCCESS

    def _keep(self, content: bytes) -> None:
        # Ordered by the time, told apart by the content; sent twice is kept once each:
        # whether it is a repeat is for the archive to say.
        name = f"{self.clock():%Y%m%dT%H%M%S.%f}-{hashlib.sha256(content).hexdigest()}"
        with tempfile.NamedTemporaryFile(
            dir=self.spool, suffix=".part", delete=False
        ) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self.spool / f"{name}.dcm")
        folder = os.open(self.spool, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _send_on(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            self._work.wait()
            self._work.clear()
            if self._stop.is_set():
                return
            try:
                has_sent = self._send_all()
            except Exception as error:
                # Whatever it is: of a thread that died nobody would hear.
                logger.error("sending failed: %s", type(error).__name__)
                has_sent = False
            if has_sent:
                pause_s = _FIRST_PAUSE_S
                continue
            logger.warning("destination not reached, next try in %.0f s", pause_s)
            if self._stop.wait(pause_s):
                return
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            self._work.set()

    def _send_all(self) -> bool:
        """Send what waits; return False if the destination could not be reached."""
        for path in self.list_waiting():
            if self._stop.is_set():
                return True
            status = self._send(path)
            if status is None or status & 0xFF00 == OUT_OF_RESOURCES:
                return False
            # PS3.4 B.2.3: warnings are Bxxx, the film was stored.
            if status == SUCCESS or status & 0xF000 == 0xB000:
                path.unlink()
                self.counts.sent += 1
            else:
                path.replace(self.spool / _FAILED / path.name)
                self.counts.failed += 1
                logger.error("film refused by the destination: %04X", status)
        return True

    def _send(self, path: Path) -> int | None:
        """Return the destination's status, None if there was no answer."""
        try:
            with quiet_warnings():
                meta = read_file_meta_info(path)
            kind, syntax = meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID
        except PARSE_ERRORS:
            return CANNOT_UNDERSTAND
        entity = AE(ae_title=self.listen.ae_title)
        entity.connection_timeout = _CONNECT_S
        # One coding alone: whatever else was agreed on would break the signature.
        entity.add_requested_context(kind, syntax)
        target = self.destination
        try:
            # The library never closes the socket of a connection that was refused.
            socket.create_connection((target.host, target.port), _CONNECT_S).close()
        except OSError:
            return None
        tls = self.destination_tls
        association = entity.associate(
            target.host,
            target.port,
            ae_title=target.ae_title,
            tls_args=(tls, target.host) if tls else None,
        )
        if not association.is_established:
            return None
        try:
            answer = association.send_c_store(path)
        except ValueError:
            return SOP_CLASS_NOT_SUPPORTED
        except RuntimeError:
            # The association ended in between.
            return None
        finally:
            if association.is_established:
                association.release()
        status = answer.get("Status")
        return None if status is None else int(status)
