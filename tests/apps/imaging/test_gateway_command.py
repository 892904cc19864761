"""The command `dicom_gateway`, as an operator starts and stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pydicom.uid import ExplicitVRLittleEndian

from tests import dicom
from tests.pure.signatures.keys import make_certificate, make_key, pem_of
from tests.pure.test_gateway import send
from workers.dicom.signatures.model import Integrity
from workers.dicom.signatures.verify import verify_file

BASE_DIR = Path(__file__).resolve().parents[3]


@pytest.fixture
def key_options(tmp_path: Path) -> list[str]:
    key = make_key()
    (tmp_path / "key.pem").write_bytes(pem_of(key))
    # The command signs at the time it is.
    (tmp_path / "certificate.pem").write_bytes(pem_of(make_certificate(key)))
    return [
        *("--key", str(tmp_path / "key.pem")),
        *("--cert", str(tmp_path / "certificate.pem")),
    ]


@pytest.mark.slow
def test_it_signs_until_it_is_told_to_stop(
    tmp_path: Path, key_options: list[str]
) -> None:
    film = dicom.write_film(tmp_path / "film.dcm")
    command = [
        *(sys.executable, str(BASE_DIR / "manage.py"), "dicom_gateway"),
        *("--listen", "GATEWAY@127.0.0.1:0"),
        *("--forward-to", "ARCHIVE@127.0.0.1:1"),
        *key_options,
    ]
    environment = {
        **os.environ,
        "TRUEFILM_SECRET_KEY": "of-this-test-alone",
        "TRUEFILM_DATA_DIR": str(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "apps.config.settings",
    }
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Listening on port "), line
        port = int(line.split()[3].rstrip(";"))
        assert send(port, film, ExplicitVRLittleEndian) == 0
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert "1 signed, 0 sent on, 0 refused" in rest
    # The archive was never there: the film is on disk, signed.
    (kept,) = (tmp_path / "data" / "gateway").glob("*.dcm")
    (signature,) = verify_file(kept)
    assert signature.integrity is Integrity.INTACT


def test_what_it_cannot_work_with_is_said(
    tmp_path: Path, key_options: list[str]
) -> None:
    with pytest.raises(CommandError, match="TITLE@HOST:PORT"):
        call_command("dicom_gateway", "--forward-to", "archive", *key_options)
    with pytest.raises(CommandError, match="TITLE@HOST:PORT"):
        call_command("dicom_gateway", "--forward-to", "A@host:99999", *key_options)
    (tmp_path / "key.pem").write_bytes(b"no key")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("dicom_gateway", "--forward-to", "A@host:104", *key_options)
    (tmp_path / "key.pem").unlink()
    with pytest.raises(CommandError, match="No such file"):
        call_command("dicom_gateway", "--forward-to", "A@host:104", *key_options)


def test_half_of_what_tls_needs_is_said(tmp_path: Path, key_options: list[str]) -> None:
    peer = ("--forward-to", "A@host:104")
    certificate = str(tmp_path / "certificate.pem")
    with pytest.raises(CommandError, match="--tls-cert and --tls-key together"):
        call_command("dicom_gateway", *peer, *key_options, "--tls-cert", certificate)
    with pytest.raises(CommandError, match="--tls-client-ca needs"):
        call_command(
            "dicom_gateway", *peer, *key_options, "--tls-client-ca", certificate
        )
    key = str(tmp_path / "key.pem")
    with pytest.raises(CommandError, match="authorities for TLS"):
        call_command("dicom_gateway", *peer, *key_options, "--forward-tls-ca", key)
