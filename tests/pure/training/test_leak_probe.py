"""The probe raises its voice where grey levels answer, and is silent where not."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="needs the train extra")

from workers.training.leak_probe import probe_leak

_GROUPS = np.array([f"g{index // 4}" for index in range(800)])
_IS_FAKE = np.arange(800) // 4 % 2 == 0


@pytest.mark.slow
def test_histograms_that_tell_nothing_pass() -> None:
    histograms = np.random.default_rng(0).random((800, 18)).astype(np.float32)
    report = probe_leak(histograms, _IS_FAKE, _GROUPS, seed=1)
    assert report.is_valid
    assert report.auc == pytest.approx(0.5, abs=0.07)


@pytest.mark.slow
def test_darker_fakes_are_caught_and_stamp_the_set_invalid() -> None:
    histograms = np.random.default_rng(0).random((800, 18)).astype(np.float32)
    histograms[_IS_FAKE, 16] -= 0.5
    report = probe_leak(histograms, _IS_FAKE, _GROUPS, seed=1)
    assert not report.is_valid
    assert report.auc > 0.8
