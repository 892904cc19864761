"""Each rule of the fusion model, one by one."""

import math

import pytest

from workers.fusion import FusionPolicy, fuse
from workers.types import Evidence, Finding, LaneName, LaneStatus


def _lane(
    lane: LaneName,
    suspicion: float | None = None,
    *weights: float,
    status: LaneStatus | None = None,
    reason: str = "Something was seen.",
) -> Evidence:
    findings = tuple(
        Finding(f"code_{weight}", f"Fact {weight}.", weight, "PS3.3")
        for weight in weights
    )
    alarmed = bool(weights) or (suspicion is not None and suspicion > 0.65)
    default = LaneStatus.FINDING if alarmed else LaneStatus.CLEAR
    return Evidence(lane, "1", status or default, reason, suspicion, findings)


def _silent(lane: LaneName) -> Evidence:
    return _lane(lane, status=LaneStatus.NOT_ASSESSABLE)


def test_no_lane_that_can_tell_gives_no_suspicion() -> None:
    opinion = fuse([_silent(lane) for lane in LaneName])
    assert opinion.suspicion is None
    assert not opinion.flagged
    assert opinion.top_lane is None


def test_finding_of_a_lone_pixel_lane_is_passed_through() -> None:
    opinion = fuse([_lane(LaneName.SYNTHESIS, 0.9)])
    assert opinion.suspicion == pytest.approx(0.9)
    assert opinion.flagged
    assert opinion.top_lane is LaneName.SYNTHESIS


def test_two_alarmed_lanes_add_their_odds() -> None:
    opinion = fuse([_lane(LaneName.SYNTHESIS, 0.85), _lane(LaneName.TAMPER, 0.9)])
    odds = (0.85 / 0.15) * (0.9 / 0.1)
    assert opinion.suspicion == pytest.approx(odds / (1 + odds))


def test_missing_lane_changes_nothing() -> None:
    alone = fuse([_lane(LaneName.TAMPER, 0.7)])
    beside = fuse([_lane(LaneName.TAMPER, 0.7), _silent(LaneName.SYNTHESIS)])
    assert alone.suspicion == beside.suspicion


def test_suspicion_of_a_lane_that_cannot_judge_is_not_counted() -> None:
    stray = _lane(LaneName.TAMPER, 0.99, status=LaneStatus.NOT_ASSESSABLE)
    assert fuse([stray]).suspicion is None


def test_clear_lane_pulls_down_by_a_quarter_of_its_odds() -> None:
    opinion = fuse([_lane(LaneName.SYNTHESIS, 0.9), _lane(LaneName.TAMPER, 0.2)])
    log_odds = math.log(9) - 0.25 * math.log(4)
    assert opinion.suspicion == pytest.approx(1 / (1 + math.exp(-log_odds)))


def test_clear_lanes_that_lean_a_little_rank_a_film_but_do_not_flag_it() -> None:
    leaning = [
        _lane(LaneName.SYNTHESIS, 0.7, status=LaneStatus.CLEAR),
        _lane(LaneName.TAMPER, 0.6, status=LaneStatus.CLEAR),
    ]
    calm = [_lane(LaneName.SYNTHESIS, 0.2), _lane(LaneName.TAMPER, 0.2)]
    opinion, other = fuse(leaning), fuse(calm)
    assert not opinion.flagged
    assert opinion.suspicion is not None
    assert other.suspicion is not None
    assert opinion.suspicion > other.suspicion


def test_finding_past_a_low_operating_point_flags() -> None:
    found = _lane(LaneName.SYNTHESIS, 0.45, 0.5)
    assert fuse([found, _lane(LaneName.TAMPER, 0.1)]).flagged


def test_order_of_evidence_does_not_matter() -> None:
    lanes = [
        _lane(LaneName.TAMPER, 0.6),
        _lane(LaneName.METADATA, None, 0.8),
        _lane(LaneName.SYNTHESIS, 0.3),
    ]
    assert fuse(lanes) == fuse(reversed(lanes))


def test_strong_rule_finding_flags_between_calm_pixels() -> None:
    opinion = fuse(
        [
            _lane(LaneName.METADATA, None, 0.7),
            _lane(LaneName.SYNTHESIS, 0.1),
            _lane(LaneName.TAMPER, 0.1),
        ]
    )
    assert opinion.flagged
    assert opinion.top_lane is LaneName.METADATA


