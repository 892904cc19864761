"""Reads on cases; who may see what of the system's opinion is decided here alone."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import (
    BooleanField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import Department, ReadingMode, User
from apps.accounts.permissions import Permission, permissions_of
from apps.accounts.selectors import departments_of
from apps.audit.models import Event, EventKind
from apps.core.errors import Denied, NotFound
from apps.detection.models import AnalysisRun
from apps.reading.audits import audits_closed_to
from apps.reading.models import (
    SHUFFLE_SPAN,
    Case,
    CaseState,
    Draft,
    Presence,
    Read,
    ReasonCode,
    SavedView,
    Verdict,
)

RECENT_FLAGS = 50
OPEN_COUNT_LIMIT = 10_000
READABLE_STATES = (CaseState.READY, CaseState.SEALED, CaseState.SECOND_READ)


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Return the cases a user may know of: those of their departments, for readers."""
    if Permission.READ_CASES not in permissions_of(user):
        return Case.objects.none()
    rooms = departments_of(user)
    return with_own_part(
        Case.objects.filter(site=user.site, department__in=rooms), user
    ).select_related("study__patient", "department", "claimed_by", "site")


def with_own_part(cases: QuerySet[Case], user: User) -> QuerySet[Case]:
    """Return cases with what this person has done on each, and may do."""
    mine = Read.objects.filter(case=OuterRef("pk"), reader=user)
    return cases.annotate(
        sealed_by_me=Exists(mine),
        decided_by_me=Exists(mine.filter(verdicts__isnull=False)),
        may_settle=Value(
            Permission.ADJUDICATE in permissions_of(user), output_field=BooleanField()
        ),
    )


def ended_for(
    *, user: User, department: Department | None = None
) -> QuerySet[Any, uuid.UUID] | None:
    """Return the ids of the cases that wait for an adjudicator and have ended for this
    person, of one department or of the site; None: there can be none.

    That readers differ tells of their answers. Who has not decided on such a case and
    settles none sees it as done, in every row, filter and count.
    """
    if Permission.ADJUDICATE in permissions_of(user):
        return None
    own = Read.objects.filter(case=OuterRef("pk"), reader=user, verdicts__isnull=False)
    rooms = Department.objects.filter(site=user.site)
    # The departments are named: the index of states begins with them.
    within = Q(department__in=rooms) if department is None else Q(department=department)
    return (
        Case.objects.filter(within, state=CaseState.ADJUDICATION)
        .exclude(Exists(own))
        .values_list("pk", flat=True)
    )


def state_for_caller(case: Case) -> CaseState:
    """Return a case's state as the caller is told it, from the annotations of
    `cases_visible_to`; one without them is told less, not more."""
    state = CaseState(case.state)
    if state == CaseState.ADJUDICATION and not is_told_of_settling(case):
        return CaseState.DONE
    return state


def is_told_of_settling(case: Case) -> bool:
    """Return whether the caller may know that a case's readers differ, from the
    annotations of `cases_visible_to`: who settles cases, and who has decided on it."""
    return getattr(case, "may_settle", False) or getattr(case, "decided_by_me", False)


def version_for_caller(case: Case) -> int:
    """Return the version that the caller is told: 0 of a case that has ended for them,
    since changes go on where readers who differ are settled."""
    has_ended = state_for_caller(case) == CaseState.DONE
    return 0 if has_ended and not is_told_of_settling(case) else case.version


def has_ended_for(*, case: Case, user: User) -> bool:
    """Return whether a case is done, as far as this person is told. At most 1 query."""
    if case.state == CaseState.DONE:
        return True
    ended = ended_for(user=user, department=case.department)
    return (
        case.state == CaseState.ADJUDICATION
        and ended is not None
        and ended.filter(pk=case.pk).exists()
    )


