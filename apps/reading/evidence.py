"""The evidence of a case as its reader may see it."""

from __future__ import annotations

import uuid
from typing import Any

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.core.objects import read_bytes
from apps.detection.models import AnalysisRun, LaneResult, RunStatus
from apps.detection.selectors import (
    get_lane_result,
    list_latest_runs,
    value_of_flags,
)
from apps.imaging.models import Image
from apps.reading.models import Case, CaseOpinion
from apps.reading.schemas import (
    CaseEvidence,
    FlagRecord,
    FlagValueOut,
    HeatmapOut,
    ImageEvidence,
    LaneEvidence,
    ShareOut,
)
from apps.reading.selectors import (
    cases_withheld_from,
    digest_opinion,
    overruled_of_last_flags,
    require_opinion_access,
)
from workers.fusion import DEFAULT_POLICY, STRONG_WEIGHT
from workers.serialise import heatmap_from_bytes, heatmap_to_json
from workers.types import LaneName, LaneStatus

WITHHELD_CODE = "reuse_withheld"
WITHHELD = "The same picture was received before, in a case not open to you yet."


def get_case_evidence(*, case: Case, user: User) -> CaseEvidence:
    """Return all lanes of all images. Raises Denied (`seal_first`)."""
    require_opinion_access(case=case, user=user)
    runs = list_latest_runs(study_ids=[case.pk])
    hidden = _hidden_films(runs, user)
    opinion = CaseOpinion.objects.filter(case=case).first()
    flags, overruled = overruled_of_last_flags(department=case.department)
    reason = opinion.reason if opinion else "The lanes have not finished."
    return CaseEvidence(
        suspicion=opinion.suspicion if opinion else None,
        flagged=opinion.flagged if opinion else False,
        reason=WITHHELD if hidden and _rests_on_reuse(opinion) else reason,
        threshold=DEFAULT_POLICY.threshold,
        images=[_shape_run(run, hidden) for run in runs],
        overruled_of_last=FlagRecord(flags=flags, overruled=overruled),
        flag_values=_flag_values(runs),
        opinion_sha256=digest_opinion(runs),
    )


def _flag_values(runs: list[AnalysisRun]) -> list[FlagValueOut]:
    """Return how often flags such as these are right: of lanes that found something."""
    lanes = {
        result.model_sha256: result.lane
        for run in runs
        for result in run.lane_results.all()
        if result.status == LaneStatus.FINDING and result.model_sha256
    }
    return [
        FlagValueOut(
            lane=lanes[flag.model_sha256],
            prevalence=flag.prevalence,
            false_alarms=flag.false_alarms,
            sensitivity=_share(flag.sensitivity),
            value=_share(flag.value),
        )
        for flag in value_of_flags(model_sha256s=set(lanes))
    ]


def _share(numbers: tuple[float, float, float]) -> ShareOut:
    value, low, high = numbers
    return ShareOut(value=value, low=low, high=high)


def get_case_heatmap(
    *, case: Case, user: User, image_id: uuid.UUID, lane: str
) -> HeatmapOut:
    """Return a lane's map. Raises Denied (`seal_first`) or NotFound."""
    require_opinion_access(case=case, user=user)
    if not Image.objects.filter(pk=image_id, study_id=case.pk).exists():
        raise NotFound("There is no such image in this case.")
    result = get_lane_result(image_id=image_id, lane=lane)
    if result is None or not result.heatmap_sha256:
        raise NotFound("This lane gave no map.", code="no_map")
    heatmap = heatmap_from_bytes(read_bytes(result.heatmap_sha256))
    reliability = (
        heatmap_from_bytes(read_bytes(result.reliability_sha256))
        if result.reliability_sha256
        else None
    )
    return HeatmapOut(**heatmap_to_json(heatmap, reliability))


def _hidden_films(runs: list[AnalysisRun], user: User) -> frozenset[str]:
    """Return ids of matched films of cases that this user must still read blind, or
    that are of another department."""
    named = {
        str(finding["detail"]["film_id"])
        for run in runs
        for result in run.lane_results.all()
        for finding in result.findings
        if finding.get("detail", {}).get("film_id")
    }
    if not named:
        return frozenset()
    studies = dict(Image.objects.filter(pk__in=named).values_list("pk", "study_id"))
    own = {run.image.study_id for run in runs}
    blind = cases_withheld_from(user=user, study_ids=set(studies.values()) - own)
    return frozenset(str(pk) for pk, study in studies.items() if study in blind)


def _shape_run(run: AnalysisRun, hidden: frozenset[str]) -> ImageEvidence:
    is_done = run.status == RunStatus.DONE
    reason = run.reason if is_done else run.failure or "The lanes have not finished."
    override = run.override or None
    if hidden and _rests_on_reuse(run):
        reason = WITHHELD
        override = WITHHELD_CODE if override else None
    return ImageEvidence(
        image_id=run.image_id,
        suspicion=run.suspicion,
        flagged=run.flagged,
        reason=reason,
        override=override,
        top_lane=run.top_lane or None,
        lanes=[_shape_lane(result, hidden) for result in run.lane_results.all()],
    )


def _shape_lane(result: LaneResult, hidden: frozenset[str]) -> LaneEvidence:
    findings = [_redact(finding, hidden) for finding in result.findings]
    return LaneEvidence(
        lane=result.lane,
        version=result.version,
        status=LaneStatus(result.status).value,
        # A lane's reason quotes one of its findings.
        reason=result.reason if findings == result.findings else WITHHELD,
        suspicion=result.suspicion,
        findings=findings,
        has_heatmap=bool(result.heatmap_sha256),
        has_reliability=bool(result.reliability_sha256),
        model_sha256=result.model_sha256 or None,
        seconds=result.seconds,
    )


def _redact(finding: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """Return a finding without what tells of a film the reader must still read blind.

    That a match exists concerns the case at hand. Which film it is, when it came, whose
    it is and how far it was changed would hint at the other case.
    """
    if str(finding.get("detail", {}).get("film_id", "")) not in hidden:
        return finding
    return {
        **finding,
        "code": WITHHELD_CODE,
        "text": WITHHELD,
        "weight": STRONG_WEIGHT,
        "region": None,
        "detail": {"withheld": "a case not open to you yet"},
    }


def _rests_on_reuse(opinion: AnalysisRun | CaseOpinion | None) -> bool:
    return opinion is not None and opinion.top_lane == LaneName.REUSE
