"""A reader's own figures: served to that reader and to nobody else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from django.db.models import F, OuterRef, Subquery

from apps.accounts.models import ReadingMode, User
from apps.audit.models import Event, EventKind
from apps.insights.canaries import OwnCanaries, own_canaries
from apps.insights.selectors import Proportion, wilson_interval
from apps.reading.models import Adjudication, CaseState, Outcome, Read, Verdict

DEFINITE = (Outcome.AUTHENTIC, Outcome.SUSPICIOUS)
# Medians are of the newest reads: how one reads now, and a bounded query.
RECENT_READS = 200


@dataclass(frozen=True)
class AgainstTruth:
    """Own blind reads on cases that an adjudicator settled: first answer and verdict.

    first_right, final_right: shares of all of these; "cannot tell" is not right.
    right_to_wrong: of those right at first; wrong_to_right: of those wrong at first,
    "cannot tell" left out, as it is neither.
    """

    first_right: Proportion
    final_right: Proportion
    right_to_wrong: Proportion
    wrong_to_right: Proportion


@dataclass(frozen=True)
class OwnReading:
    """What one reader did.

    seconds_to_seal: median, from the last look at the case that the log holds to the
        seal; looks are logged once per quarter of an hour. None without reads.
    seconds_to_verdict: median, from the seal to the first verdict. None without one.
    """

    reads: int
    blind_reads: int
    verdicts: int
    seconds_to_seal: float | None
    seconds_to_verdict: float | None
    against_truth: AgainstTruth
    canaries: OwnCanaries


def own_reading(*, reader: User) -> OwnReading:
    """Return a reader's own figures. 6 queries.

    Truth is of closed cases alone, which the reader is told of anyway. It comes from
    cases where readers differed: harder than most.
    """
    reads = Read.objects.filter(reader=reader)
    verdicts = Verdict.objects.filter(read__reader=reader, replaces=None)
    return OwnReading(
        reads=reads.count(),
        blind_reads=reads.filter(mode=ReadingMode.BLIND_FIRST).count(),
        verdicts=verdicts.count(),
        **_medians(reader),
        against_truth=_against_truth(reader),
        canaries=own_canaries(reader=reader),
    )


def _medians(reader: User) -> dict[str, float | None]:
    looked = Event.objects.filter(
        case_id=OuterRef("case_id"),
        actor=reader,
        kind=EventKind.CASE_VIEWED,
        occurred_at__lte=OuterRef("sealed_at"),
    ).order_by("-position")
    filed = Verdict.objects.filter(read=OuterRef("pk"), replaces=None)
    rows = list(
        Read.objects.filter(reader=reader)
        .order_by("-sealed_at")
        .values_list(
            Subquery(looked.values("occurred_at")[:1]),
            "sealed_at",
            Subquery(filed.values("filed_at")[:1]),
        )[:RECENT_READS]
    )
    return {
        "seconds_to_seal": _median(
            (sealed - seen).total_seconds() for seen, sealed, _ in rows if seen
        ),
        "seconds_to_verdict": _median(
            (end - sealed).total_seconds() for _, sealed, end in rows if end
        ),
    }


def _median(seconds: Iterable[float]) -> float | None:
    known = list(seconds)
    return median(known) if known else None


def _against_truth(reader: User) -> AgainstTruth:
    ruling = Adjudication.objects.filter(
        case=OuterRef("read__case"), round=OuterRef("read__case__round")
    )
    rows = list(
        Verdict.objects.filter(
            read__reader=reader,
            read__mode=ReadingMode.BLIND_FIRST,
            read__case__state=CaseState.DONE,
            replaced_by=None,
        )
        .annotate(truth=Subquery(ruling.values("outcome")[:1]))
        .filter(truth__in=DEFINITE)
        .values_list(F("truth"), "read__answer", "outcome")
    )
    right = [row for row in rows if row[1] == row[0]]
    wrong = [row for row in rows if row[1] in DEFINITE and row[1] != row[0]]
    lost = sum(final in DEFINITE and final != truth for truth, _, final in right)
    won = sum(final == truth for truth, _, final in wrong)
    return AgainstTruth(
        first_right=wilson_interval(len(right), len(rows)),
        final_right=wilson_interval(sum(row[2] == row[0] for row in rows), len(rows)),
        right_to_wrong=wilson_interval(lost, len(right)),
        wrong_to_right=wilson_interval(won, len(wrong)),
    )
