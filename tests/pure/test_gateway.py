"""A modality sends, the gateway signs, an archive receives: over real associations."""

from __future__ import annotations

import io
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.events import Event
from pynetdicom.transport import ThreadedAssociationServer

from tests import dicom
from tests.pure.signatures import oracle
from tests.pure.signatures.keys import NOW, make_signer
from workers.dicom.gateway import CANNOT_UNDERSTAND, Gateway, Peer
from workers.dicom.signatures.model import Integrity
from workers.dicom.signatures.verify import verify_data_set

WAIT_S = 30.0
SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless]


class Archive:
    """A destination that can be told what to answer."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[bytes] = []
        self._tls = tls
        self.status = 0x0000
        self._entity = AE(ae_title="ARCHIVE")
        for context in AllStoragePresentationContexts:
            assert context.abstract_syntax is not None
            self._entity.add_supported_context(context.abstract_syntax, SYNTAXES)
        self._server: ThreadedAssociationServer | None = None
        self.port = 0

    def start(self) -> None:
        server = self._entity.start_server(
            ("127.0.0.1", self.port),
            block=False,
            ssl_context=self._tls,
            evt_handlers=[(evt.EVT_C_STORE, self._store)],
        )
        assert server is not None
        self._server, self.port = server, server.server_address[1]

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server = None

    def _store(self, event: Event) -> int:
        if self.status == 0x0000:
            self.received.append(event.encoded_dataset())
        return self.status


@pytest.fixture
def archive() -> Iterator[Archive]:
    started = Archive()
    started.start()
    yield started
    started.stop()


@contextmanager
def running(
    spool: Path,
    archive: Archive,
    *,
    listen_tls: ssl.SSLContext | None = None,
    destination_tls: ssl.SSLContext | None = None,
) -> Iterator[Gateway]:
    gateway = Gateway(
        listen=Peer("GATEWAY", "127.0.0.1", 0),
        destination=Peer("ARCHIVE", "127.0.0.1", archive.port),
        signer=make_signer(),
        spool=spool,
        clock=lambda: NOW,
        listen_tls=listen_tls,
        destination_tls=destination_tls,
    )
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()


def send(
    port: int,
    path: Path,
    syntax: UID,
    *,
    title: str = "GATEWAY",
    tls: ssl.SSLContext | None = None,
) -> int:
    """Send a film as a modality does; return the status, -1 without an association."""
    data_set = dcmread(path)
    modality = AE(ae_title="ROOM3")
    modality.add_requested_context(data_set.SOPClassUID, syntax)
    tls_args = (tls, "127.0.0.1") if tls else None
    association = modality.associate(
        "127.0.0.1", port, ae_title=title, tls_args=tls_args
    )
    if not association.is_established:
        return -1
    try:
        return int(association.send_c_store(data_set).Status)
    finally:
        association.release()


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end_s, "it did not come to that"
        time.sleep(0.02)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_film_arrives_signed(tmp_path: Path, archive: Archive, syntax: UID) -> None:
    film = dicom.write_film(tmp_path / "film.dcm", transfer_syntax=syntax)
    with running(tmp_path / "spool", archive) as gateway:
        assert send(gateway.port, film, syntax) == 0x0000
        wait_until(lambda: len(archive.received) == 1 and not gateway.list_waiting())
    data_set = dcmread(io.BytesIO(archive.received[0]))
    (signature,) = verify_data_set(data_set)
    assert signature.integrity is Integrity.INTACT
    assert signature.covers_pixels
    assert signature.signed_at == NOW
    before = dcmread(film)
    assert data_set.PixelData == before.PixelData
    assert data_set.PatientName == before.PatientName
    # Uncompressed films leave in the coding that signatures are made of.
    expected = ExplicitVRLittleEndian if syntax == ImplicitVRLittleEndian else syntax
    assert data_set.file_meta.TransferSyntaxUID == expected


def test_films_wait_on_disk_while_the_archive_is_away(
    tmp_path: Path, archive: Archive
) -> None:
    archive.stop()
    with running(tmp_path / "spool", archive) as gateway:
        for seed in (1, 2):
            film = dicom.write_film(tmp_path / f"{seed}.dcm", seed=seed)
            assert send(gateway.port, film, ExplicitVRLittleEndian) == 0x0000
        assert len(gateway.list_waiting()) == 2
    # Another process, as after a crash or a restart.
    archive.start()
    with running(tmp_path / "spool", archive) as gateway:
        wait_until(lambda: len(archive.received) == 2)
        wait_until(lambda: not gateway.list_waiting())
    assert {dcmread(io.BytesIO(b)).PatientID for b in archive.received} == {
        "TEST-1",
        "TEST-2",
    }


def test_an_archive_that_comes_back_gets_what_waits(
    tmp_path: Path, archive: Archive
) -> None:
    archive.stop()
    film = dicom.write_film(tmp_path / "film.dcm")
    with running(tmp_path / "spool", archive) as gateway:
        assert send(gateway.port, film, ExplicitVRLittleEndian) == 0x0000
        archive.start()
        wait_until(lambda: len(archive.received) == 1)


def test_what_the_archive_refuses_is_kept_aside(
    tmp_path: Path, archive: Archive
) -> None:
    archive.status = 0xA900
    film = dicom.write_film(tmp_path / "film.dcm")
    with running(tmp_path / "spool", archive) as gateway:
        assert send(gateway.port, film, ExplicitVRLittleEndian) == 0x0000
        wait_until(lambda: gateway.counts.failed == 1)
        assert not gateway.list_waiting()
    assert len(list((tmp_path / "spool" / "failed").glob("*.dcm"))) == 1


def test_a_film_that_cannot_be_signed_is_refused_and_not_lost_unseen(
    tmp_path: Path, archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    film = dicom.write_film(tmp_path / "film.dcm", overrides={"StudyInstanceUID": None})
    with running(tmp_path / "spool", archive) as gateway:
        assert send(gateway.port, film, ExplicitVRLittleEndian) == CANNOT_UNDERSTAND
        assert gateway.counts.refused == 1
    assert archive.received == []
    assert "Test^Film" not in caplog.text
    assert "TEST-7" not in caplog.text


def test_a_stranger_to_its_title_is_not_let_in(
    tmp_path: Path, archive: Archive
) -> None:
    film = dicom.write_film(tmp_path / "film.dcm")
    with running(tmp_path / "spool", archive) as gateway:
        assert send(gateway.port, film, ExplicitVRLittleEndian, title="OTHER") == -1


def test_a_fault_of_ours_does_not_end_the_sending(
    tmp_path: Path, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = iter([KeyError("a fault of ours")])
    send_on = Gateway._send

    def send_badly(gateway: Gateway, path: Path) -> int | None:
        for fault in faults:
            raise fault
        return send_on(gateway, path)

    monkeypatch.setattr(Gateway, "_send", send_badly)
    film = dicom.write_film(tmp_path / "film.dcm")
    with running(tmp_path / "spool", archive) as gateway:
        assert send(gateway.port, film, ExplicitVRLittleEndian) == 0x0000
        wait_until(lambda: len(archive.received) == 1)


def test_half_written_films_of_a_crash_are_taken_away(
    tmp_path: Path, archive: Archive
) -> None:
    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "tmpabc.part").write_bytes(b"half")
    with running(spool, archive):
        pass
    assert [path.name for path in spool.iterdir()] == ["failed"]


def test_storescu_of_dcmtk_is_served(tmp_path: Path, archive: Archive) -> None:
    storescu = oracle.find_tool("storescu")
    film = dicom.write_film(tmp_path / "film.dcm")
    with running(tmp_path / "spool", archive) as gateway:
        subprocess.run(
            [storescu, "-aec", "GATEWAY", "127.0.0.1", str(gateway.port), str(film)],
            check=True,
            capture_output=True,
            timeout=60,
        )
        wait_until(lambda: len(archive.received) == 1)
    (signature,) = verify_data_set(dcmread(io.BytesIO(archive.received[0])))
    assert signature.integrity is Integrity.INTACT
