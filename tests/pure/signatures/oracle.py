"""DCMTK's dcmsign, which signs what we must verify and verifies what we sign."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509

from tests.pure.signatures.keys import Key, pem_of

SECONDS = 30
# sitypes.cc, siexit.h: an untrusted certificate and a broken signature both end in 101.
OK = "Signature Verification : OK"


def find_tool(name: str = "dcmsign") -> str:
    """Return where a tool of DCMTK is; skip without it, but CI must have it."""
    path = shutil.which(name)
    if path is None:
        message = f"{name} is missing (Debian: apt install dcmtk)"
        assert not os.environ.get("CI"), message
        pytest.skip(message)
    return path


def sign(
    source: Path,
    target: Path,
    key: Key,
    certificate: x509.Certificate,
    *options: str,
) -> bytes:
    """Sign a file by dcmsign; return the bytes that it fed into the digest."""
    folder = target.parent
    (folder / "key.pem").write_bytes(pem_of(key))
    (folder / "certificate.pem").write_bytes(pem_of(certificate))
    dump = folder / "dump.bin"
    run(
        "+s",
        folder / "key.pem",
        folder / "certificate.pem",
        *options,
        "+d",
        dump,
        source,
        target,
    )
    return dump.read_bytes()


def count_intact(path: Path, *trusted: x509.Certificate) -> tuple[int, int]:
    """Return how many signatures dcmsign finds intact and trusted, and how many."""
    options: list[str | Path] = []
    for number, certificate in enumerate(trusted):
        file = path.parent / f"trusted-{number}.pem"
        file.write_bytes(pem_of(certificate))
        options += ["+cf", file]
    told = run("--verify", *options, path, may_fail=True)
    return told.count(OK), told.count("UID=")


def run(*arguments: str | Path, may_fail: bool = False) -> str:
    """Run dcmsign; return what it told."""
    done = subprocess.run(
        [find_tool(), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert may_fail or done.returncode == 0, done.stderr
    return done.stderr
