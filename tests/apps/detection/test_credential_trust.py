"""Anchors of content credentials: configured by file, named by the key of a run."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from pytest_django.fixtures import Settings

from apps.core.objects import iter_file, put_stream
from apps.detection import services
from apps.detection.models import AnalysisRun, LaneResult, RunStatus
from apps.detection.services import create_run
from apps.detection.tasks import run_detection
from apps.detection.trust import check_anchors, trust_of
from apps.imaging.models import Image as ImageRow
from apps.reading.services.cases import add_image_to_case
from tests.apps.detection.conftest import Lanes
from tests.conftest import Hospital
from tests.credentials import make_action, make_signer, sign_picture, write_anchors
from tests.factories import make_image
from workers.dicom.signatures.enrolment import digest_trust
from workers.lanes.provenance import ProvenanceLane
from workers.types import LaneName

pytestmark = pytest.mark.django_db


@pytest.fixture
def lanes(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> Lanes:
    """Return the counting lanes, but for provenance: that one is real."""
    made = [*lanes.values()]
    made[[*lanes].index(LaneName.PROVENANCE)] = ProvenanceLane()  # type: ignore[call-overload]
    monkeypatch.setattr(services, "active_lanes", lambda: tuple(made))
    return lanes


def make_plain() -> bytes:
    file = io.BytesIO()
    Image.new("L", (64, 48), 90).save(file, "PNG")
    return file.getvalue()


def register(hospital: Hospital, path: Path) -> ImageRow:
    row = make_image(hospital.blind)
    row.sha256 = put_stream(iter_file(path), max_bytes=1 << 22).sha256
    row.save()
    add_image_to_case(image=row, actor=None)
    return row


def analyse(image: ImageRow) -> tuple[AnalysisRun, set[str]]:
    run = create_run(image=image)
    run_detection(run_id=str(run.pk))
    run.refresh_from_db()
    assert run.status == RunStatus.DONE
    result = LaneResult.objects.get(run=run, lane="provenance")
    return run, {finding["code"] for finding in result.findings}


def test_a_run_under_other_anchors_is_another_run(
    hospital: Hospital, lanes: Lanes, tmp_path: Path, settings: Settings
) -> None:
    signer, stranger = make_signer(), make_signer(organisation="Others")
    path = tmp_path / "film.png"
    path.write_bytes(sign_picture(make_plain(), "PNG", signer, [make_action()]))
    image = register(hospital, path)
    runs = []
    for anchors, code in (
        ("", "c2pa_anchors_missing"),
        (write_anchors(tmp_path / "a.pem", [signer]), "c2pa_signer_trusted"),
        (write_anchors(tmp_path / "b.pem", [stranger]), "c2pa_signer_unknown"),
    ):
        settings.C2PA_ANCHORS = str(anchors)
        run, said = analyse(image)
        assert code in said
        runs.append(run)
    assert runs[0].trust_digest == ""
    assert len({run.trust_digest for run in runs}) == 3
    assert len({run.pk for run in runs}) == 3
    settings.C2PA_ANCHORS = str(tmp_path / "a.pem")
    assert create_run(image=image) == runs[1]


def test_anchors_of_signers_and_of_time_stamps_are_not_the_same(
    hospital: Hospital, tmp_path: Path, settings: Settings
) -> None:
    path = str(write_anchors(tmp_path / "a.pem", [make_signer()]))
    site_id = hospital.blind.site_id
    settings.C2PA_ANCHORS = path
    as_signers = trust_of(site_id=site_id)
    settings.C2PA_ANCHORS, settings.C2PA_TIME_ANCHORS = "", path
    as_stamps = trust_of(site_id=site_id)
    assert as_signers.credentials is not None
    assert as_stamps.credentials is not None
    assert as_signers.credentials.anchors == as_stamps.credentials.time_anchors
    assert as_stamps.credentials.anchors == ()
    assert as_signers.digest != as_stamps.digest
    settings.C2PA_TIME_ANCHORS = ""
    without = trust_of(site_id=site_id)
    assert without.credentials is None
    assert without.digest == digest_trust(without.signatures)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file"), (b"no certificate", "no certificates in PEM form")],
)
def test_a_file_that_cannot_be_used_stops_the_start(
    tmp_path: Path, settings: Settings, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "anchors.pem"
    if content is not None:
        path.write_bytes(content)
    for name in ("C2PA_ANCHORS", "C2PA_TIME_ANCHORS"):
        settings.C2PA_ANCHORS = settings.C2PA_TIME_ANCHORS = ""
        setattr(settings, name, str(path))
        (error,) = check_anchors()
        assert f"TRUEFILM_{name}" in error.msg
        assert reason in error.msg
    write_anchors(path, [make_signer()])
    assert check_anchors() == []