def get_case(*, user: User, case_id: uuid.UUID) -> Case:
    """Return a case of the user's departments. Raises NotFound. 1 query."""
    case = cases_visible_to(user).filter(pk=case_id).first()
    if case is None:
        raise NotFound("There is no such case.")
    return case


def list_reason_codes() -> list[ReasonCode]:
    """Return all reason codes in display order, retired ones too. 1 query."""
    return list(ReasonCode.objects.all())


class BoundedCount(Subquery):
    """How many rows a subquery has, counted no further than its own limit."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()
    empty_result_set_value = 0


def list_worklists(*, user: User) -> list[Department]:
    """Return the user's departments with `open_count`, in display order. 1 query.

    open_count: at most OPEN_COUNT_LIMIT + 1, which means "more than the limit".
    audits_others: cases of another department come here by themselves.
    """
    audited = Department.objects.filter(
        audit_department=OuterRef("pk"), audit_share__gt=0
    )
    opened = Case.objects.filter(department=OuterRef("pk"), is_open=1).values("pk")
    ended = ended_for(user=user)
    if ended is not None:
        opened = opened.exclude(pk__in=ended)
    return list(
        departments_of(user)
        .annotate(
            open_count=BoundedCount(opened[: OPEN_COUNT_LIMIT + 1]),
            audits_others=Exists(audited),
        )
        .order_by("position", "name")
    )


def list_views(*, user: User, department: Department) -> list[SavedView]:
    """Return a person's views of a worklist and the shared ones, by name. 1 query."""
    views = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True))
    return list(views.filter(department=department).order_by("name", "pk"))


def get_view(*, user: User, department: Department, view_id: uuid.UUID) -> SavedView:
    """Return a view that the user may use. Raises NotFound. 1 query."""
    view = SavedView.objects.filter(pk=view_id, department=department).first()
    if view is None or not (view.is_shared or view.owner_id == user.pk):
        raise NotFound("There is no such view.")
    return view


def next_case_id(*, user: User, case: Case) -> uuid.UUID | None:
    """Return the next ready case of the same worklist that nobody else holds, or None.

    Blind: a case of a more urgent class first, else the shuffled order, wrapped around.
    Triage: the most suspicious one.
    """
    decided = Read.objects.filter(
        case=OuterRef("pk"), reader=user, verdicts__isnull=False
    )
    ready = (
        cases_visible_to(user)
        .filter(department=case.department, is_open=1, state__in=READABLE_STATES)
        .filter(Q(claimed_by=None) | Q(claimed_by=user) | Q(claim_expires_at__lt=Now()))
        .filter(~Exists(decided))
        .exclude(pk__in=audits_closed_to(user=user))
        .exclude(pk=case.pk)
    )
    if case.department.reading_mode == ReadingMode.TRIAGE:
        places = ready.filter(place__department=case.department, place__is_open=1)
        first = places.order_by("-place__suspicion_rank", "-place__case_id").first()
    else:
        own_class = case.shuffle_key // SHUFFLE_SPAN * SHUFFLE_SPAN
        ahead = ready.filter(shuffle_key__lt=own_class)
        later = ready.filter(shuffle_key__gt=case.shuffle_key)
        first = (
            ahead.order_by("shuffle_key").first()
            or later.order_by("shuffle_key").first()
            or ready.order_by("shuffle_key").first()
        )
    return first.pk if first else None


def own_read(*, case: Case, user: User) -> Read | None:
    """Return the user's sealed read of a case, or None. 1 query."""
    return Read.objects.filter(case=case, reader=user).select_related("reader").first()


def list_drafts(*, case: Case, user: User) -> list[Draft]:
    """Return the user's own drafts of a case. 1 query."""
    return list(Draft.objects.filter(case=case, reader=user))


def is_presence_shown(case: Case) -> bool:
    """Return whether the caller may know who has a case open.

    Not once it has ended, as far as the caller is told: an adjudicator's presence would
    tell that the readers differ, and so would hiding it on just those cases.
    """
    return state_for_caller(case) != CaseState.DONE


