"""The demo studies: true, marked as demo, blind and the same every time."""

import hashlib
import itertools
import re
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import JPEG2000Lossless

from workers.decode import decode_film
from workers.demo import DemoFilm, write_demo_studies
from workers.errors import UnreadableFile
from workers.lanes.reuse import MAX_DISTANCE_BITS, make_fingerprint
from workers.lanes.tamper import TamperLane
from workers.types import Context, LaneName, LaneStatus, Region

pytestmark = pytest.mark.slow

pytest.importorskip("data_store", reason="needs the package pydicom-data")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> tuple[DemoFilm, ...]:
    return write_demo_studies(tmp_path_factory.mktemp("demo"))


def _of_kind(films: tuple[DemoFilm, ...], kind: str) -> list[DemoFilm]:
    return [film for film in films if film.kind == kind]


def test_demo_holds_every_kind_of_study(films: tuple[DemoFilm, ...]) -> None:
    assert {film.kind for film in films} == {
        "untouched",
        "lossless_copy",
        "copy_move",
        "resynthesise_region",
        "resynthesise_image",
        "resynthesise_image_declared",
        "reuse",
        "forge_header",
        "photograph_screen",
        "truncate",
    }
    assert len(films) >= 14


def test_both_worklists_hold_authentic_and_suspicious_films(
    films: tuple[DemoFilm, ...],
) -> None:
    for worklist in ("blind", "triage"):
        truths = [film.truth for film in films if film.worklist == worklist]
        assert truths.count("authentic") >= 2
        assert truths.count("suspicious") >= 2


def test_same_bytes_every_time(films: tuple[DemoFilm, ...], tmp_path: Path) -> None:
    def digests(made: tuple[DemoFilm, ...]) -> list[str]:
        return [hashlib.sha256(film.path.read_bytes()).hexdigest() for film in made]

    assert digests(write_demo_studies(tmp_path)) == digests(films)


def test_demo_is_small(films: tuple[DemoFilm, ...]) -> None:
    assert sum(film.path.stat().st_size for film in films) < 120e6


def test_all_are_marked_as_demo_and_none_names_the_answer(
    films: tuple[DemoFilm, ...],
) -> None:
    hint = re.compile(r"fake|forg|synth|tamper|copy|reus|real|auth|untouch|photo", re.I)
    for film in films:
        assert re.fullmatch(r"DEMO-\d{4}\.(dcm|png)", film.path.name)
        if film.path.suffix != ".dcm" or film.truth == "unreadable":
            continue
        header = dcmread(film.path, stop_before_pixels=True)
        assert header.PatientID == film.patient_id
        assert str(header.PatientName).startswith("DEMO^")
        assert header.ContentQualification == "RESEARCH"
        named = f"{header.PatientName} {header.StudyDescription} {header.StudyID}"
        assert not hint.search(named)
        assert "CompressedSamples" not in str(header)


def test_synthetic_data_is_declared_on_one_film_only(
    films: tuple[DemoFilm, ...],
) -> None:
    declared = [
        film.kind
        for film in films
        if film.path.suffix == ".dcm"
        and film.truth != "unreadable"
        and "SyntheticData" in dcmread(film.path, stop_before_pixels=True)
    ]
    assert declared == ["resynthesise_image_declared"]


def test_every_readable_film_decodes_and_the_cut_one_is_refused(
    films: tuple[DemoFilm, ...],
) -> None:
    for film in films:
        if film.truth == "unreadable":
            with pytest.raises(UnreadableFile) as caught:
                decode_film(film.path)
            assert caught.value.code == "truncated"
        else:
            assert min(decode_film(film.path).luma.shape) >= 512


def test_only_the_reused_film_matches_another(films: tuple[DemoFilm, ...]) -> None:
    prints = {
        film.path.stem: make_fingerprint(decode_film(film.path))
        for film in films
        if film.truth != "unreadable"
    }
    full = (1 << 64) - 1
    near = set()
    for (a, first), (b, second) in itertools.combinations(prints.items(), 2):
        distances = [(p ^ second.phashes[0]).bit_count() for p in first.phashes]
        distances += [(p ^ second.phashes[0] ^ full).bit_count() for p in first.phashes]
        if min(distances) <= MAX_DISTANCE_BITS:
            near.add((a, b))
    (reused,) = _of_kind(films, "reuse")
    assert [pair[1] for pair in near] == [reused.path.stem]


def test_one_patient_has_a_prior_of_the_same_part(
    films: tuple[DemoFilm, ...],
) -> None:
    studies: dict[str, list[DemoFilm]] = {}
    for film in films:
        studies.setdefault(film.patient_id, []).append(film)
    (pair,) = [found for found in studies.values() if len(found) > 1]
    new, old = (dcmread(film.path, stop_before_pixels=True) for film in pair)
    assert old.StudyDate < new.StudyDate
    assert old.StudyInstanceUID != new.StudyInstanceUID
    assert old.PatientName == new.PatientName
    assert old.PatientBirthDate == new.PatientBirthDate
    assert old.StudyDescription == new.StudyDescription
    assert [film.truth for film in pair] == ["authentic", "authentic"]
    # Else who reads one could not compare it with the other.
    assert pair[0].worklist == pair[1].worklist


def test_lossless_copy_is_compressed(films: tuple[DemoFilm, ...]) -> None:
    (film,) = _of_kind(films, "lossless_copy")
    header = dcmread(film.path, stop_before_pixels=True)
    assert header.file_meta.TransferSyntaxUID == JPEG2000Lossless


def test_tamper_lane_finds_the_copied_parts_and_clears_the_untouched(
    films: tuple[DemoFilm, ...],
) -> None:
    lane = TamperLane()
    for film in _of_kind(films, "copy_move"):
        answer = lane.assess(decode_film(film.path), Context())
        assert answer.status is LaneStatus.FINDING
        boxes = [answer.findings[0].region]
        boxes.append(Region(**answer.findings[0].detail["other_region"]))
        assert any(_touches(box, film.region) for box in boxes)
    for film in _of_kind(films, "untouched"):
        answer = lane.assess(decode_film(film.path), Context())
        assert answer.status is LaneStatus.CLEAR


def _touches(a: Region | None, b: Region | None) -> bool:
    assert a is not None
    assert b is not None
    rows = min(a.row + a.height, b.row + b.height) - max(a.row, b.row)
    columns = min(a.column + a.width, b.column + b.width) - max(a.column, b.column)
    return rows > 0 and columns > 0


def test_authentic_films_name_no_lane(films: tuple[DemoFilm, ...]) -> None:
    for film in films:
        named = film.lane is not None
        assert named == (film.truth == "suspicious")
    assert {film.lane for film in films} - {None} == set(LaneName)
