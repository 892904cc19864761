"""Progress with the time left, on standard error."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_INTERVAL_S = 2.0


class Progress:
    """Writes `stage done/total, m:ss left`, at most every two seconds."""

    def __init__(self, stage: str, stream: TextIO | None = None) -> None:
        self._stage = stage
        self._stream = stream or sys.stderr
        self._started_s = time.monotonic()
        self._written_s = float("-inf")

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` steps are behind us."""
        now_s = time.monotonic()
        if done < total and now_s - self._written_s < _INTERVAL_S:
            return
        self._written_s = now_s
        left_s = (now_s - self._started_s) / max(done, 1) * (total - done)
        minutes, seconds = divmod(round(left_s), 60)
        self._stream.write(
            f"{self._stage} {done}/{total}, {minutes}:{seconds:02} left\n"
        )
        self._stream.flush()
