"""The commands `sign` and `signatures`, with keys from files and from a token."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from pydicom import dcmread

from tests import dicom
from tests.pure.signatures.keys import make_certificate, make_key, pem_of
from workers.__main__ import main
from workers.dicom.signatures.model import Integrity
from workers.dicom.signatures.verify import verify_file

SOFTHSM = Path("/usr/lib/softhsm/libsofthsm2.so")
PASSWORD = "correct horse"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a film, a key with a password, and its certificate."""
    key = make_key()
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
    )
    (tmp_path / "password").write_text(PASSWORD + "\n")
    (tmp_path / "certificate.pem").write_bytes(pem_of(make_certificate(key)))
    dicom.write_film(tmp_path / "film.dcm")
    return tmp_path


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False
    )


def sign(folder: Path, *more: str) -> int:
    return main(
        [
            "sign",
            *("--profile", "creator", "--cert", str(folder / "certificate.pem")),
            *("--key", str(folder / "key.pem")),
            *("--password-file", str(folder / "password")),
            *more,
        ]
    )


def test_a_file_is_signed_beside_itself(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film, before = folder / "film.dcm", (folder / "film.dcm").read_bytes()
    assert sign(folder, "--mac", "SHA512", "--purpose", "14", str(film)) == 0
    assert "film.signed.dcm" in capsys.readouterr().out
    assert film.read_bytes() == before
    (signature,) = verify_file(folder / "film.signed.dcm")
    assert signature.integrity is Integrity.INTACT
    assert (signature.algorithm, signature.purpose) == ("SHA512", "14")


def test_in_place_replaces_the_file_and_keeps_its_rights(folder: Path) -> None:
    film = folder / "film.dcm"
    film.chmod(0o640)
    assert sign(folder, "--in-place", str(film)) == 0
    (signature,) = verify_file(film)
    assert signature.integrity is Integrity.INTACT
    assert stat.S_IMODE(film.stat().st_mode) == 0o640
    assert not list(folder.glob("*.signed.dcm"))
    assert {path.name for path in folder.iterdir()} == {
        *("certificate.pem", "film.dcm", "key.pem", "password")
    }


def test_one_file_that_cannot_be_signed_does_not_hold_up_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "letter.dcm").write_bytes(b"Dear Sir")
    missing = folder / "missing.dcm"
    files = [folder / "letter.dcm", missing, folder / "film.dcm"]
    assert sign(folder, *map(str, files)) == 1
    told = capsys.readouterr()
    assert told.err.count("not signed") == 2
    assert "film.signed.dcm" in told.out


def test_a_key_that_is_no_use_is_said_before_any_file_is_touched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "password").write_text("wrong")
    assert sign(folder, str(folder / "film.dcm")) == 2
    told = capsys.readouterr().err
    assert "cannot be read with this password" in told
    assert PASSWORD not in told
    no_key = ["sign", "--profile", "creator", "--cert", str(folder / "certificate.pem")]
    assert main([*no_key, str(folder / "film.dcm")]) == 2
    assert "--pkcs11-module" in capsys.readouterr().err


def test_statements_are_printed_and_decide_the_exit_code(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film, signed = folder / "film.dcm", folder / "film.signed.dcm"
    assert sign(folder, str(film)) == 0
    capsys.readouterr()
    assert main(["signatures", str(film), str(signed)]) == 0
    told = capsys.readouterr().out
    assert "carries no digital signature" in told
    assert "who made it is not known here" in told

    anchors = ["--anchors", str(folder / "certificate.pem")]
    assert main(["signatures", "--jsonl", *anchors, str(signed)]) == 0
    line = json.loads(capsys.readouterr().out)
    assert [s["code"] for s in line["statements"]] == ["signature_known_authority"]

    data_set = dcmread(signed)
    data_set.PatientID = "SOMEBODY-ELSE"
    data_set.save_as(signed)
    assert main(["signatures", str(signed)]) == 1
    told = capsys.readouterr().out
    assert "is broken" in told
    assert "SOMEBODY" not in told

    (folder / "letter.dcm").write_bytes(b"Dear Sir")
    assert main(["signatures", str(folder / "letter.dcm"), str(signed)]) == 2


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_a_key_on_a_token_signs(
    folder: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not SOFTHSM.exists():
        assert not os.environ.get("CI"), "SoftHSM is missing"
        pytest.skip("SoftHSM is missing (Debian: apt install softhsm2)")
    key = make_key(kind)
    (folder / "tokens").mkdir()
    (folder / "softhsm.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm.conf"))
    (folder / "plain.pem").write_bytes(pem_of(key))
    (folder / "certificate.pem").write_bytes(pem_of(make_certificate(key)))
    (folder / "pin").write_text("4321\n")
    util = shutil.which("softhsm2-util")
    assert util is not None
    name = ("--token", "gateway", "--label", "room3", "--id", "01")
    for command in (
        ("--init-token", "--free", "--label", "gateway", "--so-pin", "1234"),
        ("--import", str(folder / "plain.pem"), *name),
    ):
        assert run([util, *command, "--pin", "4321"]).returncode == 0
    arguments = [
        *("sign", "--profile", "creator", "--cert", str(folder / "certificate.pem")),
        *("--pkcs11-module", str(SOFTHSM), "--token", "gateway"),
        *("--key-label", "room3", "--pin-file", str(folder / "pin")),
        str(folder / "film.dcm"),
    ]
    # A process of its own: the library reads its configuration once.
    done = run([sys.executable, "-m", "workers", *arguments])
    assert done.returncode == 0, done.stderr
    (signature,) = verify_file(folder / "film.signed.dcm")
    assert signature.integrity is Integrity.INTACT

    (folder / "pin").write_text("9999")
    done = run([sys.executable, "-m", "workers", *arguments])
    assert done.returncode == 2
    assert "refuses this PIN" in done.stderr
    assert "9999" not in done.stderr
