"""The environment is read strictly: a typo stops the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.config.env import load_environment

ROOT = Path(__file__).resolve().parents[3]
KNOWN = ("TRUEFILM_PORT", "TRUEFILM_SECRET_KEY")
SECRETS = ("TRUEFILM_SECRET_KEY",)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TRUEFILM_")]:
        monkeypatch.delenv(name)
    # Known to monkeypatch, so that what a test makes us write is taken back.
    monkeypatch.setenv("TRUEFILM_SECRET_KEY", "")
    monkeypatch.delenv("TRUEFILM_SECRET_KEY")


def load(env_file: Path) -> object:
    return load_environment(env_file, known=KNOWN, secrets=SECRETS)


def test_an_unknown_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRUEFILM_SECRET_KYE", "x")
    with pytest.raises(ImproperlyConfigured, match="TRUEFILM_SECRET_KYE") as refusal:
        load(tmp_path / ".env")
    assert "docs/settings.md" in str(refusal.value)


def test_only_a_secret_may_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRUEFILM_PORT_FILE", str(tmp_path / "port"))
    with pytest.raises(ImproperlyConfigured, match="TRUEFILM_PORT_FILE"):
        load(tmp_path / ".env")


def test_a_secret_is_read_from_its_file_without_the_line_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("TRUEFILM_SECRET_KEY_FILE", str(tmp_path / "key"))
    load(tmp_path / ".env")
    assert os.environ["TRUEFILM_SECRET_KEY"] == "from a file"


def test_a_secret_is_not_given_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("one")
    monkeypatch.setenv("TRUEFILM_SECRET_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("TRUEFILM_SECRET_KEY", "two")
    with pytest.raises(ImproperlyConfigured, match="not both") as refusal:
        load(tmp_path / ".env")
    assert "two" not in str(refusal.value)


def test_a_secret_file_that_is_missing_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRUEFILM_SECRET_KEY_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        load(tmp_path / ".env")


def test_the_environment_wins_over_the_env_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("TRUEFILM_PORT=1\nTRUEFILM_SECRET_KEY=filed\n")
    monkeypatch.setenv("TRUEFILM_PORT", "2")
    load(tmp_path / ".env")
    assert os.environ["TRUEFILM_PORT"] == "2"
    assert os.environ["TRUEFILM_SECRET_KEY"] == "filed"


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({}, "TRUEFILM_SECRET_KEY is not set"),
        ({"TRUEFILM_SECRET_KEY": "k", "TRUEFILM_PROT": "1"}, "TRUEFILM_PROT"),
        ({"TRUEFILM_SECRET_KEY": "k", "TRUEFILM_PORT": "http"}, "http"),
        (
            {"TRUEFILM_SECRET_KEY": "k", "TRUEFILM_OBJECT_STORE": "tape"},
            "must be 'folder' or 's3'",
        ),
        (
            {"TRUEFILM_SECRET_KEY": "k", "TRUEFILM_REDIS_URL": "redis://h:1/3"},
            "must not name a database",
        ),
        ({"TRUEFILM_SECRET_KEY": "k", "TRUEFILM_OBJECT_STORE": "s3"}, "S3_BUCKET"),
        ({"TRUEFILM_SECRET_KEY": "k", "TRUEFILM_PREVALENCE": "1"}, "between 0 and 1"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(
    variables: dict[str, str], message: str, tmp_path: Path
) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TRUEFILM_")}
    # Read from a folder without `.env`, as a fresh machine has none.
    ended = subprocess.run(
        [sys.executable, "-c", "import apps.config.settings"],
        env={
            **clean,
            "PYTHONPATH": str(ROOT),
            "TRUEFILM_DATA_DIR": str(tmp_path),
            **variables,
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert message in ended.stderr
