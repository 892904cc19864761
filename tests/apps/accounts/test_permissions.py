"""Every operation of the API against every role; what is not listed fails the test."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client

from apps.accounts.models import ApiToken, Role, User
from apps.accounts.permissions import PERMISSIONS_BY_ROLE, Permission
from apps.config.api import api
from apps.learning.models import PracticeFilm
from apps.reading.models import ReasonCode
from tests.conftest import Hospital

pytestmark = pytest.mark.django_db

EVERYONE = None
READ, UPLOAD = Permission.READ_CASES, Permission.UPLOAD
ADJUDICATE = Permission.ADJUDICATE
AUDIT, EXPORT = Permission.VIEW_AUDIT, Permission.EXPORT_LABELS
RIGHTS: dict[str, Permission | None] = {
    "GET /me": EVERYONE,
    "GET /me/reading": READ,
    "GET /worklists": UPLOAD,
    "GET /worklists/{slug}/cases": READ,
    "POST /worklists/{slug}/cases/search": READ,
    "POST /worklists/{slug}/cases/rows": READ,
    "POST /worklists/{slug}/cases/bulk": READ,
    "GET /worklists/{slug}/people": READ,
    "GET /worklists/{slug}/stretch": READ,
    "POST /worklists/{slug}/cases/csv": Permission.EXPORT_CASES,
    "GET /worklists/{slug}/views": READ,
    "POST /worklists/{slug}/views": READ,
    "PUT /worklists/{slug}/views/{view_id}": READ,
    "DELETE /worklists/{slug}/views/{view_id}": READ,
    "PUT /me/columns/{mode}": READ,
    "PUT /me/keys": EVERYONE,
    "GET /cases/{case_id}": READ,
    "GET /cases/{case_id}/next": READ,
    "GET /cases/{case_id}/timeline": READ,
    "GET /cases/{case_id}/drafts": READ,
    "PUT /cases/{case_id}/drafts/{step}": READ,
    "DELETE /cases/{case_id}/drafts/{step}": READ,
    "PUT /cases/{case_id}/presence/{tab}": READ,
    "DELETE /cases/{case_id}/presence/{tab}": READ,
    "GET /questions": READ,
    "GET /cases/{case_id}/questions": READ,
    "POST /cases/{case_id}/questions": READ,
    "POST /cases/{case_id}/questions/{question_id}/reply": READ,
    "GET /notifications": EVERYONE,
    "POST /notifications/mark": EVERYONE,
    "GET /cases/{case_id}/priors": READ,
    "GET /cases/{case_id}/matches": READ,
    "POST /cases/{case_id}/claim": READ,
    "DELETE /cases/{case_id}/claim": READ,
    "POST /cases/{case_id}/seal": READ,
    "GET /cases/{case_id}/evidence": READ,
    "GET /cases/{case_id}/evidence/{image_id}/{lane}/heatmap": READ,
    "POST /cases/{case_id}/verdict": READ,
    "GET /worklists/{slug}/queues": READ,
    "POST /cases/{case_id}/verdict/amend": READ,
    "GET /cases/{case_id}/adjudication": ADJUDICATE,
    "POST /cases/{case_id}/adjudication": ADJUDICATE,
    "GET /cases/{case_id}/authorizations": READ,
    "POST /cases/{case_id}/films/{image_id}/authorization": READ,
    "GET /cases/{case_id}/authorizations/{authorization_id}/file": READ,
    "POST /cases/{case_id}/reopen": ADJUDICATE,
    "GET /reason-codes": READ,
    "POST /uploads": UPLOAD,
    "GET /uploads": UPLOAD,
    "GET /uploads/{upload_id}": UPLOAD,
    "POST /uploads/{upload_id}/files": UPLOAD,
    "GET /uploads/{upload_id}/items": UPLOAD,
    "POST /uploads/{upload_id}/cancel": UPLOAD,
    "POST /studies": UPLOAD,
    "GET /quarantine": Permission.VIEW_QUARANTINE,
    "POST /quarantine/search": Permission.VIEW_QUARANTINE,
    "GET /images/{image_id}": READ,
    "GET /images/{image_id}/series": READ,
    "GET /images/{image_id}/frames/{frame}": READ,
    "GET /images/{image_id}/preview": READ,
    "GET /audit/events": AUDIT,
    "GET /audit/events/{position}/proof": AUDIT,
    "GET /audit/kinds": AUDIT,
    "GET /insights/summary": Permission.VIEW_INSIGHTS,
    "GET /insights/canaries": Permission.VIEW_INSIGHTS,
    "GET /insights/audits": Permission.VIEW_INSIGHTS,
    "GET /learning/labels": EXPORT,
    "GET /learning/labels.csv": EXPORT,
    "GET /learning/labels.parquet": EXPORT,
    "GET /learning/models": Permission.VIEW_MODELS,
    "GET /practice": READ,
    "GET /practice/progress": READ,
    "POST /practice/sessions": READ,
    "GET /practice/sessions/{session_id}": READ,
    "POST /practice/sessions/{session_id}/end": READ,
    "GET /practice/films/{item_id}": READ,
    "POST /practice/films/{item_id}/answer": READ,
    "GET /practice/films/{item_id}/image": READ,
    "GET /practice/films/{item_id}/image/frames/{frame}": READ,
    "GET /practice/films/{item_id}/{lane}/heatmap": READ,
    "GET /devices": Permission.VIEW_DEVICES,
    "POST /devices": Permission.MANAGE_DEVICES,
    "POST /devices/inspect": Permission.MANAGE_DEVICES,
    "GET /devices/{device_id}": Permission.VIEW_DEVICES,
    "PUT /devices/{device_id}": Permission.MANAGE_DEVICES,
    "POST /devices/{device_id}/certificate": Permission.MANAGE_DEVICES,
    "POST /devices/{device_id}/revoke": Permission.MANAGE_DEVICES,
    "POST /devices/{device_id}/retire": Permission.MANAGE_DEVICES,
    "GET /devices/authorities": Permission.VIEW_DEVICES,
    "POST /devices/authorities": Permission.MANAGE_DEVICES,
    "POST /devices/authorities/{authority_id}/withdraw": Permission.MANAGE_DEVICES,
    "POST /devices/revocation-lists": Permission.MANAGE_DEVICES,
}
# What no path parameter stands for is looked at once the role is allowed: the refusal
# of a body that is no certificate.
REFUSED_CONTENT = {
    *("POST /devices", "POST /devices/inspect"),
    *("POST /devices/authorities", "POST /devices/revocation-lists"),
}
DEVICE = {"name": "Room 3", "manufacturer": "Test Works", "serial_number": "SN-1"}
# Bodies that pass validation, so that the refusal is the role's and not the body's.
BODIES: dict[str, dict[str, object]] = {
    "POST /cases/{case_id}/seal": {"answer": "authentic", "confidence": 3},
    "POST /cases/{case_id}/verdict": {
        "decision": "confirm", "reason_codes": ["natural_noise"],
        "opinion_sha256": "0" * 64,
    },
    "POST /cases/{case_id}/verdict/amend": {
        "decision": "confirm", "reason_codes": ["natural_noise"],
        "replaces": str(uuid.uuid4()), "reason": "A slip.",
    },
    "POST /cases/{case_id}/adjudication": {
        "outcome": "authentic", "reason_codes": ["natural_noise"], "note": "Both.",
        "verdicts": [str(uuid.uuid4())],
    },
    "POST /cases/{case_id}/reopen": {"reason": "New prior films."},
    "PUT /cases/{case_id}/drafts/{step}": {"revision": 0},
    "POST /cases/{case_id}/questions": {"person_id": str(uuid.uuid4())},
    "POST /cases/{case_id}/questions/{question_id}/reply": {"text": "Natural."},
    "POST /notifications/mark": {"ids": []},
    "POST /uploads": {"worklist": "nowhere"},
    "POST /practice/films/{item_id}/answer": {"answer": "authentic", "confidence": 3},
    "POST /worklists/{slug}/cases/rows": {"ids": []},
    "POST /worklists/{slug}/cases/bulk": {"action": "release"},
    "PUT /me/columns/{mode}": {"columns": []},
    "PUT /me/keys": {"keys": {}},
    "POST /worklists/{slug}/views": {"name": "Night"},
    "PUT /worklists/{slug}/views/{view_id}": {"name": "Night"},
    "POST /devices": {**DEVICE, "certificate": "none"},
    "POST /devices/inspect": {"content": "none"},
    "PUT /devices/{device_id}": {**DEVICE, "version": 1},
    "POST /devices/{device_id}/certificate": {"certificate": "none", "version": 1},
    "POST /devices/{device_id}/revoke": {
        "certificate_id": str(uuid.uuid4()), "reason": "other",
        "revoked_at": "2026-06-01T12:00:00Z",
    },
    "POST /devices/{device_id}/retire": {"version": 1},
    "POST /devices/authorities": {"content": "none"},
    "POST /devices/revocation-lists": {"content": "none"},
}  # fmt: skip
FORMS = {"POST /studies", "POST /uploads/{upload_id}/files"}


def operations() -> list[str]:
    paths = api.get_openapi_schema()["paths"]
    return [
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    ]


def call(client: Client, operation: str, headers: dict[str, str] | None = None) -> int:
    method, _, template = operation.partition(" ")
    values = {
        "slug": "nowhere",
        "lane": "tamper",
        "frame": "0",
        "position": "0",
        "step": "read",
        "mode": "triage",
    }
    path = re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], str(uuid.uuid4())), template)
    send = getattr(client, method.lower())
    if operation in FORMS:
        from django.core.files.uploadedfile import SimpleUploadedFile

        body = {"file": SimpleUploadedFile("a.dcm", b"x"), "worklist": "nowhere"}
        answer = send(f"/api/v1{path}", body, headers=headers)
    elif method == "GET":
        answer = send(f"/api/v1{path}", headers=headers)
    else:
        answer = send(
            f"/api/v1{path}",
            BODIES.get(operation, {}),
            content_type="application/json",
            headers=headers,
        )
    kind = answer["Content-Type"]
    assert answer.status_code < 400 or kind == "application/problem+json", kind
    return int(answer.status_code)


def test_every_operation_has_its_right_written_down() -> None:
    assert sorted(operations()) == sorted(RIGHTS)


def test_every_operation_against_every_role(
    hospital: Hospital, client_of: Callable[[User], Client], bearer: dict[str, str]
) -> None:
    people = {
        Role.RADIOLOGIST: hospital.alice,
        Role.LEAD: hospital.lena,
        Role.ML: hospital.max,
        Role.ADMIN: hospital.ada,
        Role.INTEGRATION: hospital.script,
    }
    assert set(people) == set(Role)
    clients = {role: client_of(person) for role, person in people.items()}
    wrong: list[str] = []
    for operation, right in RIGHTS.items():
        if call(Client(), operation) != 401:
            wrong.append(f"anonymous {operation}")
        for role, client in clients.items():
            allowed = right is EVERYONE or right in PERMISSIONS_BY_ROLE[role]
            status = call(client, operation)
            # Allowed: there is no such thing (404), or the list is empty (200).
            expected = (422,) if operation in REFUSED_CONTENT else (200, 404)
            if status not in (expected if allowed else (403,)):
                wrong.append(f"{role} {operation}: {status}")
        by_token = call(Client(), operation, bearer)
        if by_token != call(clients[Role.INTEGRATION], operation):
            wrong.append(f"token {operation}: {by_token}")
    assert wrong == []


@pytest.mark.parametrize("change", [{"site": None}, {"role": ""}, {"role": "chief"}])
def test_a_person_without_site_or_role_may_do_nothing(
    change: dict[str, object], hospital: Hospital, client_of: Callable[[User], Client]
) -> None:
    client = client_of(hospital.lena)
    User.objects.filter(pk=hospital.lena.pk).update(**change)
    for operation, right in RIGHTS.items():
        if right is not EVERYONE:
            assert call(client, operation) == 403, operation


# --- staff pages ----------------------------------------------------------------------


def test_staff_pages_hold_no_films_evidence_reads_or_secrets() -> None:
    # The vocabulary of reasons is all that the staff pages show of reading, and the
    # practice set, which is no case, all of learning: not what readers answered.
    shown = set(admin.site._registry) - {ReasonCode, PracticeFilm}
    apps = {model._meta.app_label for model in shown}
    assert apps.isdisjoint({"imaging", "detection", "reading", "learning", "audit"})
    assert ApiToken not in admin.site._registry


@pytest.mark.parametrize("model", ["accounts/user", "accounts/site"])
def test_staff_pages_are_for_staff_alone(
    model: str, hospital: Hospital, client_of: Callable[[User], Client]
) -> None:
    ada = client_of(hospital.ada)
    assert ada.get(f"/admin/{model}/").status_code == 302
    User.objects.filter(pk=hospital.ada.pk).update(is_staff=True, is_superuser=True)
    assert ada.get(f"/admin/{model}/").status_code == 200
    assert ada.get(f"/admin/{model}/add/").status_code == 200
