"""Whose signatures count: given to the lanes, part of a run's key, and on the log."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.utils import timezone

from apps.accounts.models import Role, User
from apps.audit.models import Event, EventKind
from apps.core.objects import iter_file, put_stream
from apps.detection import services
from apps.detection.models import AnalysisRun, LaneResult, RunStatus
from apps.detection.services import create_run
from apps.detection.tasks import run_detection
from apps.imaging.device_models import Device, RevocationReason
from apps.imaging.models import Image
from apps.imaging.services.devices import revoke_certificate
from apps.reading.services.cases import add_image_to_case
from tests.apps.detection.conftest import Lanes
from tests.apps.imaging.registry import enrol, make_cert
from tests.conftest import Hospital
from tests.dicom import write_film
from tests.factories import make_image
from tests.pure.signatures.keys import make_key
from workers.dicom.signatures.profiles import CREATOR
from workers.dicom.signatures.sign import FileSigner, sign_file
from workers.lanes.provenance import ProvenanceLane
from workers.types import LaneName

pytestmark = pytest.mark.django_db
HEADER = {"DeviceSerialNumber": "SN-1", "Manufacturer": "Test Works"}


@pytest.fixture
def lanes(lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> Lanes:
    """Return the counting lanes, but for provenance: that one is real."""
    made = [*lanes.values()]
    made[[*lanes].index(LaneName.PROVENANCE)] = ProvenanceLane()  # type: ignore[call-overload]
    monkeypatch.setattr(services, "active_lanes", lambda: tuple(made))
    return lanes


@cache
def certificate_of_room() -> x509.Certificate:
    """Return Room 3's certificate; the same whenever it is asked."""
    return make_cert(1)


def make_signed_film(
    hospital: Hospital, tmp_path: Path, *, serial: str = "SN-1"
) -> Image:
    """Return a registered film that Room 3's key signed."""
    path = write_film(
        tmp_path / "plain.dcm", overrides={**HEADER, "DeviceSerialNumber": serial}
    )
    signer = FileSigner(certificate_of_room(), make_key("p256", 1))
    at = timezone.now() - dt.timedelta(hours=1)
    signed = sign_file(path.read_bytes(), signer=signer, profile=CREATOR, at=at)
    (tmp_path / "signed.dcm").write_bytes(signed)
    row = make_image(hospital.blind)
    stored = put_stream(iter_file(tmp_path / "signed.dcm"), max_bytes=1 << 22)
    row.sha256 = stored.sha256
    row.save()
    add_image_to_case(image=row, actor=None)
    return row


def enrol_room(hospital: Hospital) -> Device:
    return enrol(hospital.ada, certificate=certificate_of_room())


def analyse(image: Image) -> AnalysisRun:
    run = create_run(image=image)
    run_detection(run_id=str(run.pk))
    run.refresh_from_db()
    assert run.status == RunStatus.DONE
    return run


def said_of(run: AnalysisRun) -> list[str]:
    result = LaneResult.objects.get(run=run, lane="provenance")
    return [finding["code"] for finding in result.findings]


def revoke(device: Device, actor: User) -> None:
    revoke_certificate(
        device=device,
        actor=actor,
        certificate_id=device.certificates.get().pk,
        reason=RevocationReason.KEY_COMPROMISE,
        revoked_at=timezone.now(),
    )


def test_a_film_of_an_enrolled_device_is_stated_as_trusted(
    hospital: Hospital, lanes: Lanes, tmp_path: Path
) -> None:
    device = enrol_room(hospital)
    run = analyse(make_signed_film(hospital, tmp_path))
    assert said_of(run)[0] == "signature_trusted_device"
    assert run.override == "signature_trusted_device"
    finding = LaneResult.objects.get(run=run, lane="provenance").findings[0]
    assert finding["detail"]["device"] == str(device.pk)
    assert "Room 3" in finding["text"]


def test_a_film_that_names_another_serial_number_is_a_finding(
    hospital: Hospital, lanes: Lanes, tmp_path: Path
) -> None:
    enrol_room(hospital)
    run = analyse(make_signed_film(hospital, tmp_path, serial="SN-666"))
    assert said_of(run)[0] == "signature_other_device"
    assert run.flagged
    assert run.top_lane == "provenance"


def test_a_device_of_another_site_is_nobody_here(
    hospital: Hospital, charlie: User, lanes: Lanes, tmp_path: Path
) -> None:
    User.objects.filter(pk=charlie.pk).update(role=Role.ADMIN)
    enrol(charlie, certificate=certificate_of_room())
    run = analyse(make_signed_film(hospital, tmp_path))
    assert said_of(run)[0] == "signature_unknown_signer"
    assert run.trust_digest == ""


def test_what_was_said_under_another_trust_stays_and_can_be_said_anew(
    hospital: Hospital, lanes: Lanes, tmp_path: Path
) -> None:
    image = make_signed_film(hospital, tmp_path)
    unknown = analyse(image)
    device = enrol_room(hospital)
    trusted = analyse(image)
    assert create_run(image=image) == trusted
    revoke(device, hospital.ada)
    revoked = analyse(image)
    assert [said_of(run)[0] for run in (unknown, trusted, revoked)] == [
        "signature_unknown_signer",
        "signature_trusted_device",
        "signature_revoked",
    ]
    digests = [run.trust_digest for run in (unknown, trusted, revoked)]
    assert digests[0] == ""
    assert len(set(digests)) == 3
    logged = Event.objects.filter(kind=EventKind.RUN_FINISHED).order_by("position")
    assert [event.data["trust_digest"] for event in logged] == digests


def test_a_run_that_waited_is_stated_under_the_trust_of_when_it_is_made(
    hospital: Hospital, lanes: Lanes, tmp_path: Path
) -> None:
    run = create_run(image=make_signed_film(hospital, tmp_path))
    LaneResult.objects.create(
        run=run,
        lane="provenance",
        version="old",
        status="clear",
        reason="Said before the device was enrolled.",
        seconds=1,
    )
    enrol_room(hospital)
    run_detection(run_id=str(run.pk))
    run.refresh_from_db()
    assert run.status == RunStatus.DONE
    assert run.trust_digest != ""
    assert said_of(run)[0] == "signature_trusted_device"
    assert not run.lane_results.filter(version="old").exists()


def test_a_key_names_the_trust_that_the_lanes_were_given(
    hospital: Hospital, lanes: Lanes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = enrol_room(hospital)
    image = make_signed_film(hospital, tmp_path)
    run = create_run(image=image)
    named = run.trust_digest
    behave = lanes[LaneName.CONTAINER].behave

    def revoke_meanwhile(name: LaneName) -> Any:
        revoke(device, hospital.ada)
        return behave(name)

    lanes[LaneName.CONTAINER].behave = revoke_meanwhile
    run_detection(run_id=str(run.pk))
    run.refresh_from_db()
    assert run.trust_digest == named
    assert said_of(run)[0] == "signature_trusted_device"
    assert create_run(image=image) != run
