"""Figures for leads, with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from apps.accounts.models import Department, User
from apps.accounts.selectors import departments_of
from apps.core.proportions import Proportion as Proportion
from apps.core.proportions import wilson_interval as wilson_interval
from apps.detection.models import LaneResult
from apps.reading.canaries import canary_case_ids
from apps.reading.models import OPEN_STATES, Case, CaseState, ReadKind, Verdict
from workers.types import LaneName

RECENT_RESULTS = 1000


@dataclass(frozen=True)
class LaneFigures:
    """What a lane said in its last runs."""

    lane: str
    runs: int
    findings: int
    not_assessable: int
    median_seconds: float | None


@dataclass(frozen=True)
class Summary:
    """The lead's first screen. Only decided cases count toward rates, so that nothing
    here tells of a case that is still to be read blind."""

    open_cases: int
    oldest_open_minutes: float | None
    verdicts: int
    flags_decided: int
    flags_overruled: int
    overrule_rate: Proportion
    agreement: Proportion
    suspicious_to_authentic: int
    authentic_to_suspicious: int
    lanes: list[LaneFigures]


def summarise(*, user: User) -> Summary:
    """Return the figures of a lead's departments. 3 queries."""
    rooms = departments_of(user)
    now = timezone.now()
    queue = Case.objects.filter(department__in=rooms, state__in=OPEN_STATES).aggregate(
        n=Count("pk"), oldest=Min("received_at")
    )
    # Rates are of what the department is sent, not of canaries. Open cases count them:
    # a list one longer than its count would tell of one.
    # One reader's newest verdict counts once, and only when the case is closed: until
    # then another reader may be reading it blind.
    decided = Verdict.objects.filter(
        read__case__department__in=rooms,
        read__case__state=CaseState.DONE,
        replaced_by=None,
    ).exclude(read__case__in=canary_case_ids())
    # Audits have figures of their own.
    decided = decided.exclude(read__kind=ReadKind.AUDIT)
    verdicts = decided.aggregate(
        n=Count("pk"),
        definite=Count("pk", filter=~Q(decision="inconclusive")),
        agreed=Count("pk", filter=Q(decision="confirm")),
        flags=Count("pk", filter=Q(flagged=True) & ~Q(decision="inconclusive")),
        overruled=Count("pk", filter=Q(flagged=True, decision="overrule")),
        to_authentic=Count(
            "pk", filter=Q(read__answer="suspicious", outcome="authentic")
        ),
        to_suspicious=Count(
            "pk", filter=Q(read__answer="authentic", outcome="suspicious")
        ),
    )
    oldest = queue["oldest"]
    return Summary(
        open_cases=queue["n"],
        oldest_open_minutes=(now - oldest).total_seconds() / 60 if oldest else None,
        verdicts=verdicts["n"],
        flags_decided=verdicts["flags"],
        flags_overruled=verdicts["overruled"],
        overrule_rate=wilson_interval(verdicts["overruled"], verdicts["flags"]),
        agreement=wilson_interval(verdicts["agreed"], verdicts["definite"]),
        suspicious_to_authentic=verdicts["to_authentic"],
        authentic_to_suspicious=verdicts["to_suspicious"],
        lanes=_lane_figures(rooms),
    )


def _lane_figures(rooms: QuerySet[Department]) -> list[LaneFigures]:
    decided = (
        LaneResult.objects.filter(
            run__image__study__department__in=rooms,
            run__image__study__case__state="done",
        )
        .exclude(run__image__study__in=canary_case_ids())
        .order_by("-created_at")
        .values_list("lane", "status", "seconds")[: RECENT_RESULTS * len(LaneName)]
    )
    rows = list(decided)
    figures = []
    for lane in LaneName:
        own = [(status, seconds) for name, status, seconds in rows if name == lane]
        figures.append(
            LaneFigures(
                lane=lane.value,
                runs=len(own),
                findings=sum(status == "finding" for status, _ in own),
                not_assessable=sum(status == "not_assessable" for status, _ in own),
                median_seconds=median(s for _, s in own) if own else None,
            )
        )
    return figures
