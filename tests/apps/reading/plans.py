"""How SQLite says it will answer a query."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def record_plans(into: list[list[str]]) -> Iterator[None]:
    """Collect the plan of every query; a line is a step, as SQLite says it."""

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            cursor = context["connection"].connection.cursor()
            plain = sql.replace("%s", "?")
            rows = cursor.execute("EXPLAIN QUERY PLAN " + plain, params).fetchall()
            into.append([str(row[3]) for row in rows])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield
