"""Reads on cases; who may see what of the system's opinion is decided here alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from apps.accounts.models import Department, ReadingMode, User
from apps.accounts.permissions import Permission, permissions_of
from apps.audit.models import Event, EventKind
from apps.core.errors import Denied, Invalid, NotFound
from apps.core.pagination import (
    bad_cursor,
    clamp_limit,
    decode_cursor,
    encode_cursor,
)
from apps.reading.models import (
    NO_OPINION,
    OPEN_STATES,
    Case,
    CaseState,
    Read,
    ReasonCode,
    Verdict,
)

# Sort key -> (column, descending). Every order ends with the id, so pages are stable.
SORTS = {
    "received": ("received_at", False),
    "-received": ("received_at", True),
    "patient": ("study__patient__name", False),
    "modality": ("study__modality", False),
    "shuffled": ("shuffle_key", False),
}
TRIAGE_SORTS = {
    "suspicion": ("opinion__suspicion_rank", False),
    "-suspicion": ("opinion__suspicion_rank", True),
}
PLAIN_COLUMNS = frozenset(column for column, _ in SORTS.values())
RECENT_FLAGS = 50
READABLE_STATES = (CaseState.READY, CaseState.SEALED, CaseState.SECOND_READ)
# Name in answers -> value of `mine`.
QUEUES = {
    "mine": "true",
    "unclaimed": "unclaimed",
    "second_reads": "second_reads",
    "adjudication": "adjudication",
}


@dataclass(frozen=True)
class CaseFilter:
    """What a worklist page may ask for; empty fields do not filter."""

    state: str = "open"
    modality: str = ""
    text: str = ""
    mine: str = ""
    sort: str = ""


@dataclass(frozen=True)
class CasePage:
    """One page of a worklist."""

    cases: Sequence[Case]
    next_cursor: str | None
    total: int


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Return the cases a user may know of: those of the site, for readers."""
    if Permission.READ_CASES not in permissions_of(user):
        return Case.objects.none()
    mine = Read.objects.filter(case=OuterRef("pk"), reader=user)
    return (
        Case.objects.filter(site=user.site)
        .select_related("study__patient", "department", "claimed_by", "site")
        .annotate(
            sealed_by_me=Exists(mine),
            decided_by_me=Exists(mine.filter(verdicts__isnull=False)),
        )
    )


def get_case(*, user: User, case_id: uuid.UUID) -> Case:
    """Return a case of the user's site. Raises NotFound. 1 query."""
    case = cases_visible_to(user).filter(pk=case_id).first()
    if case is None:
        raise NotFound("There is no such case.")
    return case


def list_reason_codes() -> list[ReasonCode]:
    """Return all reason codes in display order, retired ones too. 1 query."""
    return list(ReasonCode.objects.all())


def list_worklists(*, user: User) -> list[Department]:
    """Return the site's departments with `open_count`, in display order. 1 query."""
    departments = Department.objects.filter(site=user.site)
    return list(
        departments.annotate(
            open_count=Count("cases", filter=Q(cases__state__in=OPEN_STATES))
        ).order_by("position", "name")  # an aggregate drops Meta.ordering
    )


def list_cases(
    *,
    user: User,
    department: Department,
    wanted: CaseFilter,
    cursor: str | None,
    limit: int,
) -> CasePage:
    """Return a page of a worklist. 2 queries.

    Blind first: the opinion is not joined, and sorting by it is refused.
    """
    column, descending = _sort_of(department, wanted.sort)
    cases = _filtered(user, department, wanted)
    total = cases.count()
    if department.reading_mode == ReadingMode.TRIAGE:
        cases = cases.select_related("opinion")
    # A case whose analysis runs has no opinion yet: null would end the paging.
    place = F(column) if column in PLAIN_COLUMNS else Coalesce(F(column), NO_OPINION)
    cases = cases.annotate(sort_value=place)
    if cursor:
        cases = _after_cursor(cases, cursor, "lt" if descending else "gt")
    order = F("sort_value").desc() if descending else F("sort_value").asc()
    limit = clamp_limit(limit)
    page = list(cases.order_by(order, "pk")[: limit + 1])
    more = len(page) > limit
    page = page[:limit]
    last = page[-1] if page else None
    next_cursor = None
    if more and last is not None:
        value = vars(last)["sort_value"]
        text = value.isoformat() if hasattr(value, "isoformat") else value
        next_cursor = encode_cursor([text, str(last.pk)])
    return CasePage(page, next_cursor, total)


