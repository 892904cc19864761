"""`python -m workers evaluate --lane NAME`: hand over to that lane's protocol."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable

# By name, because each protocol needs its own packages (the train extra) and a lane
# without one must not stop another from being evaluated.
PROTOCOLS: dict[str, str] = {
    "synthesis": "workers.training.evaluate_synthesis",
    "synthesis-marks": "workers.training.evaluate_marks",
    "tamper": "workers.training.evaluate_tamper",
}


def main(argv: list[str]) -> int:
    """Return the exit code of the protocol of `--lane`."""
    parser = argparse.ArgumentParser(prog="python -m workers evaluate", add_help=False)
    parser.add_argument("--lane", choices=sorted(PROTOCOLS), required=True)
    chosen, rest = parser.parse_known_args(argv)
    protocol: Callable[[list[str]], int] = importlib.import_module(
        PROTOCOLS[chosen.lane]
    ).main
    return protocol(rest)
