"""What every object store must do: a folder and an S3 bucket run the same suite."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from moto import mock_aws
from pytest_django.fixtures import Settings

from apps.core.errors import TooLarge
from apps.core.objects import (
    is_reachable,
    object_key,
    open_local,
    put_bytes,
    put_stream,
    read_bytes,
)
from workers.errors import TransientError

BUCKET = "films"
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture
def bucket() -> Iterator[None]:
    """Answer every S3 call of this process from memory."""
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", **KEYS)
        client.create_bucket(Bucket=BUCKET)
        yield


def use_bucket(settings: Settings, url: str | None) -> None:
    options = {
        "bucket_name": BUCKET,
        "access_key": KEYS["aws_access_key_id"],
        "secret_key": KEYS["aws_secret_access_key"],
        "endpoint_url": url,
        "region_name": "us-east-1",
        "default_acl": None,
        "file_overwrite": True,
        "querystring_auth": True,
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "objects": backend}


@pytest.fixture(params=["folder", "s3"])
def kind(request: pytest.FixtureRequest, settings: Settings) -> str:
    """Return the kind of store in use."""
    if request.param == "s3":
        request.getfixturevalue("bucket")
        use_bucket(settings, None)
    return str(request.param)


def leftovers(settings: Settings) -> list[Path]:
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


@pytest.mark.parametrize("content", [b"", b"x", os.urandom(3 << 20)], ids=len)
def test_bytes_come_back_as_they_were_put(
    content: bytes, kind: str, settings: Settings
) -> None:
    chunks = [content[n : n + 100_000] for n in range(0, len(content), 100_000)]
    stored = put_stream(chunks, max_bytes=len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert stored.size_bytes == len(content)
    assert read_bytes(stored.sha256) == content
    with open_local(stored.sha256) as path:
        assert path.read_bytes() == content
    assert leftovers(settings) == []


def test_putting_the_same_bytes_again_changes_nothing(
    kind: str, settings: Settings
) -> None:
    first = put_bytes(b"the same film")
    second = put_bytes(b"the same film")
    assert first == second
    assert read_bytes(first.sha256) == b"the same film"
    assert leftovers(settings) == []


def test_bytes_over_the_limit_leave_nothing_behind(
    kind: str, settings: Settings
) -> None:
    content = os.urandom(3 << 20)
    with pytest.raises(TooLarge, match="larger than 2 MiB"):
        put_stream([content], max_bytes=2 << 20)
    with pytest.raises(TransientError):
        read_bytes(hashlib.sha256(content).hexdigest())
    assert leftovers(settings) == []


def test_a_sender_that_breaks_off_leaves_nothing_behind(
    kind: str, settings: Settings
) -> None:
    def break_off() -> Iterator[bytes]:
        yield b"half a film"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        put_stream(break_off(), max_bytes=1 << 20)
    with pytest.raises(TransientError):
        read_bytes(hashlib.sha256(b"half a film").hexdigest())
    assert leftovers(settings) == []


def test_an_object_that_is_not_there_may_come_later(kind: str) -> None:
    with pytest.raises(TransientError), open_local("0" * 64):
        pass
    with pytest.raises(TransientError):
        read_bytes("0" * 64)


def test_a_store_that_answers_is_reachable(kind: str) -> None:
    assert is_reachable()


def test_a_bucket_out_of_reach_may_be_back_later(settings: Settings) -> None:
    use_bucket(settings, "http://127.0.0.1:1")
    options = settings.STORAGES["objects"]["OPTIONS"]
    options["client_config"] = Config(retries={"total_max_attempts": 1})
    with pytest.raises(TransientError):
        put_bytes(b"film")
    with pytest.raises(TransientError):
        read_bytes("0" * 64)
    assert not is_reachable()
    assert leftovers(settings) == []


def test_a_folder_that_cannot_be_made_is_not_reachable_and_may_be_later(
    settings: Settings, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    objects = settings.STORAGES["objects"]
    options = {**objects["OPTIONS"], "location": str(in_the_way / "objects")}
    settings.STORAGES = {
        **settings.STORAGES, "objects": {**objects, "OPTIONS": options},
    }  # fmt: skip
    assert not is_reachable()
    with pytest.raises(TransientError):
        put_bytes(b"film")
    settings.FILE_UPLOAD_TEMP_DIR = str(in_the_way / "incoming")
    with pytest.raises(TransientError):
        put_bytes(b"film")


def test_keys_spread_over_folders() -> None:
    digest = hashlib.sha256(b"film").hexdigest()
    assert object_key(digest) == f"{digest[:2]}/{digest[2:4]}/{digest}"