def count_queues(*, user: User, department: Department) -> dict[str, int]:
    """Return how many open cases each of the caller's queues holds. 1 query."""
    open_cases = Q(state__in=OPEN_STATES)
    counts = {
        key: Count("pk", filter=open_cases & _queue(user, name))
        for key, name in QUEUES.items()
    }
    cases = Case.objects.filter(site=user.site, department=department)
    return dict(cases.aggregate(**counts))


def next_case_id(*, user: User, case: Case) -> uuid.UUID | None:
    """Return the next ready case of the same worklist that nobody else holds, or None.

    Blind: the shuffled order, wrapped around. Triage: the most suspicious one.
    """
    ready = (
        cases_visible_to(user)
        .filter(department=case.department, state__in=READABLE_STATES)
        .filter(Q(claimed_by=None) | Q(claimed_by=user) | Q(claim_expires_at__lt=Now()))
        .exclude(reads__in=Read.objects.filter(reader=user, verdicts__isnull=False))
        .exclude(pk=case.pk)
    )
    if case.department.reading_mode == ReadingMode.TRIAGE:
        first = ready.order_by("-opinion__suspicion_rank", "pk").first()
    else:
        later = ready.filter(shuffle_key__gt=case.shuffle_key)
        first = (
            later.order_by("shuffle_key").first()
            or ready.order_by("shuffle_key").first()
        )
    return first.pk if first else None


def own_read(*, case: Case, user: User) -> Read | None:
    """Return the user's sealed read of a case, or None. 1 query."""
    return Read.objects.filter(case=case, reader=user).select_related("reader").first()


def newest_verdict(*, read: Read) -> Verdict | None:
    """Return the verdict of a read that no amendment replaces, or None. 1 query."""
    return (
        Verdict.objects.filter(read=read, replaced_by=None)
        .select_related("read__reader", "replaces")
        .first()
    )


def current_verdicts(*, case: Case) -> list[Verdict]:
    """Return each reader's newest verdict, in the order of their reads. 1 query."""
    return list(
        Verdict.objects.filter(read__case=case, replaced_by=None)
        .select_related("read__reader", "replaces")
        .order_by("read__sealed_at", "read_id")
    )


def has_seen_evidence(*, case: Case, user: User) -> bool:
    """Return whether evidence of the case was ever served to this person. 1 query."""
    return Event.objects.filter(
        case_id=case.pk, actor=user, kind=EventKind.EVIDENCE_SERVED
    ).exists()


def was_unblinded(*, case: Case, user: User) -> bool:
    """Return whether this person was ever served the evidence or others' answers."""
    served = (EventKind.EVIDENCE_SERVED, EventKind.ANSWERS_SERVED)
    return Event.objects.filter(case_id=case.pk, actor=user, kind__in=served).exists()


def may_see_opinion(*, case: Case, user: User) -> bool:
    """Return whether the system's opinion of a case may be served to this person.

    In triage always; blind first only to who has sealed an answer, and to the
    adjudicator of a case whose readers have all decided and differ. There is no other
    door: whoever looks through it can only read that case as informed afterwards.
    """
    if case.department.reading_mode == ReadingMode.TRIAGE:
        return True
    if Read.objects.filter(case=case, reader=user).exists():
        return True
    return may_adjudicate(case=case, user=user)


def may_adjudicate(*, case: Case, user: User) -> bool:
    """Return whether this person may see all answers of a case, to settle it.

    Only who has not read it, while it waits for that or once it was settled so. Looks
    at the state in the database: the caller's row may be old. At most 2 queries.
    """
    if Permission.ADJUDICATE not in permissions_of(user):
        return False
    settled = Q(state=CaseState.DONE, adjudications__round=F("round"))
    waiting = Case.objects.filter(pk=case.pk, site=user.site).filter(
        Q(state=CaseState.ADJUDICATION) | settled
    )
    own = Read.objects.filter(case=case, reader=user)
    return waiting.exists() and not own.exists()


def require_opinion_access(*, case: Case, user: User) -> None:
    """Raise Denied (`seal_first`) unless the opinion may be served."""
    if not may_see_opinion(case=case, user=user):
        raise Denied("Seal your own answer first.", code="seal_first")


def cases_still_blind_for(
    *, user: User, study_ids: set[uuid.UUID]
) -> frozenset[uuid.UUID]:
    """Return which of these studies the user must still read blind. 1 query.

    Evidence of another case may name them (a reuse match), and that would be a hint.
    """
    blind = Case.objects.filter(
        pk__in=study_ids,
        department__reading_mode=ReadingMode.BLIND_FIRST,
    ).exclude(reads__reader=user)
    return frozenset(blind.values_list("pk", flat=True))


