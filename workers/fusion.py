"""Fusion: the lanes' evidence combined into one number that orders the worklist.

v0 is a small logistic model in log-odds whose coefficients are PRIOR CONSTANTS, chosen
by reasoning and written down below. They are not learned: there are no verdicts yet to
learn them from. The learning loop replaces `FusionPolicy` by a fitted one.

    log-odds = sum over pixel lanes   of pull(logit(suspicion))
             + sum over rule lanes    of strong_log_odds(heaviest strong finding)

A lane that is not assessable, or gives no probability, adds nothing: silence is not
evidence either way. A lane that reports a finding has passed its own false-alarm
budget and counts in full, and at least `finding_log_odds`. A lane that is clear counts
a quarter, up or down: it ranks films without flagging them, and since the lanes look
for different threats, pixels that no generator made may still have been moved.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from workers.types import Evidence, Finding, FusedOpinion, LaneName, LaneStatus

FUSION_VERSION = "fusion-0.1-prior"

# From the scale of workers.types.Finding.weight: "0.7 and above strong, 1.0 hard".
STRONG_WEIGHT = 0.7
HARD_WEIGHT = 1.0

_LANE_ORDER = {name: position for position, name in enumerate(LaneName)}


@dataclass(frozen=True)
class FusionPolicy:
    """The constants of the model; a site may set its own operating point.

    threshold: fused probability at and above which a film is flagged: above two clear
        lanes that both lean a little, below one finding. To be set by a false-positive
        budget once there are verdicts of the site to measure it on.
    finding_log_odds: what a pixel lane's finding counts at least.
    clear_gain: factor on the log-odds of a lane that is clear.
    strong_log_odds, hard_step: what a finding of weight 0.7 adds, and how much more per
        unit of weight above it (0.7 -> 2.0, odds of about 7 to 1; 0.9 -> 2.8).
    clamp: no single lane may say more than this many log-odds (1 in 100).
    """

    threshold: float = 0.6
    version: str = FUSION_VERSION
    finding_log_odds: float = 1.5
    clear_gain: float = 0.25
    strong_log_odds: float = 2.0
    hard_step: float = 4.0
    clamp: float = 4.6


DEFAULT_POLICY = FusionPolicy()


@dataclass(frozen=True)
class _Term:
    """What one lane adds, in log-odds."""

    lane: LaneName
    log_odds: float
    reason: str


def fuse(
    evidence: Iterable[Evidence], policy: FusionPolicy = DEFAULT_POLICY
) -> FusedOpinion:
    """Return the combined opinion; the order of `evidence` does not matter."""
    lanes = sorted(evidence, key=lambda item: _LANE_ORDER[item.lane])
    hard = _find_hard(lanes)
    if hard is not None:
        return _decide_by_hard(*hard, lanes=lanes, policy=policy)
    terms = [term for item in lanes if (term := _term(item, policy)) is not None]
    if not terms:
        return FusedOpinion(
            suspicion=None,
            flagged=False,
            top_lane=None,
            reason="No lane could judge this film.",
            override=None,
            version=policy.version,
        )
    suspicion = _sigmoid(sum(term.log_odds for term in terms))
    if _is_reused(lanes):
        # What the pixels look like says nothing about whose film it is.
        suspicion = max(suspicion, policy.threshold)
    flagged = suspicion >= policy.threshold
    top = max(terms, key=lambda term: term.log_odds)
    return FusedOpinion(
        suspicion=suspicion,
        flagged=flagged,
        top_lane=top.lane if top.log_odds > 0 else None,
        reason=_reason(flagged, top, lanes),
        override=None,
        version=policy.version,
    )


def _term(evidence: Evidence, policy: FusionPolicy) -> _Term | None:
    """Return what one lane adds, None where it has nothing to say."""
    if evidence.status is LaneStatus.NOT_ASSESSABLE:
        return None
    log_odds = 0.0
    spoke = False
    if evidence.suspicion is not None:
        raw = _logit(evidence.suspicion, policy.clamp)
        if evidence.status is LaneStatus.FINDING:
            log_odds = max(raw, policy.finding_log_odds)
        else:
            log_odds = raw * policy.clear_gain
        spoke = True
    heaviest = max((finding.weight for finding in evidence.findings), default=0.0)
    if _is_reused([evidence]):
        heaviest = max(heaviest, STRONG_WEIGHT)
    if heaviest >= STRONG_WEIGHT:
        # Its own probability already holds the finding: the stronger of the two, not
        # the sum, or one observation would count twice.
        step = policy.hard_step * (heaviest - STRONG_WEIGHT)
        log_odds = max(log_odds, policy.strong_log_odds + step)
        spoke = True
    return _Term(evidence.lane, log_odds, evidence.reason) if spoke else None


def _find_hard(lanes: list[Evidence]) -> tuple[Evidence, Finding] | None:
    """Return the first hard finding; one against the film outranks one for it."""
    hard = [
        (item, finding)
        for item in lanes
        if item.status is not LaneStatus.NOT_ASSESSABLE
        for finding in item.findings
        if abs(finding.weight) >= HARD_WEIGHT
    ]
    against = [pair for pair in hard if pair[1].weight > 0]
    return next(iter(against or hard), None)


def _decide_by_hard(
    item: Evidence, finding: Finding, *, lanes: list[Evidence], policy: FusionPolicy
) -> FusedOpinion:
    """Return the opinion that hard evidence forces, whatever the pixels look like."""
    against = finding.weight > 0
    pixels = [
        other.suspicion
        for other in lanes
        if other.lane in (LaneName.SYNTHESIS, LaneName.TAMPER)
        and other.suspicion is not None
    ]
    overruled = bool(pixels) and (max(pixels) >= policy.threshold) is not against
    tail = "this outranks the pixels" if overruled else "this is hard evidence"
    return FusedOpinion(
        suspicion=_sigmoid(policy.clamp if against else -policy.clamp),
        flagged=against,
        top_lane=item.lane,
        reason=f"{_clause(finding.text)}; {tail}.",
        override=finding.code,
        version=policy.version,
    )


def _is_reused(lanes: list[Evidence]) -> bool:
    """Whether the film was seen under another patient or study; that always flags."""
    return any(
        item.lane is LaneName.REUSE and item.status is LaneStatus.FINDING
        for item in lanes
    )


def _reason(flagged: bool, top: _Term, lanes: list[Evidence]) -> str:
    silent = sum(item.status is LaneStatus.NOT_ASSESSABLE for item in lanes)
    missing = f" ({silent} of {len(lanes)} lanes could not judge)" if silent else ""
    if flagged:
        return f"{_clause(top.reason)}{missing}."
    noted = [item.reason for item in lanes if item.status is LaneStatus.FINDING]
    if noted:
        return f"Below the flag threshold, but noted: {_clause(noted[0])}{missing}."
    if top.log_odds > 0:
        return f"Below the flag threshold, leaning up in lane {top.lane}{missing}."
    judged = len(lanes) - silent
    lanes_word = "lane" if judged == 1 else "lanes"
    return f"Nothing stood out in the {judged} {lanes_word} that judged{missing}."


def _clause(sentence: str) -> str:
    return sentence.strip().rstrip(".")


def _logit(probability: float, clamp: float) -> float:
    edge = _sigmoid(-clamp)
    bounded = min(max(probability, edge), 1 - edge)
    return math.log(bounded / (1 - bounded))


def _sigmoid(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
