"""Runs: made once, executed by one worker, resumed after a crash, ended in any case."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone

from apps.audit.models import Event, EventKind
from apps.audit.selectors import find_first_bad_position
from apps.core.objects import iter_file, put_stream, read_bytes
from apps.detection import services
from apps.detection.models import AnalysisRun, IndexedImage, LaneResult, RunStatus
from apps.detection.selectors import study_progress
from apps.detection.services import (
    MAX_ATTEMPTS,
    claim_run,
    create_run,
    execute_run,
    fail_run,
    release_run,
    requeue_stranded_runs,
)
from apps.detection.tasks import run_detection, sweep_runs
from apps.imaging.models import Image
from apps.reading.models import Case, CaseOpinion, CaseState
from apps.reading.services.cases import add_image_to_case
from tests.apps.detection.conftest import Behaviour, CountingLane, Lanes, say_clear
from tests.conftest import Hospital
from tests.factories import make_image
from workers.errors import TransientError
from workers.serialise import heatmap_from_bytes
from workers.types import (
    Evidence,
    Finding,
    Heatmap,
    LaneName,
    LaneStatus,
)

pytestmark = pytest.mark.django_db


def _claim(run: AnalysisRun) -> AnalysisRun:
    claimed = claim_run(run_id=str(run.pk))
    assert claimed is not None
    return claimed


def _expire(run: AnalysisRun) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    AnalysisRun.objects.filter(pk=run.pk).update(lease_until=past, queued_at=past)


def _raise(error: Exception) -> Behaviour:
    def behave(name: LaneName) -> Evidence:
        raise error

    return behave


def _case(run: AnalysisRun) -> Case:
    return Case.objects.get(pk=run.image.study_id)


# --- once -----------------------------------------------------------------------------


def test_a_run_is_made_once_per_film_pipeline_and_models(
    image: Image, lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = create_run(image=image)
    assert create_run(image=image) == first
    monkeypatch.setattr(CountingLane, "model_sha256", "b" * 64)
    second = create_run(image=image)
    assert second != first
    monkeypatch.setattr(services, "PIPELINE_VERSION", "next")
    assert create_run(image=image) not in (first, second)
    assert AnalysisRun.objects.count() == 3


def test_a_new_run_is_sent_after_the_commit_and_only_once(
    image: Image, lanes: Lanes, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = create_run(image=image)
        assert sum(lane.calls for lane in lanes.values()) == 0
    made.refresh_from_db()
    assert made.status == RunStatus.DONE
    with django_capture_on_commit_callbacks() as callbacks:
        create_run(image=image)
    assert callbacks == []


def test_running_twice_changes_neither_rows_nor_log(
    run: AnalysisRun, lanes: Lanes
) -> None:
    run_detection(run_id=str(run.pk))

    def everything() -> list[Any]:
        tables = (AnalysisRun, LaneResult, IndexedImage, Case, CaseOpinion, Event)
        return [list(table.objects.order_by("pk").values()) for table in tables]

    before = everything()
    run_detection(run_id=str(run.pk))
    assert claim_run(run_id=str(run.pk)) is None
    assert everything() == before
    assert [lane.calls for lane in lanes.values()] == [1] * 6
    assert LaneResult.objects.count() == 6


def test_the_log_commits_to_what_the_rows_say(run: AnalysisRun) -> None:
    execute_run(run=_claim(run))
    event = Event.objects.get(kind=EventKind.RUN_FINISHED)
    run.refresh_from_db()
    rows = [
        [
            *(r.lane, r.version, r.status, r.reason, r.suspicion, r.findings),
            *(r.heatmap_sha256, r.reliability_sha256, r.model_sha256, r.seconds),
        ]
        for r in LaneResult.objects.order_by("lane")
    ]
    text = json.dumps([rows, run.suspicion, run.flagged, run.reason], sort_keys=True)
    assert event.data["evidence_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert event.case_id == run.image.study_id
    assert not {"suspicion", "flagged"} & set(event.data)


# --- one worker -----------------------------------------------------------------------


def test_a_run_that_one_worker_holds_is_not_given_to_another(run: AnalysisRun) -> None:
    held = _claim(run)
    assert claim_run(run_id=str(run.pk)) is None
    assert held.attempts == 1
    assert held.lease_until is not None
    left = held.lease_until - timezone.now()
    assert abs(left.total_seconds() - settings.LEASE_SECONDS) < 5


def test_a_killed_workers_run_is_taken_over_where_it_stopped(
    run: AnalysisRun, lanes: Lanes
) -> None:
    class WorkerKilled(BaseException):
        """What no lane's guard may catch."""

    def die(name: LaneName) -> Evidence:
        raise WorkerKilled

    lanes[LaneName.REUSE].behave = die
    with pytest.raises(WorkerKilled):
        execute_run(run=_claim(run))
    assert LaneResult.objects.count() == 3
    assert study_progress(study_id=run.image.study_id).done == 3
    assert claim_run(run_id=str(run.pk)) is None
    assert requeue_stranded_runs() == 0
    _expire(run)
    assert requeue_stranded_runs() == 1
    lanes[LaneName.REUSE].behave = say_clear
    execute_run(run=_claim(run))
    calls = {name.value: lane.calls for name, lane in lanes.items()}
    assert calls == {
        "container": 1, "provenance": 1, "metadata": 1,
        "reuse": 2, "synthesis": 1, "tamper": 1,
    }  # fmt: skip
    run.refresh_from_db()
    assert (run.status, run.attempts) == (RunStatus.DONE, 2)


