"""The one way to make and to send a task (docs/architecture.md, tasks are doorways)."""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

from celery import (
    Task,
    shared_task,  # noqa: TID251 - the one place that may
)
from django.db import OperationalError, transaction
from django.utils.module_loading import import_string
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from apps.core.errors import crash_site
from workers.errors import TransientError

logger = logging.getLogger(__name__)

# A pooled connection may be from before the broker's restart: try once more at once.
ONE_RECONNECT = {"max_retries": 1, "interval_start": 0, "interval_max": 0}


class TaskFailed(Exception):
    """A task ended in an error; names only its class, since messages may hold PHI."""


def task(
    *, time_limit_s: int, max_retries: int = 6
) -> Callable[[Callable[..., None]], Task]:
    """Return a decorator that makes a Celery task of a doorway function.

    The message is acknowledged after the work, so a killed worker's task comes back.
    TransientError and a busy database are retried with exponential backoff and jitter;
    any other error is recorded by class and ends the task. CELERY_TASK_ROUTES names the
    queue of each app.
    """

    def decorate(function: Callable[..., None]) -> Task:
        @functools.wraps(function)
        def doorway(**kwargs: Any) -> None:
            try:
                function(**kwargs)
            except (TransientError, OperationalError) as error:
                raise TransientError(type(error).__name__) from None
            except Exception as error:
                # pydicom and Pillow put header values into messages: only the class
                # and the place may reach the log.
                place = crash_site(error)
                logger.error(
                    "task %s failed: %s at %s",
                    function.__name__,
                    type(error).__name__,
                    place,
                )
                raise TaskFailed(f"{type(error).__name__} at {place}") from None

        made: Task = shared_task(
            name=f"{function.__module__}.{function.__name__}",
            acks_late=True,
            reject_on_worker_lost=True,
            time_limit=time_limit_s,
            autoretry_for=(TransientError,),
            retry_backoff=1,
            retry_backoff_max=60,
            retry_jitter=True,
            max_retries=max_retries,
        )(doorway)
        return made

    return decorate


def enqueue(path: str, **kwargs: str | int) -> None:
    """Send the task at dotted `path` once the current transaction commits.

    The path is resolved at once, so a typo fails here and not in the worker. A broker
    that is out of reach is logged and not raised: the row is committed, and the
    sweeper sends it again.
    """
    _send_on_commit(path, None, kwargs)


def enqueue_at(path: str, at: dt.datetime, **kwargs: str | int) -> None:
    """Send as `enqueue` does, for a worker to start at `at`.

    A worker keeps it until then: only for minutes ahead, well below the broker's
    visibility timeout.
    """
    _send_on_commit(path, at, kwargs)


def _send_on_commit(
    path: str, at: dt.datetime | None, kwargs: Mapping[str, str | int]
) -> None:
    found = import_string(path)
    if not isinstance(found, Task):
        raise TypeError(f"{path} is not a task")

    def send() -> None:
        try:
            found.apply_async(
                kwargs=dict(kwargs), eta=at, retry=True, retry_policy=ONE_RECONNECT
            )
        except (BrokerError, RedisError, OSError) as error:
            logger.warning("%s not sent now: %s", path, type(error).__name__)

    transaction.on_commit(send)
