"""Tasks: sent after the commit, tried again where that helps, silent about PHI."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from celery import Task
from django.db import OperationalError, transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core import queue
from apps.core.errors import crash_site
from apps.core.queue import TaskFailed, enqueue
from workers.errors import TransientError

calls: list[str] = []
failures: list[Exception] = []


@queue.task(time_limit_s=10, max_retries=3)
def note(*, word: str) -> None:
    """Note that it was called; fail as often as the test asks."""
    calls.append(word)
    if failures:
        raise failures.pop(0)


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    calls.clear()
    failures.clear()
    conf = note.app.conf
    before = conf.task_eager_propagates
    # As in a worker: a failure is the task's result and does not reach the caller.
    conf.task_eager_propagates = False
    yield
    conf.task_eager_propagates = before
    failures.clear()


def run(word: str = "film") -> None:
    note.apply(kwargs={"word": word}, throw=False)


PATH = "tests.apps.core.test_queue.note"


@pytest.mark.parametrize(
    "error", [TransientError("busy"), OperationalError("database is locked")]
)
def test_a_transient_error_is_tried_again(error: Exception) -> None:
    failures[:] = [error, error]
    run()
    assert calls == ["film"] * 3


def test_a_transient_error_is_not_tried_for_ever() -> None:
    failures[:] = [TransientError("busy")] * 10
    result = note.apply(kwargs={"word": "film"}, throw=False)
    assert len(calls) == 4  # once, and three retries
    assert result.state == "FAILURE"


def test_another_error_is_recorded_by_class_and_place_without_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures[:] = [ValueError("SMITH^JOHN")]
    with pytest.raises(TaskFailed) as failure:
        note.apply(kwargs={"word": "film"}, throw=True)
    assert calls == ["film"]
    assert str(failure.value).startswith("ValueError at note:")
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__
    assert "ValueError at note:" in caplog.text
    assert "SMITH" not in caplog.text


def test_a_retry_tells_the_class_and_not_the_words() -> None:
    failures[:] = [OperationalError("row of SMITH^JOHN")] * 10
    result = note.apply(kwargs={"word": "film"}, throw=False)
    assert "SMITH" not in str(result.result)
    assert "SMITH" not in str(result.traceback)


def test_a_task_comes_back_when_its_worker_dies_and_has_a_limit() -> None:
    assert isinstance(note, Task)
    assert note.acks_late
    assert note.reject_on_worker_lost
    assert note.time_limit == 10
    assert note.retry_jitter
    assert note.name == PATH


@pytest.mark.django_db(transaction=True)
def test_a_task_is_sent_when_the_transaction_commits_and_not_before() -> None:
    with transaction.atomic():
        enqueue(PATH, word="film")
        assert calls == []
    assert calls == ["film"]


@pytest.mark.django_db(transaction=True)
def test_a_task_is_not_sent_when_the_transaction_is_rolled_back() -> None:
    class Undo(Exception):
        """The change does not come about."""

    def change() -> None:
        with transaction.atomic():
            enqueue(PATH, word="film")
            raise Undo

    with pytest.raises(Undo):
        change()
    assert calls == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [BrokerError("refused"), ConnectionRefusedError(), RedisConnectionError("reset")],
)
def test_a_broker_out_of_reach_is_no_error_for_the_sender(
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    def refuse(**_: object) -> None:
        raise error

    monkeypatch.setattr(note, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        enqueue(PATH, word="film")
    assert f"{PATH} not sent now: {type(error).__name__}" in caplog.text


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("tests.apps.core.test_queue.nothing", ImportError),
        ("tests.apps.core.test_queue.run", TypeError),
    ],
)
def test_a_typo_in_a_path_fails_where_it_was_made(
    path: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        enqueue(path, word="film")


def test_a_crash_site_names_the_innermost_function_and_nothing_else() -> None:
    def read_name() -> None:
        raise ValueError("SMITH^JOHN")

    with pytest.raises(ValueError, match="SMITH") as failure:
        read_name()
    place = crash_site(failure.value)
    assert "read_name:" in place
    assert "SMITH" not in place
    assert crash_site(ValueError("SMITH^JOHN")) == "unknown"
