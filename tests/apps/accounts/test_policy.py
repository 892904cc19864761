"""The reading policy: who may change it, what is refused, and that it is on the log."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from apps.accounts.models import (
    Department,
    ReadingMode,
    ReadingPolicy,
    SecondReader,
    User,
)
from apps.accounts.services import change_policy
from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.core.errors import Invalid
from tests.conftest import Hospital
from tests.factories import DepartmentFactory

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
FORM = {
    "reading_mode": "blind_first",
    "second_reader": "random",
    "second_read_share": "0.25",
    "adjudication": "on",
    "max_wait_hours": "0",
    "canary_share": "0",
    "pause_cases": "0",
    "pause_minutes": "0",
    "audit_share": "0",
    "audit_department": "",
}


def _policy(
    mode: ReadingMode = ReadingMode.BLIND_FIRST,
    second_reader: SecondReader = SecondReader.ALWAYS,
    share: str = "0",
) -> ReadingPolicy:
    return ReadingPolicy(mode, second_reader, Decimal(share), adjudication=True)


def test_a_change_of_policy_is_an_event_with_both_policies(hospital: Hospital) -> None:
    wanted = _policy(second_reader=SecondReader.RANDOM, share="0.25")
    changed = change_policy(
        department=hospital.blind, actor=hospital.lena, policy=wanted
    )
    assert changed.policy == wanted
    assert changed.policy_version == 2
    event = Event.objects.get(kind=EventKind.POLICY_CHANGED)
    assert event.actor == hospital.lena
    assert event.data == {
        "department": "emergency",
        "version": 2,
        "mode": "blind_first",
        "mode_was": "blind_first",
        "second_reader": "random",
        "second_reader_was": "never",
        "second_read_share": "0.250",
        "second_read_share_was": "0.000",
        "adjudication": True,
        "adjudication_was": True,
        "max_wait_hours": 0,
        "max_wait_hours_was": 0,
        "canary_share": "0.000",
        "canary_share_was": "0.000",
        "pause_cases": 0,
        "pause_cases_was": 0,
        "pause_minutes": 0,
        "pause_minutes_was": 0,
        "audit_share": "0.000",
        "audit_share_was": "0.000",
        "audit_department": "",
        "audit_department_was": "",
    }
    assert find_first_bad_position() is None


def test_a_policy_that_stays_the_same_is_no_event(hospital: Hospital) -> None:
    for _ in range(2):
        change_policy(department=hospital.blind, actor=hospital.lena, policy=_policy())
    assert Event.objects.filter(kind=EventKind.POLICY_CHANGED).count() == 1
    assert Department.objects.get(pk=hospital.blind.pk).policy_version == 2


@pytest.mark.parametrize(
    "policy",
    [
        _policy(share="-0.1"),
        _policy(share="1.001"),
        _policy(second_reader=SecondReader.RANDOM),
        # Being asked would say that the system was overruled.
        _policy(second_reader=SecondReader.ON_DISAGREEMENT),
    ],
    ids=["below 0", "above 1", "a random share of none", "a queue that is a hint"],
)
def test_a_policy_that_cannot_be_or_hints_is_refused(
    policy: ReadingPolicy, hospital: Hospital
) -> None:
    with pytest.raises(Invalid) as refused:
        change_policy(department=hospital.blind, actor=hospital.lena, policy=policy)
    assert refused.value.code == "bad_share"
    assert Department.objects.get(pk=hospital.blind.pk).policy_version == 1
    assert not Event.objects.filter(kind=EventKind.POLICY_CHANGED).exists()


def test_in_triage_second_reads_on_disagreement_need_no_random_ones(
    hospital: Hospital,
) -> None:
    wanted = _policy(ReadingMode.TRIAGE, SecondReader.ON_DISAGREEMENT)
    changed = change_policy(
        department=hospital.triage, actor=hospital.lena, policy=wanted
    )
    assert changed.policy == wanted


# --- audits ---------------------------------------------------------------------------


def _audited(
    room: Department | None, share: str = "0.05", mode: str = ReadingMode.TRIAGE
) -> ReadingPolicy:
    return ReadingPolicy(
        ReadingMode(mode),
        SecondReader.NEVER,
        Decimal(0),
        adjudication=True,
        audit_share=Decimal(share),
        audit_department=room,
    )


def test_audits_are_policy_and_on_the_log(hospital: Hospital) -> None:
    wanted = _audited(hospital.blind)
    changed = change_policy(
        department=hospital.triage, actor=hospital.lena, policy=wanted
    )
    assert changed.policy == wanted
    data = Event.objects.get(kind=EventKind.POLICY_CHANGED).data
    assert (data["audit_share"], data["audit_share_was"]) == ("0.050", "0.000")
    assert (data["audit_department"], data["audit_department_was"]) == ("emergency", "")


def _refusal(department: Department, actor: User, policy: ReadingPolicy) -> str:
    with pytest.raises(Invalid) as refused:
        change_policy(department=department, actor=actor, policy=policy)
    assert not Event.objects.filter(kind=EventKind.POLICY_CHANGED).exists()
    return f"{refused.value.code}: {refused.value}"


def test_an_audit_by_no_department_or_a_wrong_one_is_refused(
    hospital: Hospital,
) -> None:
    triage, lena = hospital.triage, hospital.lena
    far = DepartmentFactory.create()
    other = DepartmentFactory.create(
        site=hospital.site, slug="night", reading_mode=ReadingMode.TRIAGE
    )
    # Saved past the service, which refuses it.
    chain = DepartmentFactory.create(
        site=hospital.site, slug="chain", audit_department=hospital.blind
    )
    told = {
        _refusal(triage, lena, _audited(None)): "Name the department",
        _refusal(triage, lena, _audited(far)): "of the same site",
        _refusal(triage, lena, _audited(other)): "must read blind first",
        _refusal(triage, lena, _audited(triage)): "not be audited itself",
        _refusal(triage, lena, _audited(chain)): "not be audited itself",
        _refusal(
            hospital.blind, lena, _audited(chain, mode=ReadingMode.BLIND_FIRST)
        ): "Only a triage department",
    }
    for refusal, words in told.items():
        assert refusal.startswith("bad_audit: ")
        assert words in refusal
    for share in ("-0.001", "1.001"):
        refusal = _refusal(triage, lena, _audited(hospital.blind, share))
        assert refusal.startswith("bad_share: ")


def test_a_department_that_audits_stays_blind_first(hospital: Hospital) -> None:
    Department.objects.filter(pk=hospital.triage.pk).update(
        audit_department=hospital.blind
    )
    wanted = _policy(ReadingMode.TRIAGE, SecondReader.NEVER)
    assert "read blind here" in _refusal(hospital.blind, hospital.lena, wanted)


# --- the staff pages ------------------------------------------------------------------


def test_the_page_sets_audits_and_offers_the_own_site_alone(
    staff: Hospital, client_of: ClientOf
) -> None:
    far = DepartmentFactory.create()
    browser = client_of(staff.lena)
    page = browser.get(_page(staff.triage)).content.decode()
    assert str(staff.blind.pk) in page
    assert str(far.pk) not in page
    form = {**FORM, "reading_mode": "triage", "audit_share": "0.1"}
    for room, words in ((far, "valid choice"), (staff.triage, "audited itself")):
        answer = browser.post(
            _page(staff.triage), {**form, "audit_department": str(room.pk)}
        )
        assert words in answer.content.decode()
    form["audit_department"] = str(staff.blind.pk)
    assert browser.post(_page(staff.triage), form).status_code == 302
    kept = Department.objects.get(pk=staff.triage.pk)
    assert (kept.audit_share, kept.audit_department) == (Decimal("0.1"), staff.blind)


def test_a_superuser_is_told_that_the_room_is_of_another_site(
    staff: Hospital, client_of: ClientOf
) -> None:
    User.objects.filter(pk=staff.ada.pk).update(is_superuser=True)
    far = DepartmentFactory.create()
    form = {
        **FORM,
        "site": str(staff.site.pk),
        "name": "Night",
        "slug": "night",
        "position": "3",
        "reading_mode": "triage",
        "audit_share": "0.1",
        "audit_department": str(far.pk),
    }
    browser = client_of(staff.ada)
    answer = browser.post("/admin/accounts/department/add/", form)
    assert "one of the same site" in answer.content.decode()
    assert not Department.objects.filter(slug="night").exists()


def _page(department: Department) -> str:
    return f"/admin/accounts/department/{department.pk}/change/"


@pytest.fixture
def staff(hospital: Hospital) -> Hospital:
    """Return the hospital with a lead, a reader and an administrator on the staff."""
    User.objects.filter(
        pk__in=[hospital.lena.pk, hospital.alice.pk, hospital.ada.pk]
    ).update(is_staff=True)
    return hospital


def test_a_lead_changes_the_policy_of_the_own_site_and_nothing_else(
    staff: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(staff.lena)
    answer = browser.post(
        _page(staff.blind), {**FORM, "name": "Hijacked", "slug": "hijacked"}
    )
    assert answer.status_code == 302
    kept = Department.objects.get(pk=staff.blind.pk)
    assert kept.policy == _policy(second_reader=SecondReader.RANDOM, share="0.25")
    assert (kept.name, kept.slug) == ("Emergency", "emergency")
    event = Event.objects.get(kind=EventKind.POLICY_CHANGED)
    assert (event.actor, event.site) == (staff.lena, staff.site)


def test_the_share_of_canaries_and_the_pause_are_policy_like_the_rest(
    staff: Hospital, client_of: ClientOf
) -> None:
    form = {**FORM, "canary_share": "0.02", "pause_cases": "30", "pause_minutes": "90"}
    browser = client_of(staff.lena)
    assert browser.post(_page(staff.blind), form).status_code == 302
    data = Event.objects.get(kind=EventKind.POLICY_CHANGED).data
    told = [
        (data[name], data[f"{name}_was"])
        for name in ("canary_share", "pause_cases", "pause_minutes")
    ]
    assert told == [("0.020", "0.000"), (30, 0), (90, 0)]
    refused = browser.post(_page(staff.blind), {**form, "canary_share": "1.5"})
    assert "The share of canaries is 0 to 1." in refused.content.decode()
    assert Department.objects.get(pk=staff.blind.pk).canary_share == Decimal("0.02")
    assert Department.objects.get(pk=staff.triage.pk).canary_share == 0


def test_the_page_says_why_a_policy_is_refused(
    staff: Hospital, client_of: ClientOf
) -> None:
    form = {**FORM, "second_reader": "on_disagreement", "second_read_share": "0"}
    answer = client_of(staff.lena).post(_page(staff.blind), form)
    assert answer.status_code == 200
    assert "so that being asked gives no hint" in answer.content.decode()
    assert Department.objects.get(pk=staff.blind.pk).second_reader == "never"


def test_a_department_of_another_site_is_not_the_leads(
    staff: Hospital, client_of: ClientOf
) -> None:
    other = DepartmentFactory.create()
    browser = client_of(staff.lena)
    listed = browser.get("/admin/accounts/department/").content.decode()
    assert str(staff.blind.pk) in listed
    assert str(other.pk) not in listed
    assert browser.get(_page(other)).status_code == 302  # to the index: no such thing
    assert browser.post(_page(other), FORM).status_code == 302
    assert Department.objects.get(pk=other.pk).policy_version == 1


@pytest.mark.parametrize("who", ["alice", "ada"])
def test_staff_without_the_right_change_no_policy(
    who: str, staff: Hospital, client_of: ClientOf
) -> None:
    answer = client_of(getattr(staff, who)).post(_page(staff.blind), FORM)
    assert answer.status_code in (302, 403)
    assert Department.objects.get(pk=staff.blind.pk).policy_version == 1


def test_a_lead_adds_and_deletes_no_department(
    staff: Hospital, client_of: ClientOf
) -> None:
    browser = client_of(staff.lena)
    assert browser.get("/admin/accounts/department/add/").status_code == 403
    delete = _page(staff.blind).replace("change", "delete")
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    assert browser.get("/admin/accounts/user/").status_code == 403


def test_a_department_that_an_administrator_makes_is_an_event(
    staff: Hospital, client_of: ClientOf
) -> None:
    User.objects.filter(pk=staff.ada.pk).update(is_superuser=True)
    form = {**FORM, "site": str(staff.site.pk), "name": "Night", "slug": "night"}
    browser = client_of(staff.ada)
    answer = browser.post("/admin/accounts/department/add/", {**form, "position": "3"})
    assert answer.status_code == 302
    made = Department.objects.get(slug="night")
    event = Event.objects.get(kind=EventKind.POLICY_CHANGED)
    assert event.subject == f"department:{made.pk}"
    assert event.data["second_read_share"] == "0.250"