def overruled_of_last_flags(*, department: Department) -> tuple[int, int]:
    """Return (flags decided, of these overruled) among the department's last 50."""
    recent = (
        # Of closed cases: a verdict on one that waits for a second reader is a hint.
        Verdict.objects.filter(
            read__case__department=department,
            read__case__state=CaseState.DONE,
            flagged=True,
            replaced_by=None,
        )
        .exclude(decision="inconclusive")
        .order_by("-filed_at")
        .values_list("decision", flat=True)[:RECENT_FLAGS]
    )
    decisions = list(recent)
    return len(decisions), sum(decision == "overrule" for decision in decisions)


def read_phase(case: Case) -> str:
    """Return the caller's phase, from the annotations of `cases_visible_to`."""
    if getattr(case, "decided_by_me", False):
        return "done"
    return "sealed" if getattr(case, "sealed_by_me", False) else "unread"


def _sort_of(department: Department, wanted: str) -> tuple[str, bool]:
    is_triage = department.reading_mode == ReadingMode.TRIAGE
    allowed = {**SORTS, **TRIAGE_SORTS} if is_triage else SORTS
    key = wanted or ("-suspicion" if is_triage else "shuffled")
    if key not in allowed:
        raise Invalid("This worklist cannot be sorted so.", code="bad_sort")
    return allowed[key]


def _after_cursor(cases: QuerySet[Case], cursor: str, step: str) -> QuerySet[Case]:
    value, last_id = decode_cursor(cursor, length=2)
    try:
        return cases.filter(
            Q(**{f"sort_value__{step}": value})
            | Q(sort_value=value, pk__gt=uuid.UUID(str(last_id)))
        )
    # What Django raises for a value that does not fit the column.
    except (TypeError, ValueError, ValidationError) as error:
        raise bad_cursor() from error


def _queue(user: User, name: str) -> Q:
    """Return which cases are in one of the caller's queues.

    What waits for a second reader or an adjudicator is never offered to who read it.
    Raises Invalid (`bad_queue`) for a name that is none.
    """
    live = Q(claimed_by__isnull=False, claim_expires_at__gt=Now())
    theirs = live & ~Q(claimed_by=user)
    # Pinned by id: a join over reads would count a case once for every reader.
    read = Q(pk__in=Read.objects.filter(reader=user).values("case_id"))
    decided = Q(
        pk__in=Read.objects.filter(reader=user, verdicts__isnull=False).values(
            "case_id"
        )
    )
    waits = Q(state__in=(CaseState.SECOND_READ, CaseState.ADJUDICATION))
    if name == "true":
        return Q(claimed_by=user) & live
    if name == "unclaimed":
        return ~live & ~waits
    if name == "second_reads":
        return Q(state=CaseState.SECOND_READ) & ~theirs & ~decided
    if name == "adjudication":
        if Permission.ADJUDICATE not in permissions_of(user):
            return Q(pk__in=[])
        return Q(state=CaseState.ADJUDICATION) & ~theirs & ~read
    raise Invalid("There is no such queue.", code="bad_queue")


def _filtered(user: User, department: Department, wanted: CaseFilter) -> QuerySet[Case]:
    cases = cases_visible_to(user).filter(department=department)
    live_claim = Q(claimed_by__isnull=False, claim_expires_at__gt=Now())
    states = {
        "open": Q(state__in=OPEN_STATES),
        "all": Q(),
        "in_read": Q(state=CaseState.READY) & live_claim,
        "ready": Q(state=CaseState.READY) & ~live_claim,
        **{
            state.value: Q(state=state)
            for state in CaseState
            if state != CaseState.READY
        },
    }
    if wanted.state not in states:
        raise Invalid("There is no such state.", code="bad_state")
    cases = cases.filter(states[wanted.state])
    if wanted.modality:
        cases = cases.filter(study__modality__iexact=wanted.modality)
    if wanted.mine:
        cases = cases.filter(_queue(user, wanted.mine))
    if wanted.text:
        cases = cases.filter(
            Q(study__patient__name__icontains=wanted.text)
            | Q(study__patient__patient_id__icontains=wanted.text)
            | Q(study__description__icontains=wanted.text)
            | Q(study__accession_number__icontains=wanted.text)
        )
    return cases
