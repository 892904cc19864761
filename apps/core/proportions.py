"""Shares with their uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959964


@dataclass(frozen=True)
class Proportion:
    """A share with its 95 % Wilson interval; None without observations."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def wilson_interval(successes: int, n: int) -> Proportion:
    """Return a share with its 95 % Wilson score interval (Wilson, JASA 1927)."""
    if n == 0:
        return Proportion(None, None, None, 0)
    share = successes / n
    z2 = Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Proportion(share, max(0.0, centre - half), min(1.0, centre + half), n)
