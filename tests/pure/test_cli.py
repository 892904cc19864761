"""`python -m workers` on files and folders."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.credentials import make_action, make_signer, sign_picture, write_anchors
from workers.__main__ import main
from workers.types import LaneName


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two films, a broken one, a note and a hidden file."""
    root = tmp_path / "films"
    (root / "inner").mkdir(parents=True)
    rng = np.random.default_rng(1)
    for name in ("a.png", "inner/b.jpg"):
        grey = rng.integers(60, 190, (300, 280)).astype(np.uint8)
        cv2.imwrite(str(root / name), cv2.GaussianBlur(grey, (0, 0), 1))
    (root / "broken.dcm").write_bytes(b"")
    (root / "notes.txt").write_text("not a film")
    (root / ".hidden.png").write_bytes(b"")
    return root


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_image_is_one_json_object_of_the_agreed_shape(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(folder / "a.png"), "--jsonl"]) == 0
    (row,) = _lines(capsys)
    assert list(row) == ["path", "sha256", "suspicion", "flagged", "lanes", "seconds"]
    assert list(row["lanes"]) == [str(name) for name in LaneName]
    for lane in row["lanes"].values():
        assert list(lane) == ["status", "suspicion", "reason", "findings"]


def test_folder_is_walked_and_one_bad_file_does_not_stop_the_rest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(folder), "--jsonl"]) == 1
    rows = {Path(row["path"]).name: row for row in _lines(capsys)}
    assert set(rows) == {"a.png", "b.jpg", "broken.dcm"}
    assert rows["broken.dcm"]["error"]["code"] == "empty"
    assert set(rows["broken.dcm"]) == {"path", "error"}
    assert "suspicion" in rows["b.jpg"]


def test_all_files_tries_files_of_other_names_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(folder), "--jsonl", "--all-files"]) == 1
    rows = {Path(row["path"]).name: row for row in _lines(capsys)}
    assert "error" in rows["notes.txt"]


def _write_colour_picture(path: Path) -> Path:
    """Write hues that no tint explains, with grain."""
    rng = np.random.default_rng(2)
    hues = cv2.resize(rng.random((4, 4, 3)), (400, 400), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 0.02, hues.shape)
    levels = np.clip((hues + grain) * 255, 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), levels)
    return path


def test_any_content_lets_the_synthesis_lane_judge_what_is_no_radiograph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(_write_colour_picture(tmp_path / "picture.png"))
    main(["analyze", path, "--jsonl"])
    main(["analyze", path, "--jsonl", "--any-content"])
    without, with_it = (row["lanes"]["synthesis"] for row in _lines(capsys))
    assert without["status"] == "not_assessable"
    assert "colour" in without["reason"]
    assert with_it["status"] in ("clear", "finding")
    assert with_it["suspicion"] is not None


def test_more_tiles_on_request_change_how_many_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grain = np.random.default_rng(3).normal(120, 6, (700, 640))
    path = tmp_path / "film.png"
    cv2.imwrite(str(path), np.clip(grain, 0, 255).astype(np.uint8))
    for count in ("1", "20"):
        argv = ["analyze", str(path), "--jsonl", "--any-content", "--tiles", count]
        assert main(argv) == 0
    one, twenty = (row["lanes"]["synthesis"]["suspicion"] for row in _lines(capsys))
    assert one is not None
    assert twenty is not None
    assert one != twenty


@pytest.mark.parametrize("count", ["0", "401", "-3", "many", "1.5"])
def test_number_of_tiles_out_of_bounds_is_refused(
    count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_info:
        main(["analyze", "film.png", f"--tiles={count}"])
    assert exit_info.value.code == 2
    assert "from 1 to 400" in capsys.readouterr().err


def test_missing_file_is_an_error_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["analyze", str(tmp_path / "none.dcm"), "--jsonl"]) == 1
    (row,) = _lines(capsys)
    assert set(row["error"]) == {"code", "message"}


def test_table_for_people_has_one_line_per_film(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["analyze", str(folder)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "suspicion"
    assert len(lines) == 4


@pytest.mark.parametrize("argv", [[], ["dance"]])
def test_unknown_command_shows_the_usage(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    assert "analyze" in capsys.readouterr().err


@pytest.mark.slow
def test_analysis_imports_no_web_framework_and_no_training() -> None:
    code = (
        "import sys, workers.__main__, workers.cli.analyze\n"
        "names = {name.split('.')[0] for name in sys.modules}\n"
        "bad = names & {'django', 'celery', 'channels', 'redis', 'apps', 'sklearn'}\n"
        "bad |= {n for n in sys.modules if n.startswith('workers.training')}\n"
        "print(sorted(bad))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_anchors_named_on_the_command_line_make_a_signer_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    signer = make_signer()
    plain = cv2.imencode(".png", np.full((64, 64), 90, np.uint8))[1].tobytes()
    film = tmp_path / "film.png"
    film.write_bytes(sign_picture(plain, "PNG", signer, [make_action(source="print")]))
    anchors = write_anchors(tmp_path / "anchors.pem", [signer])
    for options, code in (
        ([], "c2pa_anchors_missing"),
        (["--c2pa-anchors", str(anchors)], "c2pa_signer_trusted"),
    ):
        assert main(["analyze", str(film), "--jsonl", *options]) == 0
        (row,) = _lines(capsys)
        found = row["lanes"]["provenance"]["findings"]
        assert code in [finding["code"] for finding in found]


@pytest.mark.parametrize("content", [b"", b"no certificate", None])
def test_anchors_that_cannot_be_read_are_refused_at_once(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    anchors = tmp_path / "anchors.pem"
    if content is not None:
        anchors.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main(["analyze", str(tmp_path), "--c2pa-anchors", str(anchors)])
    assert stop.value.code == 2
    assert "--c2pa-anchors" in capsys.readouterr().err
