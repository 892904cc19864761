"""Reads on canaries. What is not asked for here cannot know that a case is one."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q, QuerySet

from apps.accounts.models import Site, User
from apps.reading.canary_models import (
    CanaryFilm,
    CanaryRelease,
    CanaryResult,
    ReleaseStage,
    Truth,
)
from apps.reading.models import Case, CaseState, ReadKind

FAKE = (Truth.GENERATED.value, Truth.ALTERED.value)


def canary_case_ids() -> QuerySet[CanaryRelease, uuid.UUID]:
    """Return the ids of all cases that are canaries, for `exclude(...__in=...)`."""
    return CanaryRelease.objects.filter(case__isnull=False).values_list(
        "case_id", flat=True
    )


def is_canary(*, case: Case) -> bool:
    """Return whether a case is a canary. 1 query."""
    return CanaryRelease.objects.filter(case=case).exists()


def find_release_of(*, case: Case) -> CanaryRelease | None:
    """Return the release that a case came of, with its film, or None. 1 query."""
    return CanaryRelease.objects.filter(case=case).select_related("film").first()


def list_own_results(*, reader: User) -> list[CanaryResult]:
    """Return a reader's results on canaries whose case is closed, newest first.

    Until then another reader may be reading it blind. 1 query.
    """
    return list(
        CanaryResult.objects.filter(
            read__reader=reader, release__case__state=CaseState.DONE
        )
        .select_related("release__case", "read")
        .order_by("-created_at", "pk")
    )


def list_closed_results(*, site: Site) -> list[CanaryResult]:
    """Return all results on a site's closed canaries, oldest first. 1 query."""
    return list(
        CanaryResult.objects.filter(
            release__department__site=site, release__case__state=CaseState.DONE
        )
        # Read by another department.
        .exclude(read__kind=ReadKind.AUDIT)
        .select_related("read", "release")
        .order_by("created_at", "pk")
    )


def count_stock(*, site: Site) -> dict[uuid.UUID, int]:
    """Return how many films each department has in stock. 1 query.

    One that was released counts until its case is closed: a stock that went down as a
    case came in would tell which case it is.
    """
    used = Q(release__case__state=CaseState.DONE)
    rows = (
        CanaryFilm.objects.filter(site=site)
        .values_list("department_id")
        .annotate(count=Count("pk", filter=~used | Q(release__case=None)))
    )
    return dict(rows)


def count_dropped(*, site: Site) -> dict[uuid.UUID, int]:
    """Return how many drawn canaries of each department were not sent in. 1 query."""
    dropped = CanaryRelease.objects.filter(
        department__site=site, stage=ReleaseStage.DROPPED
    )
    return dict(dropped.values_list("department_id").annotate(count=Count("pk")))
