"""One key, one row."""

import pytest

from kbtui.core.tasks import idempotency, tasks
from kbtui.errors import InvalidError


def test_one_key_makes_one_task(project: int) -> None:
    made = [idempotency.once("key-1", lambda: tasks.create_task(project, "Task")) for _ in range(3)]

    assert len(set(made)) == 1
    assert [task["id"] for task in tasks.list_tasks(project)] == made[:1]


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
