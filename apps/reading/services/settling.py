"""Where a case stands after a verdict: closed, with a second reader, with a judge."""

from __future__ import annotations

from apps.accounts.models import ReadingPolicy, SecondReader, User
from apps.audit.models import EventKind
from apps.audit.services import append_event
from apps.reading.models import (
    DRAWS,
    Answer,
    Case,
    CaseState,
    Decision,
    Draft,
    Outcome,
    SecondReadReason,
    Verdict,
)
from apps.reading.personal_models import DraftStep
from apps.reading.selectors import current_verdicts

NEWS_OF_STATE = {
    CaseState.SECOND_READ: EventKind.SECOND_READ_ASKED,
    CaseState.ADJUDICATION: EventKind.ADJUDICATION_ASKED,
}


def settle(*, case: Case, actor: User | None) -> None:
    """Give a locked case the state that its verdicts ask for; the caller saves it.
    actor: None for the clock.

    The event says that another reader is wanted, never why: the reason would tell the
    next reader what the system or the first reader thought.
    """
    verdicts = current_verdicts(case=case)
    if len(verdicts) == 1 and not case.second_read_reason:
        case.second_read_reason = _second_read_reason(
            case, verdicts[0], case.department.policy
        )
        if case.second_read_reason:
            case.readers_wanted = 2
    before, case.state = case.state, _state_after(case, verdicts)
    if before == CaseState.ADJUDICATION and case.state != before:
        # A claim left on it would name whoever was to settle it, and what somebody had
        # begun to write is about answers that stand so no more.
        case.claimed_by = None
        case.claim_expires_at = None
        Draft.objects.filter(case=case, step=DraftStep.RULING).delete()
    kind = NEWS_OF_STATE.get(CaseState(case.state))
    if case.state != before and kind is not None:
        append_event(
            kind=kind,
            site=case.site,
            actor=actor,
            case_id=case.pk,
            data={
                "round": case.round,
                "readers_wanted": case.readers_wanted,
                "policy_version": case.department.policy_version,
            },
        )


def is_switch(first: Answer, outcome: Outcome) -> bool:
    """Return whether the final answer contradicts the first one."""
    definite = {Outcome.AUTHENTIC.value, Outcome.SUSPICIOUS.value}
    return (
        first.value in definite
        and outcome.value in definite
        and first.value != outcome.value
    )


def _state_after(case: Case, verdicts: list[Verdict]) -> CaseState:
    if not verdicts:
        return CaseState(case.state)
    if case.adjudications.filter(round=case.round).exists():
        return CaseState.DONE
    if len(verdicts) < case.readers_wanted:
        return CaseState.SECOND_READ
    differ = len({verdict.outcome for verdict in verdicts}) > 1
    if differ and case.department.adjudication:
        return CaseState.ADJUDICATION
    return CaseState.DONE


def _second_read_reason(case: Case, first: Verdict, policy: ReadingPolicy) -> str:
    """Return why the case needs a second reader, or an empty string.

    A first reader disagrees with the system by overruling it, and also by having sealed
    the opposite before giving in to it: that is where automation bias shows.
    """
    if policy.second_reader == SecondReader.NEVER:
        return ""
    if policy.second_reader == SecondReader.ALWAYS:
        return SecondReadReason.ALWAYS
    if case.second_read_draw < policy.second_read_share * DRAWS:
        return SecondReadReason.RANDOM
    differs = first.decision == Decision.OVERRULE or is_switch(
        Answer(first.read.answer), Outcome(first.outcome)
    )
    if policy.second_reader == SecondReader.ON_DISAGREEMENT and differs:
        return SecondReadReason.DISAGREEMENT
    return ""