def test_a_worker_that_lost_its_run_changes_nothing(
    run: AnalysisRun, lanes: Lanes
) -> None:
    slow = _claim(run)
    _expire(run)
    quick = _claim(run)
    execute_run(run=slow)
    assert LaneResult.objects.count() == 0
    release_run(run=slow)
    fail_run(run=slow, reason="Too slow.")
    run.refresh_from_db()
    assert (run.status, run.attempts) == (RunStatus.RUNNING, 2)
    execute_run(run=quick)
    before = list(LaneResult.objects.order_by("pk").values())
    execute_run(run=slow)
    fail_run(run=slow, reason="Too slow.")
    run.refresh_from_db()
    assert run.status == RunStatus.DONE
    assert list(LaneResult.objects.order_by("pk").values()) == before
    assert Event.objects.filter(kind=EventKind.RUN_FINISHED).count() == 1


# --- failures -------------------------------------------------------------------------


def test_a_lane_that_crashes_is_not_assessable_and_the_others_report(
    run: AnalysisRun, lanes: Lanes
) -> None:
    lanes[LaneName.METADATA].behave = _raise(ValueError("Doe^John"))
    execute_run(run=_claim(run))
    said = dict(LaneResult.objects.values_list("lane", "status"))
    assert said.pop("metadata") == "not_assessable"
    assert set(said.values()) == {"clear"}
    assert len(said) == 5
    reason = LaneResult.objects.get(lane="metadata").reason
    assert "Doe" not in reason
    run.refresh_from_db()
    assert run.status == RunStatus.DONE


def test_a_transient_error_gives_the_run_back_with_what_is_known(
    run: AnalysisRun, lanes: Lanes
) -> None:
    lanes[LaneName.SYNTHESIS].behave = _raise(TransientError("the index is away"))
    with pytest.raises(TransientError):
        run_detection.run(run_id=str(run.pk))
    run.refresh_from_db()
    assert (run.status, run.lease_until) == (RunStatus.PENDING, None)
    assert LaneResult.objects.count() == 4
    assert _case(run).state == CaseState.ANALYSING
    lanes[LaneName.SYNTHESIS].behave = say_clear
    run_detection(run_id=str(run.pk))
    assert lanes[LaneName.CONTAINER].calls == 1
    assert _case(run).state == CaseState.READY


def test_a_film_missing_from_the_store_is_a_transient_error(
    run: AnalysisRun,
) -> None:
    Image.objects.update(sha256="0" * 64)
    with pytest.raises(TransientError):
        execute_run(run=_claim(run))


