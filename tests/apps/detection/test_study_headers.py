"""Films of a study are held against each other, within a site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.accounts.models import Department, Site
from apps.core.objects import iter_file, put_stream
from apps.detection import services
from apps.detection.models import AnalysisRun, IndexedHeader
from apps.detection.services import claim_run, create_run, execute_run
from apps.detection.study_headers import add_header, headers_beside
from apps.imaging.models import Image, Study
from apps.reading.services.cases import add_image_to_case
from tests.conftest import Hospital
from tests.dicom import write_film, write_png
from tests.factories import make_image
from workers.decode import decode_film
from workers.lanes.metadata import MetadataLane

pytestmark = pytest.mark.django_db

UID = "1.2.99.5"


@pytest.fixture(autouse=True)
def _metadata_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "active_lanes", lambda: (MetadataLane(),))


def _register(department: Department, path: Path, study: Study | None = None) -> Image:
    row = make_image(department, study=study)
    Study.objects.filter(pk=row.study_id).update(study_instance_uid=UID)
    row.study.refresh_from_db()
    stored = put_stream(iter_file(path), max_bytes=1 << 20)
    row.sha256 = stored.sha256
    row.save()
    add_image_to_case(image=row, actor=None)
    return row


def _film(folder: Path, name: str, **overrides: Any) -> Path:
    return write_film(folder / name, overrides={"StudyInstanceUID": UID, **overrides})


def _analyse(image: Image) -> set[str]:
    run = claim_run(run_id=str(create_run(image=image).pk))
    assert run is not None
    execute_run(run=run)
    (result,) = AnalysisRun.objects.get(pk=run.pk).lane_results.all()
    return {finding["code"] for finding in result.findings}


def test_second_patient_of_a_study_is_found(hospital: Hospital, tmp_path: Path) -> None:
    first = _register(hospital.blind, _film(tmp_path, "a.dcm"))
    other = _register(hospital.blind, _film(tmp_path, "b.dcm", PatientID="TEST-8"))
    assert first.study_id != other.study_id
    assert "study_of_several_patients" not in _analyse(first)
    assert "study_of_several_patients" in _analyse(other)


def test_film_that_fits_its_study_is_left_alone(
    hospital: Hospital, tmp_path: Path
) -> None:
    first = _register(hospital.blind, _film(tmp_path, "a.dcm"))
    second = _film(tmp_path, "b.dcm", SOPInstanceUID="1.2.99.8")
    other = _register(hospital.blind, second, first.study)
    assert _analyse(first) == _analyse(other) == set()
    assert IndexedHeader.objects.count() == 2


def test_films_of_another_site_are_not_known(
    hospital: Hospital, tmp_path: Path
) -> None:
    image = _register(hospital.blind, _film(tmp_path, "a.dcm"))
    _analyse(image)
    stranger = make_image(hospital.blind)
    stranger.study.study_instance_uid = UID
    assert len(headers_beside(stranger)) == 1
    stranger.site = Site.objects.create(name="South", slug="south")
    assert headers_beside(stranger) == ()


def test_equal_slices_are_told_once_in_one_query(
    hospital: Hospital,
    tmp_path: Path,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    film = decode_film(_film(tmp_path, "a.dcm"))
    image = _register(hospital.blind, _film(tmp_path, "b.dcm"))
    for _ in range(5):
        slice_row = make_image(hospital.blind, study=image.study)
        add_header(image=slice_row, film=film)
        add_header(image=slice_row, film=film)
    assert IndexedHeader.objects.count() == 5
    with django_assert_num_queries(1):
        assert len(headers_beside(image)) == 1


def test_nothing_identifying_is_kept_in_the_clear(
    hospital: Hospital, tmp_path: Path
) -> None:
    image = _register(hospital.blind, _film(tmp_path, "a.dcm"))
    _analyse(image)
    kept = repr(IndexedHeader.objects.values().get())
    assert not [word for word in ("TEST-7", "Test^Film", "19700101") if word in kept]


def test_picture_without_header_keeps_none(hospital: Hospital, tmp_path: Path) -> None:
    film = decode_film(_film(tmp_path, "a.dcm"))
    assert film.header is not None
    image = make_image(hospital.blind)
    path = write_png(tmp_path / "a.png", film.stored)
    add_header(image=image, film=decode_film(path))
    assert not IndexedHeader.objects.exists()
