"""Boards with as many tasks as wanted, for tests through a terminal and for measuring."""

import random
import time
from pathlib import Path

from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import tasks

WORDS = (
    "archive",
    "badge",
    "calendar",
    "draft",
    "export",
    "filter",
    "invoice",
    "keyboard",
    "layout",
    "password",
    "search",
)


def make_board(path: Path, count: int, *, limit: int = 4, is_flat: bool = False) -> int:
    """Make a database with one project of five columns, three swimlanes and ``count`` tasks; return its id.

    One that ``is_flat`` has three columns and one swimlane, with all tasks in three large cells.
    The same ``count`` always makes the same board. The connection is closed again.
    """
    chance = random.Random(count)
    database.connect(path)
    try:
        with log.authored_by(1), database.transaction():
            project_id = projects.create_project("Website")
            if is_flat:
                columns.remove_column(columns.list_columns(project_id)[-1].id)
            else:
                columns.add_column(project_id, "Shipped", task_limit=limit)
                for name in ("Expedite", "Support"):
                    swimlanes.add_swimlane(project_id, name)
            category_ids = [0, *(categories.add_category(project_id, name) for name in ("Bug", "Feature", "Chore"))]
            user_ids = [0, 1, users.add_user("mika", name="Mika Sample"), users.add_user("noor")]
            column_ids = [int(column.id) for column in columns.list_columns(project_id)]
            swimlane_ids = [int(swimlane.id) for swimlane in swimlanes.list_swimlanes(project_id)]
            now = int(time.time())
            for _ in range(count):
                tasks.create_task(
                    project_id,
                    " ".join(chance.choices(WORDS, k=chance.randint(2, 9))).capitalize(),
                    column_id=chance.choice(column_ids),
                    swimlane_id=chance.choice(swimlane_ids),
                    owner_id=chance.choice(user_ids),
                    category_id=chance.choice(category_ids),
                    color_id=chance.choice(("yellow", "blue", "green", "red", "purple")),
                    score=chance.choice((0, 0, 3, 8)),
                    priority=chance.choice((0, 0, 1, 3)),
                    date_due=chance.choice((0, 0, now - 3 * 86400, now + 4 * 86400)),
                    tags=chance.choice(((), ("ui",), ("backend", "urgent"))),
                    description=chance.choice(("", "What it is about.")),
                )
        return project_id
    finally:
        database.close()