def test_a_film_that_cannot_be_decoded_ends_its_run_at_once(
    run: AnalysisRun, tmp_path: Path
) -> None:
    text = tmp_path / "text"
    text.write_text("no film")
    stored = put_stream(iter_file(text), max_bytes=100)
    Image.objects.update(sha256=stored.sha256)
    execute_run(run=_claim(run))
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.failure.endswith(".")
    assert _case(run).state == CaseState.READY


def test_a_run_that_keeps_failing_ends_and_its_case_becomes_readable(
    run: AnalysisRun, lanes: Lanes
) -> None:
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert _claim(run).attempts == attempt
        _expire(run)
        assert requeue_stranded_runs() == (1 if attempt < MAX_ATTEMPTS else 0)
    run.refresh_from_db()
    assert run.status == RunStatus.FAILED
    assert run.failure == "The analysis failed several times."
    case = _case(run)
    assert case.state == CaseState.READY
    assert (case.lanes_done, case.lanes_total) == (6, 6)
    assert case.opinion.reason == "The analysis failed."
    assert not case.opinion.flagged
    event = Event.objects.get(kind=EventKind.RUN_FAILED)
    assert event.case_id == case.pk
    assert claim_run(run_id=str(run.pk)) is None
    assert requeue_stranded_runs() == 0


def test_a_run_whose_task_was_lost_is_sent_again_by_the_sweeper(
    run: AnalysisRun, django_capture_on_commit_callbacks: Any
) -> None:
    sweep_runs()
    run.refresh_from_db()
    assert run.status == RunStatus.PENDING
    old = timezone.now() - dt.timedelta(seconds=settings.LEASE_SECONDS + 1)
    AnalysisRun.objects.update(queued_at=old)
    with django_capture_on_commit_callbacks(execute=True):
        sweep_runs()
    run.refresh_from_db()
    assert run.status == RunStatus.DONE


# --- what is kept ---------------------------------------------------------------------


def test_progress_counts_lanes_over_all_films(
    run: AnalysisRun, hospital: Hospital
) -> None:
    seen = []

    def note(name: LaneName) -> Evidence:
        case = _case(run)
        seen.append((case.lanes_done, case.lanes_total))
        return say_clear(name)

    second = make_image(hospital.blind, study=run.image.study)
    second.sha256, first = run.image.sha256, run.image
    first.sha256 = "1" * 64
    first.save()
    second.save()
    add_image_to_case(image=second, actor=None)
    other = create_run(image=second)
    for lane in services.active_lanes():
        lane.behave = note  # type: ignore[attr-defined]
    execute_run(run=_claim(other))
    assert seen == [(done, 12) for done in range(6)]
    assert _case(run).state == CaseState.ANALYSING
    fail_run(run=run, reason="A test.")
    assert _case(run).state == CaseState.READY
    assert _case(run).lanes_done == 12


def test_findings_and_maps_are_kept_as_the_lane_gave_them(
    run: AnalysisRun, lanes: Lanes
) -> None:
    values = np.array([[0.0, 0.5], [0.25, 1.0]], dtype=np.float32)
    given = Heatmap(values, spacing_px=(32.0, 16.0), origin_px=(15.5, 7.5))
    finding = Finding("moved", "A region was moved.", 0.8, "a test", detail={"n": 3})

    def find(name: LaneName) -> Evidence:
        return Evidence(
            name, "test", LaneStatus.FINDING, "Moved.", 0.875, (finding,), given, given
        )

    lanes[LaneName.TAMPER].behave = find
    execute_run(run=_claim(run))
    kept = LaneResult.objects.get(lane="tamper")
    assert kept.suspicion == 0.875
    assert kept.findings[0]["detail"] == {"n": 3}
    heatmap = heatmap_from_bytes(read_bytes(kept.heatmap_sha256))
    np.testing.assert_array_equal(heatmap.values, values)
    assert (heatmap.spacing_px, heatmap.origin_px) == ((32.0, 16.0), (15.5, 7.5))
    assert kept.reliability_sha256 == kept.heatmap_sha256
    run.refresh_from_db()
    assert run.flagged
    assert run.top_lane == "tamper"
    assert _case(run).opinion.suspicion == run.suspicion
    assert find_first_bad_position() is None
