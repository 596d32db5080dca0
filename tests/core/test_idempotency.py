"""One key, one row."""

import hashlib

import pytest
import time_machine

from kbtui.core.db.models import IdempotencyKey
from kbtui.core.tasks import idempotency, tasks
from kbtui.errors import InvalidError

NOW = 2_000_000_000
WEEK = 7 * 86400


def test_one_key_makes_one_task(project: int) -> None:
    made = [idempotency.once("key-1", lambda: tasks.create_task(project, "Task")) for _ in range(3)]

    assert len(set(made)) == 1
    assert [task.id for task in tasks.list_tasks(project)] == made[:1]


def test_another_key_makes_another_task(project: int) -> None:
    for key in ("one", "two"):
        idempotency.once(key, lambda: tasks.create_task(project, "Task"))

    assert len(tasks.list_tasks(project)) == 2


def test_a_failure_uses_up_no_key(project: int) -> None:
    with pytest.raises(InvalidError):
        idempotency.once("key", lambda: tasks.create_task(project, ""))

    idempotency.once("key", lambda: tasks.create_task(project, "Task"))

    assert len(tasks.list_tasks(project)) == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_is_none_is_refused(project: int, key: str) -> None:
    with pytest.raises(InvalidError, match="1 to 255"):
        idempotency.once(key, lambda: tasks.create_task(project, "Task"))


def test_the_longest_key_and_one_that_is_no_utf8_are_keys(project: int) -> None:
    for key in ("k" * 255, "\ud800"):
        made = [idempotency.once(key, lambda: tasks.create_task(project, "Task")) for _ in range(2)]
        assert made[0] == made[1]


def test_a_key_is_remembered_for_a_week_and_then_used_anew(project: int) -> None:
    def make(key: str, now: int) -> int:
        with time_machine.travel(now, tick=False):
            return idempotency.once(key, lambda: tasks.create_task(project, "Task"))

    first, other = make("key", NOW), make("other", NOW + 1)

    assert make("key", NOW + WEEK) == first
    later = make("key", NOW + WEEK + 1)
    assert later not in (first, other)
    assert make("other", NOW + WEEK + 1) == other


def test_a_key_is_not_readable_in_the_database(project: int) -> None:
    with time_machine.travel(NOW + 0.5, tick=False):
        task_id = idempotency.once("ключ", lambda: tasks.create_task(project, "Task"))

    (row,) = IdempotencyKey.select()
    assert type(row.date_creation) is int
    assert (row.key, row.row_id, row.date_creation) == (hashlib.sha256("ключ".encode()).hexdigest(), task_id, NOW)
