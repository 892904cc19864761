"""What a page of a worklist costs at a million studies.

    python -m bench.worklist [--cases 1000000] [--open 100000] [--rounds 30]

On the database of TRUEFILM_DATABASE_URL (PostgreSQL: random_page_cost = 1.1), which it
fills if it has no cases: half of them in a blind department, half in a triage one. Not
part of `make bench`: filling takes minutes. The reference is a look-up of one case by
its id, in the same run.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - needs a set-up Django
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.models import (  # noqa: E402
    Department,
    Membership,
    ReadingMode,
    Role,
    Site,
    User,
)
from apps.reading.conditions import CaseFilter  # noqa: E402
from apps.reading.models import Case  # noqa: E402
from apps.reading.queues import count_queues  # noqa: E402
from apps.reading.selectors import list_worklists  # noqa: E402
from apps.reading.worklist import list_cases  # noqa: E402
from bench.worklist_rows import fill  # noqa: E402

Answer = TypeVar("Answer")
BUDGET_MS = 50
ROUNDS = 30
PAGE = 100
DEEP_PAGES = 40

KINDS: dict[str, tuple[str, CaseFilter]] = {
    "blind, first page": ("blind", CaseFilter()),
    "blind, newest first": ("blind", CaseFilter(sort="-received")),
    "blind, by patient": ("blind", CaseFilter(sort="patient")),
    "blind, by modality": ("blind", CaseFilter(sort="modality")),
    "blind, ready": ("blind", CaseFilter(state="ready")),
    "blind, all states": ("blind", CaseFilter(state="all", sort="-received")),
    "blind, done": ("blind", CaseFilter(state="done", sort="-received")),
    "modality:DX": ("blind", CaseFilter(query="modality:DX")),
    "modality:PX (rare)": ("blind", CaseFilter(query="modality:PX")),
    "-modality:DX": ("blind", CaseFilter(query="-modality:DX")),
    "age<2d": ("blind", CaseFilter(query="age<2d")),
    "age<1h (few)": ("blind", CaseFilter(query="age<1h")),
    "age>29d": ("blind", CaseFilter(query="age>29d")),
    "with:me": ("blind", CaseFilter(query="with:me")),
    "with:nobody": ("blind", CaseFilter(query="with:nobody")),
    "state:sealed": ("blind", CaseFilter(query="state:sealed")),
    "priority:stat": ("blind", CaseFilter(query="priority:stat")),
    "patient:family4711 (one)": ("blind", CaseFilter(query="patient:family4711")),
    "patient:family4 (many)": ("blind", CaseFilter(query="patient:family4")),
    "patient:anna (1 of 20)": ("blind", CaseFilter(query="patient:anna")),
    "chest, all states": ("blind", CaseFilter(query="chest", state="all")),
    "anna modality:CT age<2d": (
        "blind",
        CaseFilter(query="anna modality:CT age<2d with:nobody"),
    ),
    "nothing matches": ("blind", CaseFilter(query="patient:nosuchname")),
    "my queue": ("blind", CaseFilter(mine="true")),
    "unclaimed": ("blind", CaseFilter(mine="unclaimed")),
    "second reads": ("blind", CaseFilter(mine="second_reads")),
    "adjudication": ("blind", CaseFilter(mine="adjudication")),
    "state:adjudication": ("blind", CaseFilter(query="state:adjudication")),
    "triage, done": ("triage", CaseFilter(state="done")),
    "triage, first page": ("triage", CaseFilter()),
    "triage, all states": ("triage", CaseFilter(state="all")),
    "triage, suspicion>0.8": ("triage", CaseFilter(query="suspicion>0.8")),
    "triage, flagged:yes": ("triage", CaseFilter(query="flagged:yes")),
    "triage, lane:synthesis": ("triage", CaseFilter(query="lane:synthesis")),
}


@dataclass
class Took:
    """Milliseconds of each round: on the clock, and of this process's processor.

    On a machine that others use too the second says what the query costs. It leaves out
    a database server's own time.
    """

    clock_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)

    def measure(self, work: Callable[[], Answer]) -> Answer:
        """Do the work and note what it took."""
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        answer = work()
        self.clock_ms.append(1000 * (time.perf_counter() - began_s))
        self.cpu_ms.append(1000 * (time.process_time() - began_cpu_s))
        return answer


def measure_ms(work: Callable[[], object], rounds: int) -> Took:
    """Return what each round took, after one that warms caches."""
    work()
    took = Took()
    for _ in range(rounds):
        took.measure(work)
    return took


def percentile(values: list[float], share: float) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def report(name: str, took: Took, reference_ms: float) -> bool:
    """Print one line; return whether its p95 on the clock is within the budget."""
    p50, p95 = statistics.median(took.clock_ms), percentile(took.clock_ms, 0.95)
    cpu_p50, cpu_p95 = statistics.median(took.cpu_ms), percentile(took.cpu_ms, 0.95)
    verdict = "" if p95 <= BUDGET_MS else f"  OVER {BUDGET_MS} ms"
    print(
        f"{name:28} p50 {p50:6.1f}  p95 {p95:6.1f} ms   "
        f"cpu p50 {cpu_p50:6.1f}  p95 {cpu_p95:6.1f} ms   "
        f"ratio {p50 / reference_ms:5.1f}{verdict}"
    )
    return p95 <= BUDGET_MS


def _walk(user: User, room: Department, wanted: CaseFilter) -> Took:
    """Return what each page of a list took, read on from its top."""
    took = Took()
    cursor: str | None = None
    for _ in range(DEEP_PAGES):
        page = took.measure(
            lambda after=cursor: list_cases(  # type: ignore[misc]
                user=user, department=room, wanted=wanted, cursor=after, limit=PAGE
            )
        )
        cursor = page.next_cursor
        if cursor is None:
            break
    return took


def bench_worklist(rounds: int) -> bool:
    """Print p50 and p95 of every kind; return whether all are within the budget."""
    people = User.objects.select_related("site")
    # A reader is shown what waits for an adjudicator as done, a lead is not.
    kinds_of = {
        people.get(username="reader0"): KINDS,
        people.get(username="lead0"): {
            f"lead: {name}": KINDS[name]
            for name in ("blind, first page", "blind, done", "adjudication")
        },
    }
    user = next(iter(kinds_of))
    rooms = {r.slug: r for r in Department.objects.select_related("site")}
    ids = list(Case.objects.values_list("pk", flat=True)[: 10 * rounds])
    chosen = iter(random.Random(0).choices(ids, k=rounds + 1))
    reference = measure_ms(lambda: Case.objects.filter(pk=next(chosen)).first(), rounds)
    reference_ms = statistics.median(reference.clock_ms)
    report("one case by its id", reference, reference_ms)
    good = True
    for who, kinds in kinds_of.items():
        for name, (slug, wanted) in kinds.items():
            took = measure_ms(
                lambda who=who, slug=slug, wanted=wanted: list_cases(  # type: ignore[misc]
                    user=who,
                    department=rooms[slug],
                    wanted=wanted,
                    cursor=None,
                    limit=PAGE,
                ),
                rounds,
            )
            good &= report(name, took, reference_ms)
        queues = measure_ms(
            lambda who=who: count_queues(  # type: ignore[misc]
                user=who, department=rooms["blind"]
            ),
            rounds,
        )
        good &= report(f"counts of {who.username}'s queues", queues, reference_ms)
    for slug in ("blind", "triage"):
        for sort in ("", "-received", "modality"):
            wanted = CaseFilter(sort=sort)
            # Once before, as above: pages that lie on the disk alone cost its seeks.
            _walk(user, rooms[slug], wanted)
            deep = _walk(user, rooms[slug], wanted)
            name = f"{slug}, deep pages {sort or 'own order'}"
            good &= report(name, deep, reference_ms)
    counts = measure_ms(lambda: list_worklists(user=user), rounds)
    return report("open counts of all lists", counts, reference_ms) and good


def main() -> int:
    """Fill if empty, measure, and fail if anything is over the budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--open", type=int, default=100_000, help="per department")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    if not Case.objects.exists():
        began_s = time.perf_counter()
        with transaction.atomic():
            rooms = _make_rooms()
            fill(rooms, cases=asked.cases, open_per_room=asked.open)
        print(f"filled in {time.perf_counter() - began_s:.0f} s")
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                # As it does by itself in a while. SQLite does not: without statistics
                # it must be as quick.
                cursor.execute("VACUUM ANALYZE")
    print(f"{connection.vendor}, {Case.objects.count():,} cases, {timezone.now():%F}")
    return 0 if bench_worklist(asked.rounds) else 1


def _make_rooms() -> list[Department]:
    site = Site.objects.create(slug="north", name="North")
    for number in range(20):
        User.objects.create(
            username=f"reader{number}", site=site, role=Role.RADIOLOGIST
        )
    User.objects.create(username="lead0", site=site, role=Role.LEAD)
    rooms = [
        Department.objects.create(site=site, slug=slug, name=slug, reading_mode=mode)
        for slug, mode in (
            ("blind", ReadingMode.BLIND_FIRST),
            ("triage", ReadingMode.TRIAGE),
        )
    ]
    for user in User.objects.filter(site=site):
        for room in rooms:
            Membership.objects.create(department=room, user=user)
    return rooms


if __name__ == "__main__":
    raise SystemExit(main())
