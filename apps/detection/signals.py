"""What higher apps may listen to. Sent inside the transaction of the change."""

from __future__ import annotations

from django.dispatch import Signal

# run: AnalysisRun. A run was created or ended.
run_changed = Signal()
# run: AnalysisRun. One more lane of a run has reported.
lane_reported = Signal()
