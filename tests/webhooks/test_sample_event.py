"""The test event knows what a real one knows."""

import json
from pathlib import Path

import pytest

from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects import projects
from kbtui.core.tasks import comments, subtasks, tasks
from kbtui.webhooks.test_event import sample_event
from tests import sql

pytestmark = pytest.mark.usefixtures("board")


def test_its_task_has_the_fields_of_a_snapshot(board: Path) -> None:
    task_id = tasks.create_task(projects.create_project("Website"), "Task")
    facts = task_snapshot(task_id)
    sample = sample_event()[1]

    assert sorted(sample["task"]) == sorted(facts["task"])
    assert set(facts) <= set(sample)


@pytest.mark.parametrize("noun", ["subtask", "comment"])
def test_what_belongs_to_its_task_has_the_fields_of_a_real_one(board: Path, noun: str) -> None:
    task_id = tasks.create_task(projects.create_project("Website"), "Task")
    if noun == "subtask":
        subtasks.add_subtask(task_id, "Step")
    else:
        comments.add_comment(task_id, "Words", user_id=1)
    (stored,) = sql.fetch_one("SELECT facts FROM events ORDER BY id DESC") or ("",)

    assert sorted(sample_event()[1][noun]) == sorted(json.loads(stored)[noun])
