"""Who may read an audit, and that nothing tells its reader what was said before."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Department, Role, User
from apps.accounts.services import add_member
from apps.audit.models import Event
from apps.core.errors import Conflict
from apps.reading.models import (
    Answer,
    Decision,
    Read,
    ReadKind,
)
from apps.reading.selectors import may_see_opinion, next_case_id
from apps.reading.services.audits import (
    open_due_audits,
)
from apps.reading.services.bulk import assign_cases
from apps.reading.services.cases import claim_case
from tests.apps.accounts.test_permissions import BODIES
from tests.apps.reading.audit_room import (
    AuditRoom,
    audit,
    draw,
    make_audit_room,
)
from tests.apps.reading.conftest import FLAGGED, read_fully
from tests.apps.reading.crawl import (
    OWN,
    TELL_TALES,
    TIME,
    UUID,
    fill_path,
    give_film,
    list_operations,
)
from tests.conftest import Hospital
from tests.factories import (
    UserFactory,
    leave_room,
    make_upload,
    seal,
)

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
JSON = "application/json"
BASE = "/api/v1/worklists/emergency"


@pytest.fixture
def room(hospital: Hospital) -> AuditRoom:
    """Return a department all of whose cases are audited."""
    return make_audit_room(hospital)


# --- who reads it ---------------------------------------------------------------------


def test_who_belongs_to_the_room_alone_is_offered_it_and_reads_it_blind(
    room: AuditRoom, client_of: ClientOf
) -> None:
    first, second = audit(room), audit(room)
    browser = client_of(room.carol)
    queues = browser.get(f"{BASE}/queues").json()
    assert queues["second_reads"] == 2
    assert next_case_id(user=room.carol, case=first) == second.pk
    assert browser.post(f"/api/v1/cases/{first.pk}/claim").status_code == 200
    assert not may_see_opinion(case=first, user=room.carol)
    read = seal(first, room.carol)
    assert (read.kind, read.mode) == (ReadKind.AUDIT, "blind_first")
    assert Event.objects.get(position=read.log_position).data["kind"] == "audit"


@pytest.mark.parametrize("who", ["alice", "bob", "lena"])
def test_who_may_know_is_offered_nothing_and_refused(
    who: str, room: AuditRoom, client_of: ClientOf
) -> None:
    first, second = audit(room), audit(room)
    person = getattr(room.site, who)
    browser = client_of(person)
    assert browser.get(f"{BASE}/queues").json()["second_reads"] == 0
    listed = browser.get(f"{BASE}/cases?mine=second_reads").json()
    assert listed["items"] == []
    for case in (first, second):
        assert next_case_id(user=person, case=case) is None
    for path, body in (
        ("claim", {}),
        ("seal", {"answer": "authentic", "confidence": 3}),
    ):
        address = f"/api/v1/cases/{first.pk}/{path}"
        answer = browser.post(address, body, content_type=JSON)
        code = answer.json()["code"]
        assert answer.status_code == 409
        assert code in ("closed_audit", "already_read"), who
        assert who == "alice" or code == "closed_audit"
    (row,) = assign_cases(
        actor=room.site.lena,
        department=room.blind,
        case_ids=[second.pk],
        person=person,
    )
    assert row.refusal is not None
    assert row.refusal.code == "closed_audit"
    assert not may_see_opinion(case=second, user=room.site.bob)
    assert Read.objects.filter(kind=ReadKind.AUDIT).count() == 0


def test_who_left_the_first_department_after_the_case_had_come_may_know(
    room: AuditRoom,
) -> None:
    case = draw(room)
    late, early = (UserFactory.create(site=room.site.site) for _ in range(2))
    for person, left in ((late, 1), (early, -1)):
        person.memberships.filter(department=room.triage).update(
            ended_at=case.received_at + dt.timedelta(hours=left)
        )
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    assert open_due_audits() == 1
    case.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        claim_case(case=case, user=late)
    assert refused.value.code == "closed_audit"
    claim_case(case=case, user=early)
    # Joining now shows flags of others, but the rule is the simple one.
    add_member(department=room.triage, person=early, actor=room.site.lena)
    with pytest.raises(Conflict):
        seal(case, early)


def test_a_lead_of_the_room_alone_reads_none_as_the_log_tells_when_it_was_read(
    room: AuditRoom,
) -> None:
    lead = UserFactory.create(site=room.site.site, role=Role.LEAD)
    lead.memberships.filter(department=room.triage).delete()
    case = audit(room)
    with pytest.raises(Conflict) as refused:
        seal(case, lead)
    assert refused.value.code == "closed_audit"


# --- nothing tells --------------------------------------------------------------------


@pytest.mark.parametrize("who", ["carol", "bob", "lena"])
def test_no_operation_of_the_api_tells_before_the_seal(
    who: str, room: AuditRoom, client_of: ClientOf, tmp_path: object
) -> None:
    case = audit(room, FLAGGED, Answer.SUSPICIOUS)
    person = room.carol if who == "carol" else getattr(room.site, who)
    if who != "carol":
        leave_room(person, room.triage)
    give_film(case, tmp_path)  # type: ignore[arg-type]
    browser = client_of(person)
    upload = make_upload(room.blind, person)
    for method, path in list_operations():
        if path.endswith("/seal"):
            continue
        operation = f"{method.upper()} {path.removeprefix('/api/v1')}"
        body = json.dumps(BODIES.get(operation, {}))
        address = fill_path(path, case, str(upload.pk))
        answer = browser.generic(method.upper(), address, body, content_type=JSON)
        text = answer.getvalue().decode("utf-8", "replace") + str(answer.headers)
        words = TELL_TALES[:2] if "/insights/" in path else TELL_TALES
        assert [word for word in words if word in text] == [], operation
        assert answer.status_code < 500, operation
    evidence = browser.get(f"/api/v1/cases/{case.pk}/evidence")
    assert (evidence.status_code, evidence.json()["code"]) == (403, "seal_first")


def test_a_flagged_and_a_clear_one_differ_in_nothing(
    room: AuditRoom, client_of: ClientOf
) -> None:
    cases = [audit(room, FLAGGED, Answer.SUSPICIOUS), audit(room)]
    browser = client_of(room.carol)
    shown = []
    for case in cases:
        page = browser.get(f"/api/v1/cases/{case.pk}").content.decode()
        rows = browser.get(f"{BASE}/cases").json()["items"]
        row = json.dumps([row for row in rows if row["id"] == str(case.pk)])
        shown.append([_plain(page), _plain(row)])
    assert shown[0] == shown[1]
    assert '"second_read"' in shown[0][1]


def _plain(text: str) -> str:
    return OWN.sub("OWN", TIME.sub("TIME", UUID.sub("ID", text)))


def test_a_list_says_that_it_audits_others_and_which_cases_it_says_to_nobody(
    room: AuditRoom, client_of: ClientOf
) -> None:
    def told(person: User) -> dict[str, bool]:
        lists = client_of(person).get("/api/v1/worklists").json()
        return {each["slug"]: each["audits_others"] for each in lists}

    assert told(room.carol) == {"emergency": True}
    assert told(room.site.alice) == {"emergency": True, "claims": False}
    Department.objects.update(audit_share=0)
    assert told(room.carol) == {"emergency": False}
