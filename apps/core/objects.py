"""The content-addressed object store: exact bytes under their SHA-256."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from apps.core.errors import TooLarge
from workers.errors import TransientError

CHUNK_BYTES = 1024 * 1024
ABANDONED_AFTER_S = 24 * 3600


@dataclass(frozen=True)
class StoredBytes:
    """What the store knows of an object."""

    sha256: str
    size_bytes: int


class _LocalFile(File):  # type: ignore[type-arg]
    """A file that a folder storage may move instead of copy: the rename is atomic."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self._path = path

    def temporary_file_path(self) -> str:
        return str(self._path)


def _store() -> Storage:
    return storages["objects"]


def object_key(sha256: str) -> str:
    """Return the name under which the store keeps an object."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def put_stream(chunks: Iterable[bytes], *, max_bytes: int) -> StoredBytes:
    """Return what was stored, after the bytes are on disk (synced) or in the bucket.

    Memory stays at one chunk. Storing the same bytes again changes nothing.
    Raises TooLarge past `max_bytes`; TransientError if the disk or the bucket does not
    take the bytes now; whatever `chunks` raises. None of these leaves anything behind.
    """
    digest = hashlib.sha256()
    size = 0
    path = _new_part()
    try:
        with path.open("wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > max_bytes:
                    raise TooLarge(
                        f"The file is larger than {max_bytes // 1024**2} MiB."
                    )
                digest.update(chunk)
                _write(out, chunk)
            _sync(out)
        _save(path, object_key(digest.hexdigest()))
    finally:
        path.unlink(missing_ok=True)
    return StoredBytes(sha256=digest.hexdigest(), size_bytes=size)


def put_bytes(content: bytes) -> StoredBytes:
    """Store bytes that we made ourselves (heatmaps, reports)."""
    return put_stream([content], max_bytes=len(content))


def read_bytes(sha256: str) -> bytes:
    """Return a whole small object. Raises TransientError if it cannot be read now."""
    with open_local(sha256) as path:
        return path.read_bytes()


@contextmanager
def open_local(sha256: str) -> Iterator[Path]:
    """Yield a local path with the object's bytes; treat it as read-only.

    A folder store gives the file itself; a bucket is downloaded to a temporary file.
    Raises TransientError if the store cannot deliver it now.
    """
    store = _store()
    key = object_key(sha256)
    try:
        local = Path(store.path(key))
    except NotImplementedError:
        with _download(store, key) as path:
            yield path
        return
    if not local.is_file():
        raise TransientError("an object is missing from the store")
    yield local


def remove_abandoned_parts() -> int:
    """Return how many half-written files of killed processes were removed.

    Nobody writes one file for a day: what is older was never acknowledged.
    """
    removed = 0
    oldest_kept = time.time() - ABANDONED_AFTER_S
    for part in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.part"):
        if part.stat().st_mtime < oldest_kept:
            part.unlink(missing_ok=True)
            removed += 1
    return removed


def is_reachable() -> bool:
    """Return whether the store could take a film (for the readiness probe).

    A folder must be there (or be makeable) and writable; a bucket must answer.
    """
    store = _store()
    try:
        folder = Path(store.path(""))
    except NotImplementedError:
        try:
            store.exists("health")
        except (OSError, BotoCoreError, ClientError):
            return False
        return True
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def iter_file(path: Path) -> Iterator[bytes]:
    """Yield a file in chunks."""
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            yield chunk


def _new_part() -> Path:
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    try:
        incoming.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(suffix=".part", dir=incoming)
    except OSError as error:
        raise TransientError("the incoming folder cannot be written") from error
    os.close(descriptor)
    return Path(name)


def _write(out: IO[bytes], chunk: bytes) -> None:
    # Only our own writing is translated: an OSError of the source is the sender's.
    try:
        out.write(chunk)
    except OSError as error:
        raise TransientError("the disk did not take the bytes") from error


def _sync(out: IO[bytes]) -> None:
    try:
        out.flush()
        os.fsync(out.fileno())
    except OSError as error:
        raise TransientError("the disk did not take the bytes") from error


def _save(path: Path, key: str) -> None:
    store = _store()
    try:
        if store.exists(key):
            return
        # Two writers of the same bytes may both come here: settings let the store
        # overwrite, and by then both hold equal bytes.
        with _LocalFile(path) as content:
            store.save(key, content)
    except (OSError, BotoCoreError, ClientError) as error:
        raise TransientError("the object store did not take the bytes") from error


@contextmanager
def _download(store: Storage, key: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        path = Path(folder) / "object"
        try:
            with store.open(key, "rb") as source, path.open("wb") as out:
                for chunk in source.chunks(CHUNK_BYTES):
                    out.write(chunk)
        except (OSError, BotoCoreError, ClientError) as error:
            raise TransientError("the object store did not deliver") from error
        yield path