def test_finding_below_strong_does_not_count() -> None:
    lanes = [_lane(LaneName.SYNTHESIS, 0.3)]
    weaker = fuse([*lanes, _lane(LaneName.METADATA, None, 0.69)])
    assert weaker.suspicion == fuse(lanes).suspicion


def test_many_strong_findings_of_one_lane_count_once() -> None:
    one = fuse([_lane(LaneName.METADATA, None, 0.8)])
    many = fuse([_lane(LaneName.METADATA, None, 0.8, 0.8, 0.75)])
    assert one.suspicion == many.suspicion


def test_hard_evidence_overrides_calm_pixels_and_says_so() -> None:
    opinion = fuse(
        [_lane(LaneName.PROVENANCE, None, 1.0), _lane(LaneName.SYNTHESIS, 0.02)]
    )
    assert opinion.flagged
    assert opinion.override == "code_1.0"
    assert opinion.suspicion is not None
    assert opinion.suspicion > 0.98
    assert "outranks the pixels" in opinion.reason


def test_hard_evidence_for_the_film_overrides_alarmed_pixels() -> None:
    signed = _lane(LaneName.PROVENANCE, None, -1.0, status=LaneStatus.CLEAR)
    opinion = fuse([signed, _lane(LaneName.SYNTHESIS, 0.99)])
    assert not opinion.flagged
    assert opinion.override == "code_-1.0"


def test_hard_evidence_against_outranks_hard_evidence_for() -> None:
    opinion = fuse(
        [_lane(LaneName.PROVENANCE, None, -1.0), _lane(LaneName.REUSE, None, 1.0)]
    )
    assert opinion.flagged
    assert opinion.top_lane is LaneName.REUSE


def test_hard_evidence_that_agrees_with_the_pixels_claims_no_override_of_them() -> None:
    opinion = fuse(
        [_lane(LaneName.PROVENANCE, None, 1.0), _lane(LaneName.SYNTHESIS, 0.95)]
    )
    assert "outranks" not in opinion.reason


def test_reuse_under_another_patient_always_flags() -> None:
    opinion = fuse(
        [
            _lane(LaneName.REUSE, None, 0.6),
            _lane(LaneName.SYNTHESIS, 0.02),
            _lane(LaneName.TAMPER, 0.02),
        ]
    )
    assert opinion.flagged
    assert opinion.top_lane is LaneName.REUSE
    assert opinion.suspicion is not None
    assert opinion.suspicion >= 0.5


def test_threshold_of_the_policy_decides_the_flag() -> None:
    lanes = [_lane(LaneName.SYNTHESIS, 0.9)]
    assert fuse(lanes, FusionPolicy(threshold=0.89)).flagged
    assert not fuse(lanes, FusionPolicy(threshold=0.91)).flagged


@pytest.mark.parametrize("suspicion", [0.0, 1.0])
def test_certainty_of_one_lane_is_bounded(suspicion: float) -> None:
    fused = fuse([_lane(LaneName.SYNTHESIS, suspicion)]).suspicion
    assert fused is not None
    assert 0.0 < fused < 1.0


@pytest.mark.parametrize(
    "lanes",
    [
        [],
        [_lane(LaneName.SYNTHESIS, 0.9)],
        [_lane(LaneName.SYNTHESIS, 0.1), _silent(LaneName.TAMPER)],
        [_lane(LaneName.SYNTHESIS, 0.55), _lane(LaneName.TAMPER, 0.01)],
        [_lane(LaneName.PROVENANCE, None, 1.0)],
    ],
)
def test_reason_is_one_sentence(lanes: list[Evidence]) -> None:
    reason = fuse(lanes).reason
    assert reason.endswith(".")
    assert not reason.endswith("..")
    assert "\n" not in reason


def test_weak_finding_that_does_not_flag_is_still_told() -> None:
    opinion = fuse(
        [
            _lane(LaneName.CONTAINER, None, 0.5, reason="Saved by an editor."),
            _lane(LaneName.SYNTHESIS, 0.2),
        ]
    )
    assert not opinion.flagged
    assert "Saved by an editor" in opinion.reason
