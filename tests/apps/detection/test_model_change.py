"""A run that has not ended when the models change."""

from __future__ import annotations

import pytest

from apps.detection.models import AnalysisRun, LaneResult, RunStatus
from apps.detection.tasks import run_detection

pytestmark = pytest.mark.django_db


def test_a_run_resumed_after_a_model_change_begins_anew_under_the_new_key(
    run: AnalysisRun,
) -> None:
    today = run.models_digest
    AnalysisRun.objects.update(models_digest="0" * 64)
    LaneResult.objects.create(
        run=run, lane="tamper", version="old", status="clear", reason="Old.", seconds=1
    )
    run_detection(run_id=str(run.pk))
    run.refresh_from_db()
    assert (run.status, run.models_digest) == (RunStatus.DONE, today)
    assert not run.lane_results.filter(version="old").exists()


def test_a_stale_run_gives_way_to_the_one_made_for_the_new_models(
    run: AnalysisRun,
) -> None:
    stale = AnalysisRun.objects.create(
        image=run.image, site=run.site, pipeline_version="0", models_digest="0" * 64
    )
    run_detection(run_id=str(stale.pk))
    assert list(AnalysisRun.objects.all()) == [run]
    assert run.lane_results.count() == 0
