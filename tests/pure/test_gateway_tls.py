"""The gateway over TLS: to the modality, and to the archive."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from pydicom.uid import ExplicitVRLittleEndian

from tests import dicom
from tests.pure.signatures.keys import make_certificate, make_key, pem_of
from tests.pure.test_gateway import Archive, running, send, wait_until
from workers.dicom.tls import CannotSecure, make_client_context, make_server_context


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """A folder with the certificates of two authorities, and of each a host's."""
    folder = tmp_path / "pki"
    folder.mkdir()
    for number, name in enumerate(("hospital", "stranger")):
        key, host_key = make_key("p256", 2 * number), make_key("p256", 2 * number + 1)
        authority = make_certificate(key, name, is_authority=True)
        host = make_certificate(
            host_key, f"{name} host", issuer=(key, authority), address="127.0.0.1"
        )
        (folder / f"{name}-ca.pem").write_bytes(pem_of(authority))
        (folder / f"{name}.pem").write_bytes(pem_of(host))
        (folder / f"{name}.key").write_bytes(pem_of(host_key))
    return folder


def server(pki: Path, name: str, *, clients_of: str = "") -> ssl.SSLContext:
    return make_server_context(
        certificate=pki / f"{name}.pem",
        key=pki / f"{name}.key",
        client_authorities=pki / f"{clients_of}-ca.pem" if clients_of else None,
    )


def client(pki: Path, trusted: str, *, name: str = "") -> ssl.SSLContext:
    return make_client_context(
        authorities=pki / f"{trusted}-ca.pem",
        certificate=pki / f"{name}.pem" if name else None,
        key=pki / f"{name}.key" if name else None,
    )


def is_hung_up_on(port: int, tls: ssl.SSLContext | None) -> bool:
    """Return whether a listener closes a connection before it answers anything."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as plain:
        try:
            if tls is None:
                # The first bytes of an association request (PS3.8 9.3.2).
                plain.sendall(bytes.fromhex("010000000044000100"))
                # Or an alert, RFC 8446 5.1.
                return plain.recv(1) in (b"", b"\x15")
            with tls.wrap_socket(plain, server_hostname="127.0.0.1") as secured:
                # With TLS 1.3 the refusal comes after the handshake.
                return secured.recv(1) == b""
        except (ssl.SSLError, ConnectionError):
            return True


def test_a_film_goes_all_the_way_over_tls(tmp_path: Path, pki: Path) -> None:
    archive = Archive(server(pki, "hospital", clients_of="hospital"))
    archive.start()
    film = dicom.write_film(tmp_path / "film.dcm")
    try:
        with running(
            tmp_path / "spool",
            archive,
            listen_tls=server(pki, "hospital"),
            destination_tls=client(pki, "hospital", name="hospital"),
        ) as gateway:
            modality = client(pki, "hospital")
            status = send(gateway.port, film, ExplicitVRLittleEndian, tls=modality)
            assert status == 0x0000
            wait_until(lambda: len(archive.received) == 1)
    finally:
        archive.stop()


def test_an_archive_with_a_strangers_certificate_gets_nothing(
    tmp_path: Path, pki: Path
) -> None:
    archive = Archive(server(pki, "stranger"))
    archive.start()
    film = dicom.write_film(tmp_path / "film.dcm")
    try:
        with running(
            tmp_path / "spool", archive, destination_tls=client(pki, "hospital")
        ) as gateway:
            assert send(gateway.port, film, ExplicitVRLittleEndian) == 0x0000
    finally:
        archive.stop()
    assert archive.received == []
    assert len(list((tmp_path / "spool").glob("*.dcm"))) == 1


@pytest.mark.parametrize("shown", ["", "stranger"])
def test_a_modality_without_a_known_certificate_is_not_let_in(
    tmp_path: Path, pki: Path, shown: str
) -> None:
    archive = Archive()
    archive.start()
    film = dicom.write_film(tmp_path / "film.dcm")
    try:
        with running(
            tmp_path / "spool",
            archive,
            listen_tls=server(pki, "hospital", clients_of="hospital"),
        ) as gateway:
            assert is_hung_up_on(gateway.port, None)
            assert is_hung_up_on(gateway.port, client(pki, "hospital", name=shown))
            known = client(pki, "hospital", name="hospital")
            status = send(gateway.port, film, ExplicitVRLittleEndian, tls=known)
            assert status == 0x0000
    finally:
        archive.stop()


def test_a_peer_that_keeps_silent_locks_nobody_out(tmp_path: Path, pki: Path) -> None:
    archive = Archive()
    archive.start()
    film = dicom.write_film(tmp_path / "film.dcm")
    try:
        with running(
            tmp_path / "spool", archive, listen_tls=server(pki, "hospital")
        ) as gateway:
            with socket.create_connection(("127.0.0.1", gateway.port)):
                modality = client(pki, "hospital")
                status = send(gateway.port, film, ExplicitVRLittleEndian, tls=modality)
            assert status == 0x0000
    finally:
        archive.stop()


def test_what_tls_cannot_work_with_is_said(pki: Path) -> None:
    with pytest.raises(CannotSecure, match="or differ"):
        make_server_context(certificate=pki / "hospital.pem", key=pki / "stranger.key")
    with pytest.raises(CannotSecure, match="authorities"):
        make_client_context(authorities=pki / "hospital.key")
    with pytest.raises(FileNotFoundError):
        make_client_context(authorities=pki / "none.pem")


def test_an_encrypted_key_without_its_password_does_not_ask(pki: Path) -> None:
    locked = make_key("p256", 1).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open sesame"),
    )
    (pki / "locked.key").write_bytes(locked)
    certificate, key = pki / "hospital.pem", pki / "locked.key"
    with pytest.raises(CannotSecure):
        make_server_context(certificate=certificate, key=key)
    assert make_server_context(
        certificate=certificate, key=key, password=b"open sesame"
    )
