"""The log: appended with its change or not at all, and any altered row is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Event, EventKind, LogHead
from apps.audit.selectors import find_first_bad_position, get_head
from apps.audit.services import append_event
from tests.conftest import Hospital
from tests.factories import SiteFactory
from workers.tlog.canonical import canonical_json
from workers.tlog.merkle import leaf_hash, root_of, verify_inclusion

ClientOf = Callable[[User], Client]


def _append(hospital: Hospital, count: int, **more: Any) -> list[Event]:
    with transaction.atomic():
        return [
            append_event(
                kind=EventKind.CASE_VIEWED,
                site=hospital.site,
                actor=hospital.alice,
                subject=f"test:{number}",
                data={"number": number},
                **more,
            )
            for number in range(count)
        ]


def _run_sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_an_event_without_a_transaction_is_refused(hospital: Hospital) -> None:
    with pytest.raises(RuntimeError):
        append_event(kind=EventKind.CASE_VIEWED, site=hospital.site)
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_leaves_no_entry(hospital: Hospital) -> None:
    _append(hospital, 2)
    before = get_head()

    def fail() -> None:
        with transaction.atomic():
            append_event(kind=EventKind.CASE_VIEWED, site=hospital.site)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert get_head() == before
    assert Event.objects.count() == 2
    (event,) = _append(hospital, 1)
    assert event.position == 2


@pytest.mark.django_db
def test_an_entry_is_the_hash_of_its_canonical_leaf(hospital: Hospital) -> None:
    events = _append(hospital, 5)
    for event in Event.objects.order_by("position"):
        leaf = json.loads(event.leaf)
        assert canonical_json(leaf) == event.leaf.encode()
        assert leaf_hash(event.leaf.encode()).hex() == event.leaf_hash
        assert leaf["schema"] == "truefilm.event.v1"
        assert leaf["actor"] == str(hospital.alice.pk)
        assert leaf["site"] == str(hospital.site.pk)
        assert leaf["data"] == event.data
        assert leaf["position"] == event.position
        assert leaf["occurred_at"].endswith("+00:00")
    leaves = [bytes.fromhex(event.leaf_hash) for event in events]
    assert get_head() == (5, root_of(leaves).hex())


@pytest.mark.django_db
def test_an_entry_costs_three_queries(
    hospital: Hospital, django_assert_num_queries: Any
) -> None:
    _append(hospital, 1)
    with transaction.atomic(), django_assert_num_queries(3):
        append_event(kind=EventKind.CASE_VIEWED, site=hospital.site)


@pytest.mark.django_db
def test_facts_without_a_canonical_form_are_refused(hospital: Hospital) -> None:
    facts: Any = {"suspicion": 0.5}
    with pytest.raises(TypeError), transaction.atomic():
        append_event(kind=EventKind.CASE_VIEWED, site=hospital.site, data=facts)
    assert not Event.objects.exists()


ALTERATIONS = [
    ("leaf", "UPDATE audit_event SET leaf = replace(leaf, 'test:2', 'test:x')"),
    ("leaf hash", f"UPDATE audit_event SET leaf_hash = '{'0' * 64}'"),
    ("kind", "UPDATE audit_event SET kind = 'signed_in'"),
    ("time", "UPDATE audit_event SET occurred_at = '2020-01-01 00:00:00'"),
    ("actor", "UPDATE audit_event SET actor_id = NULL"),
    ("site", "UPDATE audit_event SET site_id = NULL"),
    ("case", "UPDATE audit_event SET case_id = id"),
    ("subject", "UPDATE audit_event SET subject = 'test:9'"),
    ("facts", "UPDATE audit_event SET data = '{\"number\": 9}'"),
    ("floats for facts", "UPDATE audit_event SET data = '{\"number\": 2.5}'"),
    ("existence", "DELETE FROM audit_event"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", [row[1] for row in ALTERATIONS], ids=[row[0] for row in ALTERATIONS]
)
def test_an_entry_altered_by_sql_is_found(statement: str, hospital: Hospital) -> None:
    _append(hospital, 5)
    assert find_first_bad_position() is None
    _run_sql(f"{statement} WHERE position = 2")
    assert find_first_bad_position() == 2


@pytest.mark.django_db
def test_a_last_entry_that_was_deleted_is_missed(hospital: Hospital) -> None:
    _append(hospital, 5)
    _run_sql("DELETE FROM audit_event WHERE position = 4")
    assert find_first_bad_position() == 4


@pytest.mark.django_db
def test_a_log_that_was_emptied_is_found(hospital: Hospital) -> None:
    _append(hospital, 3)
    _run_sql("DELETE FROM audit_event")
    assert find_first_bad_position() == 0


@pytest.mark.django_db
def test_an_inserted_entry_is_found(hospital: Hospital) -> None:
    *_, last = _append(hospital, 4)
    last.pk, last.position = SiteFactory.create().pk, 4
    last.save(force_insert=True)
    assert find_first_bad_position() == 4


@pytest.mark.django_db
def test_two_entries_that_changed_places_are_found(hospital: Hospital) -> None:
    _append(hospital, 5)
    for old, new in ((1, 99), (3, 1), (99, 3)):
        _run_sql(f"UPDATE audit_event SET position = {new} WHERE position = {old}")
    assert find_first_bad_position() == 1


@pytest.mark.django_db
def test_an_entry_rewritten_with_its_own_hash_breaks_the_root(
    hospital: Hospital,
) -> None:
    _append(hospital, 5)
    event = Event.objects.get(position=2)
    event.leaf = event.leaf.replace("test:2", "test:x")
    event.subject = "test:x"
    event.leaf_hash = leaf_hash(event.leaf.encode()).hex()
    event.save()
    assert find_first_bad_position() == 0


@pytest.mark.django_db
def test_the_command_tells_size_and_root_and_fails_on_an_altered_row(
    hospital: Hospital,
) -> None:
    _append(hospital, 3)
    out = StringIO()
    call_command("verify_log", stdout=out)
    assert out.getvalue() == f"3 entries match. Root {get_head()[1]}\n"
    _run_sql("UPDATE audit_event SET subject = 'x' WHERE position = 1")
    with pytest.raises(CommandError, match="from entry 1 on"):
        call_command("verify_log")


@pytest.mark.django_db
def test_an_empty_log_is_sound(db: None) -> None:
    assert find_first_bad_position() is None
    assert get_head()[0] == 0
    assert not LogHead.objects.exists()


# --- the audit desk -------------------------------------------------------------------


def _proof(browser: Client, position: int) -> dict[str, Any]:
    answer = browser.get(f"/api/v1/audit/events/{position}/proof")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def _verify(proof: dict[str, Any], leaf: str) -> bool:
    return verify_inclusion(
        index=proof["position"],
        size=proof["tree_size"],
        leaf=leaf_hash(leaf.encode()),
        path=[bytes.fromhex(node) for node in proof["path"]],
        root=bytes.fromhex(proof["root_hash"]),
    )


@pytest.mark.django_db
def test_every_entrys_proof_verifies_and_a_changed_leaf_does_not(
    hospital: Hospital, client_of: ClientOf
) -> None:
    _append(hospital, 12)
    browser = client_of(hospital.lena)
    for position in range(12):
        proof = _proof(browser, position)
        assert leaf_hash(proof["leaf"].encode()).hex() == proof["leaf_hash"]
        assert _verify(proof, proof["leaf"])
        assert not _verify(proof, proof["leaf"].replace("case_viewed", "signed_in"))


@pytest.mark.django_db
def test_who_is_not_of_the_site_or_of_the_role_reads_nothing(
    hospital: Hospital, charlie: User, client_of: ClientOf
) -> None:
    _append(hospital, 3)
    for who in (hospital.alice, hospital.max, hospital.script, charlie):
        for path in ("events", "events/0/proof", "kinds"):
            assert client_of(who).get(f"/api/v1/audit/{path}").status_code == 403
    charlie.role = "lead"
    charlie.save()
    browser = client_of(charlie)
    assert browser.get("/api/v1/audit/events/0/proof").status_code == 404
    listed = browser.get("/api/v1/audit/events").json()["items"]
    assert {item["actor"]["display_name"] for item in listed} == {"Charlie"}
    assert Client().get("/api/v1/audit/events").status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["events", "events?cursor=WzEwMDBd", "events/0/proof"])
def test_reading_the_log_is_an_entry_once_per_five_minutes(
    path: str, hospital: Hospital, client_of: ClientOf
) -> None:
    _append(hospital, 1)
    browser = client_of(hospital.lena)
    for _ in range(3):
        assert browser.get(f"/api/v1/audit/{path}").status_code == 200
    event = Event.objects.get(kind=EventKind.AUDIT_READ)
    assert event.actor == hospital.lena


@pytest.mark.django_db
def test_filters_cut_the_list(hospital: Hospital, client_of: ClientOf) -> None:
    case_id = SiteFactory.create().pk
    _append(hospital, 2)
    _append(hospital, 1, case_id=case_id)
    browser = client_of(hospital.lena)

    def count(**query: str) -> int:
        items = browser.get("/api/v1/audit/events", query).json()["items"]
        return sum(item["kind"] == "case_viewed" for item in items)

    first, second, third = Event.objects.filter(kind="case_viewed").order_by("position")
    assert count() == 3
    assert count(kind="case_viewed") == 3
    assert count(kind="signed_in") == 0
    assert count(actor="ALICE") == 3
    assert count(actor="lena") == 0
    assert count(case=str(case_id)) == 1
    assert count(q="case viewed") == 3
    assert count(q="test:1") == 1
    assert count(since=second.occurred_at.isoformat()) == 2
    assert count(until=third.occurred_at.isoformat()) == 2
    naive = first.occurred_at.replace(tzinfo=None).isoformat()
    assert count(since=naive) == 3
    assert count(until=naive) == 0


@pytest.mark.django_db
def test_pages_of_the_log_join_without_gap_while_it_grows(
    hospital: Hospital, client_of: ClientOf
) -> None:
    _append(hospital, 7)
    browser = client_of(hospital.lena)
    page = browser.get("/api/v1/audit/events?limit=3").json()
    size = page["tree_size"]
    seen = [item["position"] for item in page["items"]]
    while page["next_cursor"]:
        _append(hospital, 1)
        query = {"limit": "3", "cursor": page["next_cursor"]}
        page = browser.get("/api/v1/audit/events", query).json()
        seen += [item["position"] for item in page["items"]]
    assert seen == list(range(size - 1, -1, -1))


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "W251bGxd", "W10", "WzEsMl0"])
def test_a_cursor_that_is_not_ours_is_refused(
    cursor: str, hospital: Hospital, client_of: ClientOf
) -> None:
    answer = client_of(hospital.lena).get(f"/api/v1/audit/events?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_cursor")


@pytest.mark.django_db
def test_a_page_of_the_log_costs_the_same_queries_whatever_its_length(
    hospital: Hospital, client_of: ClientOf, django_assert_num_queries: Any
) -> None:
    browser = client_of(hospital.lena)
    browser.get("/api/v1/audit/events")
    for rows in (1, 60):
        _append(hospital, rows)
        # Session, user, site; lately read (in a savepoint); page; head.
        with django_assert_num_queries(8):
            browser.get("/api/v1/audit/events?limit=200")


@pytest.mark.django_db
def test_every_kind_of_event_has_words(hospital: Hospital, client_of: ClientOf) -> None:
    kinds = client_of(hospital.lena).get("/api/v1/audit/kinds").json()
    assert {kind["kind"] for kind in kinds} == {kind.value for kind in EventKind}
    assert all(kind["label"] for kind in kinds)
