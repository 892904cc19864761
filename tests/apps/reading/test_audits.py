"""Audits: drawn at ingest, read blind elsewhere by who cannot have known, and back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.imaging.models import Study
from apps.learning.selectors import iter_labels
from apps.reading.audit_models import AuditStage, CaseAudit
from apps.reading.conditions import CaseFilter
from apps.reading.list_models import CaseWord, TriagePlace
from apps.reading.models import (
    Answer,
    Case,
    CaseState,
    Decision,
    Draft,
    Outcome,
    Priority,
)
from apps.reading.outcomes import outcome_of_case
from apps.reading.personal_models import DraftStep
from apps.reading.services.adjudication import reopen_case
from apps.reading.services.audits import (
    AUDIT_AFTER,
    READ_WITHIN,
    STAYS,
    draw_for_audit,
    drop_unread_audits,
    end_closed_audits,
    open_due_audits,
)
from apps.reading.services.cases import claim_case
from apps.reading.services.drafts import save_draft
from apps.reading.tasks import sweep_audits
from apps.reading.worklist import list_cases
from tests.apps.reading.audit_room import (
    AuditRoom,
    audit,
    draw,
    let_wait,
    make_audit_room,
    send_back,
    stage_of,
)
from tests.apps.reading.conftest import FLAGGED, read_fully
from tests.conftest import Hospital
from tests.factories import (
    Said,
    decide,
    image_of,
    leave_room,
    make_case,
    make_image,
    rule,
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


# --- the draw -------------------------------------------------------------------------


def test_a_case_is_drawn_when_it_is_opened_and_nothing_tells_of_it(
    room: AuditRoom, client_of: ClientOf
) -> None:
    from apps.reading.services.cases import add_image_to_case

    image = make_image(room.triage)
    case = add_image_to_case(image=image, actor=None)
    row = CaseAudit.objects.get(case=case)
    assert (row.department, row.room, row.stage) == (room.triage, None, "drawn")
    assert row.due_at == case.received_at + AUDIT_AFTER
    add_image_to_case(image=make_image(room.triage, study=image.study), actor=None)
    assert CaseAudit.objects.count() == 1
    kinds = Event.objects.values_list("kind", flat=True)
    assert set(kinds) == {EventKind.CASE_OPENED}


@pytest.mark.parametrize("name", ["blind", "triage"])
def test_without_a_share_nothing_is_drawn(name: str, hospital: Hospital) -> None:
    for _ in range(20):
        draw_for_audit(case=make_case(getattr(hospital, name)))
    assert not CaseAudit.objects.exists()


# --- the move -------------------------------------------------------------------------


@pytest.mark.parametrize("said", [Said(), FLAGGED], ids=["clear", "flagged"])
def test_a_drawn_case_comes_over_whatever_was_flagged(
    said: Said, room: AuditRoom
) -> None:
    case = draw(room, said)
    Case.objects.filter(pk=case.pk).update(priority=Priority.STAT, version=17)
    read_fully(case, room.site.alice, Answer.SUSPICIOUS, Decision.INCONCLUSIVE)
    key = case.shuffle_key
    assert (open_due_audits(), open_due_audits()) == (1, 0)
    case.refresh_from_db()
    assert (case.department, case.state) == (room.blind, CaseState.SECOND_READ)
    assert (case.readers_wanted, case.round) == (2, 2)
    assert (case.priority, case.version) == (Priority.ROUTINE, 1_000_000)
    assert case.shuffle_key not in (key, key % 2**62)
    assert Study.objects.get(pk=case.pk).department == room.blind
    for rows in (TriagePlace, CaseWord):
        departments = rows.objects.filter(case=case).values_list("department")
        assert set(departments) == {(room.blind.pk,)}
    assert TriagePlace.objects.get(case=case).is_open == 1
    told = Event.objects.filter(kind=EventKind.AUDIT_OPENED).get()
    assert (told.actor, told.case_id) == (None, case.pk)
    assert told.data == {"department": "emergency"}
    assert find_first_bad_position() is None


def test_nothing_moves_before_its_moment(room: AuditRoom) -> None:
    case = draw(room, days=6.9)
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    assert open_due_audits() == 0
    case.refresh_from_db()
    assert (case.department, case.state) == (room.triage, CaseState.DONE)


def test_what_was_not_read_in_time_is_dropped_and_never_comes_later(
    room: AuditRoom,
) -> None:
    case = draw(room)
    assert open_due_audits() == 0
    assert stage_of(case) == AuditStage.DROPPED
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    assert open_due_audits() == 0
    case.refresh_from_db()
    assert case.department == room.triage


@pytest.mark.parametrize(
    "change",
    [
        {"audit_share": 0},
        {"audit_department": None},
        {"reading_mode": "blind_first"},
    ],
    ids=["no share", "no room", "no triage"],
)
def test_a_policy_that_was_taken_back_drops_what_was_drawn(
    change: dict[str, object], room: AuditRoom
) -> None:
    case = draw(room)
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    Department.objects.filter(pk=room.triage.pk).update(**change)
    assert open_due_audits() == 0
    assert stage_of(case) == AuditStage.DROPPED


def test_a_room_that_reads_blind_no_more_gets_nothing(room: AuditRoom) -> None:
    case = draw(room)
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    Department.objects.filter(pk=room.blind.pk).update(reading_mode="triage")
    assert open_due_audits() == 0
    assert stage_of(case) == AuditStage.DROPPED


def test_without_anybody_who_may_read_it_a_case_stays_where_it_is(
    room: AuditRoom,
) -> None:
    leave_room(room.carol, room.blind)
    case = draw(room)
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    assert open_due_audits() == 0
    assert stage_of(case) == AuditStage.DROPPED


def test_while_it_is_away_its_own_department_is_served_nothing_of_it(
    room: AuditRoom, client_of: ClientOf
) -> None:
    leave_room(room.site.alice, room.blind)
    case = audit(room)
    alice = client_of(room.site.alice)
    assert alice.get(f"/api/v1/cases/{case.pk}").status_code == 404
    assert alice.get(f"/api/v1/images/{image_of(case).pk}").status_code == 404
    rows = alice.get("/api/v1/worklists/claims/cases?state=all").json()
    assert (rows["items"], rows["total"]) == ([], 0)


# --- what comes of it -----------------------------------------------------------------


def test_readers_who_agree_close_it_and_the_label_says_audit(room: AuditRoom) -> None:
    case = audit(room)
    seal(case, room.carol)
    decide(case, room.carol)
    case.refresh_from_db()
    assert case.state == CaseState.DONE
    kinds = {label.read_kind: label for label in iter_labels(user=room.site.max)}
    assert set(kinds) == {"first", "audit"}
    assert kinds["audit"].case_outcome == "authentic"
    assert kinds["audit"].mode == "blind_first"
    assert kinds["first"].mode == "triage"


def test_readers_who_differ_go_to_an_adjudicator_as_after_a_second_read(
    room: AuditRoom, client_of: ClientOf
) -> None:
    case = audit(room)
    seal(case, room.carol, Answer.SUSPICIOUS)
    decide(case, room.carol, Decision.OVERRULE)
    case.refresh_from_db()
    assert case.state == CaseState.ADJUDICATION
    lena = client_of(room.site.lena)
    base = f"/api/v1/cases/{case.pk}"
    shown = lena.get(f"{base}/adjudication").json()
    assert [each["read"]["kind"] for each in shown["readers"]] == ["first", "audit"]
    body = {
        "verdicts": [each["verdict"]["id"] for each in shown["readers"]],
        "outcome": "suspicious",
        "reason_codes": ["natural_noise"],
        "note": "A.",
    }
    ruled = lena.post(f"{base}/adjudication", body, content_type=JSON)
    assert ruled.status_code == 201
    case.refresh_from_db()
    assert case.state == CaseState.DONE


def test_a_day_after_it_is_closed_it_goes_back_and_stays(
    room: AuditRoom, client_of: ClientOf
) -> None:
    leave_room(room.site.bob, room.blind)
    case = audit(room)
    assert end_closed_audits() == 0
    seal(case, room.carol)
    decide(case, room.carol)
    assert client_of(room.carol).get(f"/api/v1/cases/{case.pk}").status_code == 200
    assert send_back(case) == 1
    assert end_closed_audits() == 0
    case.refresh_from_db()
    assert (case.department, case.state) == (room.triage, CaseState.DONE)
    assert case.version > 1_000_000
    assert Study.objects.get(pk=case.pk).department == room.triage
    assert Event.objects.filter(kind=EventKind.AUDIT_ENDED).count() == 1
    assert client_of(room.site.bob).get(f"/api/v1/cases/{case.pk}").status_code == 200
    assert client_of(room.carol).get(f"/api/v1/cases/{case.pk}").status_code == 404
    CaseAudit.objects.update(due_at=timezone.now())
    assert open_due_audits() == 0


def test_one_that_was_reopened_in_the_room_waits_anew(room: AuditRoom) -> None:
    case = audit(room)
    seal(case, room.carol)
    decide(case, room.carol)
    assert end_closed_audits() == 0
    reopen_case(case=case, lead=room.site.lena, reason="Once more.")
    CaseAudit.objects.update(closed_at=timezone.now() - dt.timedelta(days=3))
    assert end_closed_audits() == 0
    assert CaseAudit.objects.get().closed_at is None
    case.refresh_from_db()
    assert case.department == room.blind


# --- what nobody reads ----------------------------------------------------------------


@pytest.mark.parametrize("said", [Said(), FLAGGED], ids=["clear", "flagged"])
def test_what_nobody_reads_within_a_week_goes_back_as_it_was(
    said: Said, room: AuditRoom
) -> None:
    decision = Decision.OVERRULE if said.flagged else Decision.CONFIRM
    case = audit(room, said, Answer.AUTHENTIC, decision)
    assert let_wait(case, READ_WITHIN - dt.timedelta(hours=1)) == 0
    assert (let_wait(case), drop_unread_audits(), end_closed_audits()) == (1, 0, 0)
    case.refresh_from_db()
    assert (case.department, case.state) == (room.triage, CaseState.DONE)
    assert (case.readers_wanted, case.round) == (1, 1)
    assert Study.objects.get(pk=case.pk).department == room.triage
    assert TriagePlace.objects.get(case=case).is_open == 0
    assert stage_of(case) == AuditStage.DROPPED
    ended = outcome_of_case(case=case)
    assert ended is not None
    assert (ended.outcome, ended.how) == ("authentic", "single")
    told = Event.objects.filter(kind=EventKind.AUDIT_ENDED).get()
    assert (told.actor, told.case_id) == (None, case.pk)
    assert open_due_audits() == 0


def test_what_was_settled_before_is_settled_as_it_was(room: AuditRoom) -> None:
    Department.objects.filter(pk=room.triage.pk).update(second_reader="always")
    case = draw(room, FLAGGED)
    read_fully(case, room.site.alice, Answer.AUTHENTIC, Decision.OVERRULE)
    read_fully(case, room.site.bob, Answer.SUSPICIOUS, Decision.CONFIRM)
    rule(case, room.site.lena, Outcome.SUSPICIOUS)
    assert open_due_audits() == 1
    assert let_wait(case) == 1
    case.refresh_from_db()
    assert (case.state, case.readers_wanted) == (CaseState.DONE, 2)
    ended = outcome_of_case(case=case)
    assert ended is not None
    assert (ended.outcome, ended.how) == ("suspicious", "adjudicated")


def test_one_that_somebody_has_begun_or_answered_stays(room: AuditRoom) -> None:
    held, begun, sealed, differing, again = (audit(room) for _ in range(5))
    claim_case(case=held, user=room.carol)
    save_draft(
        case=begun,
        reader=room.carol,
        step=DraftStep.READ,
        based_on=0,
        body={"note": "x"},
    )
    seal(sealed, room.carol)
    read_fully(differing, room.carol, Answer.SUSPICIOUS, Decision.OVERRULE)
    read_fully(again, room.carol, Answer.AUTHENTIC, Decision.CONFIRM)
    reopen_case(case=again, lead=room.site.lena, reason="Once more.")
    for case in (held, begun, sealed, differing, again):
        assert let_wait(case) == 0
        case.refresh_from_db()
        assert (case.department, stage_of(case)) == (room.blind, AuditStage.OPEN)
    # Claims end, and what was typed and left is no read.
    Case.objects.filter(pk=held.pk).update(claim_expires_at=timezone.now())
    Draft.objects.update(saved_at=timezone.now() - STAYS)
    assert drop_unread_audits() == 2


def test_a_case_that_waited_before_this_was_kept_has_a_week_from_now(
    room: AuditRoom,
) -> None:
    case = audit(room)
    CaseAudit.objects.update(opened_at=None)
    assert drop_unread_audits() == 0
    opened_at = CaseAudit.objects.get().opened_at
    assert opened_at is not None
    assert opened_at > timezone.now() - dt.timedelta(hours=1)
    assert let_wait(case) == 1


def test_the_sweep_does_all_three(room: AuditRoom) -> None:
    due = draw(room)
    read_fully(due, room.site.alice, Answer.AUTHENTIC, Decision.CONFIRM)
    sweep_audits()
    assert stage_of(due) == AuditStage.OPEN
    let_wait(due, READ_WITHIN - dt.timedelta(hours=1))
    CaseAudit.objects.update(opened_at=timezone.now() - READ_WITHIN)
    sweep_audits()
    assert stage_of(due) == AuditStage.DROPPED


def test_an_audit_is_no_matter_of_the_order_of_the_list(room: AuditRoom) -> None:
    cases = [audit(room) for _ in range(3)]
    page = list_cases(
        user=room.carol,
        department=room.blind,
        wanted=CaseFilter(),
        cursor=None,
        limit=10,
    )
    ordered = sorted(
        Case.objects.filter(pk__in=[case.pk for case in cases]),
        key=lambda case: case.shuffle_key,
    )
    assert [case.pk for case in page.cases] == [case.pk for case in ordered]
    assert not re.search("opinion", str(page.cases[0].__dict__))
