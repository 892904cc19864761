"""Nothing private is in the log: no name, number, file name or note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event
from apps.audit.selectors import find_first_bad_position
from tests.conftest import Hospital
from tests.dicom import write_film

ClientOf = Callable[[User], Client]
JSON = "application/json"
PRIVATE = {
    "name": "Zyxwvut^Quentin",
    "patient_id": "MRN-7771234",
    "file_name": "Zyxwvut_knee_film",
    "accession": "ACC99887766",
    "claim": "CLAIM-554433",
    "note": "Saw Mrs Zyxwvut on Monday",
    "description": "Knee of Quentin",
}


def _send_films(alice: Client, folder: Path) -> str:
    """Return the id of the case of a film that was sent twice and once broken."""
    film = write_film(
        folder / f"{PRIVATE['file_name']}.dcm",
        overrides={
            "PatientName": PRIVATE["name"],
            "PatientID": PRIVATE["patient_id"],
            "AccessionNumber": PRIVATE["accession"],
            "StudyDescription": PRIVATE["description"],
        },
    )
    broken = folder / f"{PRIVATE['file_name']}-broken.dcm"
    broken.write_bytes(film.read_bytes()[:700])
    body = {"worklist": "emergency", "claim_reference": PRIVATE["claim"]}
    upload = alice.post("/api/v1/uploads", body, content_type=JSON).json()
    for path in (film, film, broken):
        with path.open("rb") as content:
            address = f"/api/v1/uploads/{upload['id']}/files"
            assert alice.post(address, {"file": content}).status_code == 202
    case = alice.get("/api/v1/worklists/emergency/cases").json()["items"][0]
    assert case["patient"]["patient_id"] == PRIVATE["patient_id"]
    return str(case["id"])


def _read_case(alice: Client, case_id: str) -> None:
    base = f"/api/v1/cases/{case_id}"
    alice.get(base)
    alice.post(f"{base}/claim")
    answer = {"answer": "cannot_tell", "confidence": 2, "note": PRIVATE["note"]}
    assert alice.post(f"{base}/seal", answer, content_type=JSON).status_code == 201
    evidence = alice.get(f"{base}/evidence").json()
    verdict = {
        "opinion_sha256": evidence["opinion_sha256"],
        "decision": "inconclusive",
        "reason_codes": ["known_patient"],
        "note": PRIVATE["note"],
    }
    filed = alice.post(f"{base}/verdict", verdict, content_type=JSON)
    assert filed.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_no_leaf_holds_anything_private_after_the_whole_flow(
    hospital: Hospital, client_of: ClientOf, tmp_path: Path
) -> None:
    alice = client_of(hospital.alice)
    _read_case(alice, _send_films(alice, tmp_path))
    client_of(hospital.max).get("/api/v1/learning/labels.csv")
    page = client_of(hospital.lena).get("/api/v1/audit/events?limit=200")
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {
        "file_received", "file_duplicated", "file_quarantined", "image_registered",
        "case_opened", "run_finished", "case_viewed", "case_claimed", "read_sealed",
        "evidence_served", "verdict_filed", "labels_exported", "audit_read",
        "signed_in", "upload_opened",
    } <= kinds  # fmt: skip
    shown = "".join(Event.objects.values_list("leaf", flat=True))
    shown += "".join(str(data) for data in Event.objects.values_list("data", flat=True))
    shown = (shown + page.content.decode()).lower()
    words = [word for text in PRIVATE.values() for word in text.lower().split()]
    words += ["quentin", "zyxwvut", "alice@", "testserver"]
    for word in words:
        if len(word) > 4:
            assert word not in shown, word
    assert find_first_bad_position() is None
