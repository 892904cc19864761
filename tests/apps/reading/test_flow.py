"""From a received file to a label, through the API, with the real lanes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event
from apps.audit.selectors import find_first_bad_position
from tests.conftest import Hospital
from tests.dicom import write_film

pytestmark = pytest.mark.django_db(transaction=True)
JSON = "application/json"


def _upload(browser: Client, path: Path) -> None:
    upload = browser.post(
        "/api/v1/uploads", {"worklist": "emergency"}, content_type=JSON
    ).json()
    with path.open("rb") as film:
        answer = browser.post(f"/api/v1/uploads/{upload['id']}/files", {"file": film})
    assert answer.status_code == 202, answer.content
    items = browser.get(f"/api/v1/uploads/{upload['id']}/items").json()["items"]
    assert [item["status"] for item in items] == ["stored"]


def test_a_film_goes_from_upload_to_label(
    hospital: Hospital, client_of: Callable[[User], Client], tmp_path: Path
) -> None:
    alice = client_of(hospital.alice)
    _upload(alice, write_film(tmp_path / "film.dcm"))

    rows = alice.get("/api/v1/worklists/emergency/cases").json()
    assert rows["total"] == 1
    case = rows["items"][0]
    assert case["state"] == "ready"
    assert case["progress"] == {"done": 6, "total": 6}
    assert "triage" not in case

    base = f"/api/v1/cases/{case['id']}"
    assert alice.get(f"{base}/evidence").status_code == 403
    sealed = alice.post(
        f"{base}/seal", {"answer": "authentic", "confidence": 3}, content_type=JSON
    )
    assert sealed.status_code == 201, sealed.content
    evidence = alice.get(f"{base}/evidence").json()
    lanes = [lane["lane"] for lane in evidence["images"][0]["lanes"]]
    assert lanes == [
        "container", "provenance", "metadata", "reuse", "synthesis", "tamper",
    ]  # fmt: skip
    decision = "overrule" if evidence["flagged"] else "confirm"
    verdict = alice.post(
        f"{base}/verdict",
        {
            "decision": decision,
            "reason_codes": ["natural_noise"],
            "opinion_sha256": evidence["opinion_sha256"],
        },
        content_type=JSON,
    )
    assert verdict.status_code == 201, verdict.content
    assert verdict.json()["outcome"] == "authentic"

    table = client_of(hospital.max).get("/api/v1/learning/labels.csv")
    (label,) = csv.DictReader(io.StringIO(table.content.decode()))
    assert label["outcome"] == "authentic"
    assert label["mode"] == "blind_first"

    kinds = list(Event.objects.order_by("position").values_list("kind", flat=True))
    assert kinds.index("read_sealed") < kinds.index("evidence_served")
    assert kinds[-1] == "labels_exported"
    assert find_first_bad_position() is None
