"""How the benchmarks measure and tell."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

ROUNDS = 5


def measure_rate(work: Callable[[], None], count: int) -> float:
    """Return the median of things per second over the rounds."""
    rates = []
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        work()
        rates.append(count / (time.perf_counter() - began_s))
    return statistics.median(rates)


def report(name: str, rate: float, reference: str, reference_rate: float) -> None:
    """Print one line."""
    print(
        f"{name}: {rate:,.0f}/s; {reference}: {reference_rate:,.0f}/s; "
        f"ratio {rate / reference_rate:.2f}"
    )
