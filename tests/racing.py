"""Calls that start together, each on a thread and a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from apps.core.errors import Conflict


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Return what each call gave, or the code of its Conflict; all start together."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(timeout=20)
            return call()
        except Conflict as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(40) for future in [pool.submit(run, c) for c in calls]]