def list_others_present(*, case: Case, user: User) -> list[User]:
    """Return who else has a case open, by name, as far as the user may know.

    case: with the annotations of `cases_visible_to`. At most 1 query.
    """
    if not is_presence_shown(case):
        return []
    live = Presence.objects.filter(case=case, live_until__gt=timezone.now())
    people = User.objects.filter(
        pk__in=live.values("user"), site=case.site, is_active=True
    )
    return list(people.exclude(pk=user.pk).order_by("display_name", "pk"))


def newest_verdict(*, read: Read) -> Verdict | None:
    """Return the verdict of a read that no amendment replaces, or None. 1 query."""
    return (
        Verdict.objects.filter(read=read, replaced_by=None)
        .select_related("read__reader", "replaces")
        .first()
    )


def current_verdicts(*, case: Case) -> list[Verdict]:
    """Return the newest verdict of each reader, in the order of their reads, without
    those that settle nothing. 1 query."""
    return list(
        Verdict.objects.filter(read__case=case, replaced_by=None, counts=True)
        .select_related("read__reader", "replaces")
        .order_by("read__sealed_at", "read_id")
    )


def has_seen_evidence(*, case: Case, user: User) -> bool:
    """Return whether evidence of the case was ever served to this person. 1 query."""
    return Event.objects.filter(
        case_id=case.pk, actor=user, kind=EventKind.EVIDENCE_SERVED
    ).exists()


def unblinding_events() -> Q:
    """Return which events tell that somebody knows more of a case than the film: the
    evidence, others' answers, or the words of a colleague who knew those."""
    served = (
        EventKind.EVIDENCE_SERVED,
        EventKind.ANSWERS_SERVED,
        EventKind.REPLY_READ,
    )
    return Q(kind__in=served) | Q(kind=EventKind.QUESTION_READ, data__informed=True)


def last_look(*, case: Case, user: User) -> dt.datetime | None:
    """Return when the log last saw this person open the case, or None. 1 query.

    Looks are logged once per quarter of an hour: who sealed sooner after an earlier
    look opened it then.
    """
    look = (
        Event.objects.filter(case_id=case.pk, actor=user, kind=EventKind.CASE_VIEWED)
        .order_by("-position")
        .first()
    )
    return look.occurred_at if look else None


def was_unblinded(*, case: Case, user: User) -> bool:
    """Return whether this person was ever served the evidence or others' answers, or
    the words of a colleague who knew them. 1 query."""
    seen = Event.objects.filter(unblinding_events(), case_id=case.pk, actor=user)
    return seen.exists()


def was_told_by_colleague(*, case: Case, user: User) -> bool:
    """Return whether this person read what a colleague wrote of the case, who need not
    have known more than the film. 1 query."""
    return Event.objects.filter(
        case_id=case.pk, actor=user, kind=EventKind.QUESTION_READ
    ).exists()


def digest_opinion(runs: Iterable[AnalysisRun]) -> str:
    """Return a digest that changes whenever the opinion on a case may have: hex SHA-256
    of its latest runs and whether each has ended (a run that has never changes)."""
    states = sorted(f"{run.pk} {run.status}" for run in runs)
    return hashlib.sha256("\n".join(states).encode()).hexdigest()


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


def cases_withheld_from(
    *, user: User, study_ids: set[uuid.UUID]
) -> frozenset[uuid.UUID]:
    """Return which of these studies the user must still read blind, or may know nothing
    of as they are of another department. 1 query.

    Evidence of another case may name them (a reuse match): that would be a hint.
    """
    blind = Q(department__reading_mode=ReadingMode.BLIND_FIRST) & ~Exists(
        Read.objects.filter(case=OuterRef("pk"), reader=user)
    )
    others = ~Q(department__in=departments_of(user))
    withheld = Case.objects.filter(blind | others, pk__in=study_ids)
    return frozenset(withheld.values_list("pk", flat=True))


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
