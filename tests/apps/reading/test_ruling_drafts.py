"""A ruling that is being written: its adjudicator's alone, gone once nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Department, Role, User
from apps.audit.models import Event, EventKind
from apps.config.api import api
from apps.core.errors import Conflict
from apps.reading.models import Answer, Case, CaseState, Decision, Draft, Outcome
from apps.reading.personal_models import DraftStep
from apps.reading.selectors import newest_verdict, own_read
from apps.reading.services.adjudication import reopen_case
from apps.reading.services.amendments import amend_verdict
from apps.reading.services.drafts import MAX_DRAFT_BYTES, save_draft
from apps.reading.services.reads import FinalAnswer
from tests.apps.reading.conftest import post, read_fully
from tests.conftest import Hospital
from tests.factories import UserFactory, make_case, rule, seal
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ClientOf = Callable[[User], Client]
JSON = "application/json"
NOTE = "RULINGDRAFTCANARY the grain repeats"
BODY: dict[str, Any] = {
    "outcome": "suspicious",
    "reason_codes": ["uniform_grain"],
    "note": NOTE,
}


@pytest.fixture
def leon(hospital: Hospital) -> User:
    """Return another lead of the hospital."""
    person: User = UserFactory.create(
        username="leon", site=hospital.site, role=Role.LEAD
    )
    return person


def _at(case: Case, step: str = "") -> str:
    return f"/api/v1/cases/{case.pk}/drafts{step and f'/{step}'}"


def _put(browser: Client, case: Case, revision: int = 0, **more: Any) -> Any:
    body = {**BODY, "revision": revision, **more}
    return browser.put(_at(case, "ruling"), body, content_type=JSON)


def _kept(browser: Client, case: Case) -> Any:
    return browser.get(_at(case)).json()["ruling"]


def _save(case: Case, lead: User, based_on: int = 0, note: str = NOTE) -> Draft:
    return save_draft(
        case=case,
        reader=lead,
        step=DraftStep.RULING,
        based_on=based_on,
        body={"note": note},
    )


def test_it_comes_back_whole_on_any_machine(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    saved = _put(client_of(hospital.lena), differing)
    assert saved.status_code == 200
    kept = _kept(client_of(hospital.lena), differing)
    assert kept == saved.json()
    assert {name: kept[name] for name in BODY} == BODY
    assert (kept["step"], kept["answer"], kept["decision"]) == ("ruling", None, None)


def test_a_tab_that_has_not_seen_the_newest_may_not_overwrite_it(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    first = _put(lena, differing).json()["revision"]
    second = _put(lena, differing, first, note="from there").json()["revision"]
    late = _put(lena, differing, first, note="from here")
    assert (late.status_code, late.json()["code"]) == (409, "draft_changed")
    assert _kept(lena, differing)["note"] == "from there"
    assert _put(lena, differing, second, note="from here").status_code == 200


@pytest.mark.parametrize("who", ["alice", "bob", "leon", "max", "ada"])
def test_nobody_else_is_served_a_byte_of_it(
    who: str, differing: Case, hospital: Hospital, leon: User, client_of: ClientOf
) -> None:
    before = Event.objects.count()
    _put(client_of(hospital.lena), differing)
    browser = client_of(leon if who == "leon" else getattr(hospital, who))
    asked = 0
    for path, methods in api.get_openapi_schema()["paths"].items():
        if "get" not in methods:
            continue
        address = path.replace("{slug}", "emergency")
        address = address.replace("{case_id}", str(differing.pk))
        body = browser.get(address).getvalue().decode("utf-8", "replace")
        assert "RULINGDRAFTCANARY" not in body, path
        asked += 1
    assert asked >= 15
    assert browser.delete(_at(differing, "ruling")).status_code in (204, 403)
    assert Draft.objects.get().reader == hospital.lena
    leaves = Event.objects.filter(position__gte=before).values_list("leaf", flat=True)
    assert "RULINGDRAFTCANARY" not in "".join(leaves)


def test_only_who_may_settle_the_case_writes_one(
    differing: Case, hospital: Hospital, leon: User, client_of: ClientOf
) -> None:
    read_by_leon = make_case(hospital.blind)
    Case.objects.filter(pk=read_by_leon.pk).update(state=CaseState.ADJUDICATION)
    seal(read_by_leon, leon)
    waiting = make_case(hospital.blind)
    expected = [
        # To who settles no cases, one that waits for it looks like any other.
        (hospital.alice, differing, 403, "denied"),
        (hospital.alice, waiting, 403, "denied"),
        (leon, read_by_leon, 403, "own_read"),
        (hospital.lena, waiting, 409, "not_in_adjudication"),
        (hospital.max, differing, 403, "denied"),
    ]
    for person, case, status, code in expected:
        answer = _put(client_of(person), case)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "more",
    [{"outcome": "maybe"}, {"note": "x" * 4001}, {"reason_codes": ["c"] * 41}],
)
def test_a_malformed_one_is_refused(
    more: dict[str, Any], differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = _put(client_of(hospital.lena), differing, **more)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not Draft.objects.exists()


def test_one_over_the_limit_is_refused(
    differing: Case, hospital: Hospital, client_of: ClientOf
) -> None:
    points = [[0.123456789, 1.0]] * 2000
    mark = {"image_id": str(differing.pk), "kind": "freehand", "points": points}
    large = _put(client_of(hospital.lena), differing, regions=[mark] * 50)
    assert len(str([mark] * 50)) > MAX_DRAFT_BYTES
    assert (large.status_code, large.json()["code"]) == (413, "draft_too_large")


def test_the_ruling_takes_every_draft_of_one_and_a_late_save_brings_none_back(
    differing: Case, hospital: Hospital, leon: User, client_of: ClientOf
) -> None:
    lena = client_of(hospital.lena)
    revision = _put(lena, differing).json()["revision"]
    _save(differing, leon)
    # A reader's own draft is of something else, and stays.
    third = UserFactory.create(site=hospital.site)
    save_draft(
        case=differing, reader=third, step=DraftStep.READ, based_on=0, body={"note": ""}
    )
    refused = post(lena, differing, "adjudication", {**BODY, "reason_codes": []})
    assert refused.status_code == 422
    assert _kept(lena, differing)["note"] == NOTE
    assert post(lena, differing, "adjudication", BODY).status_code == 201
    assert [draft.step for draft in Draft.objects.all()] == ["read"]
    for based_on in (revision, 0):
        late = _put(lena, differing, based_on, note="late")
        assert (late.status_code, late.json()["code"]) == (409, "already_adjudicated")


def test_readers_who_agree_after_all_leave_none_behind(
    differing: Case, hospital: Hospital
) -> None:
    _save(differing, hospital.lena)
    read = own_read(case=differing, user=hospital.bob)
    assert read is not None
    verdict = newest_verdict(read=read)
    assert verdict is not None
    amend_verdict(
        case=differing,
        reader=hospital.bob,
        verdict_id=verdict.pk,
        answer=FinalAnswer(
            Decision.OVERRULE, ("natural_noise",), changed_mind_code="slip"
        ),
        reason="A slip.",
    )
    differing.refresh_from_db()
    assert differing.state == CaseState.DONE
    assert not Draft.objects.exists()


def test_a_ruling_and_a_save_at_once_leave_no_draft(
    differing: Case, hospital: Hospital
) -> None:
    at_once(
        partial(_save, differing, hospital.lena),
        partial(rule, differing, hospital.lena, Outcome.SUSPICIOUS),
    )
    assert not Draft.objects.exists()
    with pytest.raises(Conflict, match="settled"):
        _save(differing, hospital.lena)


def test_that_the_answers_were_seen_is_remembered(
    differing: Case, hospital: Hospital, leon: User, client_of: ClientOf
) -> None:
    base = f"/api/v1/cases/{differing.pk}"
    lena = client_of(hospital.lena)

    def seen(browser: Client) -> bool:
        told: bool = browser.get(base).json()["has_seen_answers"]
        return told

    assert seen(lena) is False
    lena.get(f"{base}/adjudication")
    for person, expected in (
        (hospital.lena, True),
        (leon, False),
        (hospital.alice, False),
        (hospital.bob, False),
    ):
        assert seen(client_of(person)) is expected
    assert Event.objects.filter(kind=EventKind.ANSWERS_SERVED).count() == 1
    post(lena, differing, "adjudication", BODY)
    assert seen(lena) is True
    # Another round: another reader, and answers that nobody has been shown.
    differing.refresh_from_db()
    reopen_case(case=differing, lead=leon, reason="Once more.")
    assert seen(lena) is False
    dora = UserFactory.create(site=hospital.site)
    Department.objects.filter(pk=hospital.blind.pk).update(adjudication=True)
    read_fully(Case.objects.get(), dora, Answer.AUTHENTIC, Decision.OVERRULE)
    assert Case.objects.get().state == CaseState.ADJUDICATION
    assert seen(lena) is False
    lena.get(f"{base}/adjudication")
    assert seen(lena) is True
