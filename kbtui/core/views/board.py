"""What a screen draws of a board: its shape, how many tasks stand where, and the cards of one stretch of a cell."""

from typing import NamedTuple

from kbtui.core.db.database import fetch_all, fetch_one
from kbtui.core.tasks.ranks import Cell
from kbtui.errors import NotFoundError


class BoardColumn(NamedTuple):
    """A column's head; ``task_limit`` 0 is none."""

    id: int
    title: str
    task_limit: int
    description: str


class BoardSwimlane(NamedTuple):
    """A swimlane's head."""

    id: int
    name: str
    description: str


class Board(NamedTuple):
    """A project's shape: columns and active swimlanes in order, and how many open tasks each of their cells holds."""

    project_id: int
    name: str
    columns: tuple[BoardColumn, ...]
    swimlanes: tuple[BoardSwimlane, ...]
    counts: dict[Cell, int]


class Card(NamedTuple):
    """All that is drawn of a task. Times are Unix seconds; 0 is none."""

    id: int
    title: str
    color_id: str
    assignee: str
    category: str
    tags: str
    priority: int
    score: int
    date_due: int
    subtasks_done: int
    subtasks: int
    comments: int
    files: int
    links: int
    has_description: int
    recurs: int
    reference: str


_CARDS = """SELECT t.id, t.title, t.color_id,
    coalesce((SELECT CASE u.name WHEN '' THEN u.username ELSE u.name END FROM users u WHERE u.id = t.owner_id), ''),
    coalesce((SELECT c.name FROM categories c WHERE c.id = t.category_id), ''),
    coalesce((SELECT group_concat(name, ', ') FROM (SELECT tags.name FROM task_tags JOIN tags
        ON tags.id = task_tags.tag_id WHERE task_tags.task_id = t.id ORDER BY tags.name)), ''),
    t.priority, t.score, t.date_due,
    (SELECT count(*) FROM subtasks s WHERE s.task_id = t.id AND s.status = 2),
    (SELECT count(*) FROM subtasks s WHERE s.task_id = t.id),
    (SELECT count(*) FROM comments m WHERE m.task_id = t.id),
    (SELECT count(*) FROM files f WHERE f.task_id = t.id),
    (SELECT count(*) FROM task_links l WHERE l.task_id = t.id),
    t.description <> '', t.recurrence_status, t.reference
FROM tasks t WHERE t.column_id = ? AND t.swimlane_id = ? AND t.is_active = 1
ORDER BY t."rank", t.id LIMIT ? OFFSET ?"""


def read_board(project_id: int) -> Board:
    """Return a project's shape. Raises NotFoundError."""
    row = fetch_one("SELECT name FROM projects WHERE id = ?", (project_id,))
    if row is None:
        raise NotFoundError(f"There is no project {project_id}.")
    columns = fetch_all(
        'SELECT id, title, task_limit, description FROM "columns" WHERE project_id = ? ORDER BY position', (project_id,)
    )
    swimlanes = fetch_all(
        "SELECT id, name, description FROM swimlanes WHERE project_id = ? AND is_active = 1 ORDER BY position",
        (project_id,),
    )
    counts = fetch_all(
        "SELECT column_id, swimlane_id, count(*) FROM tasks WHERE project_id = ? AND is_active = 1"
        " GROUP BY column_id, swimlane_id",
        (project_id,),
    )
    shown = {swimlane_id for swimlane_id, *_ in swimlanes}
    return Board(
        project_id,
        row[0],
        tuple(BoardColumn(*column) for column in columns),
        tuple(BoardSwimlane(*swimlane) for swimlane in swimlanes),
        {Cell(column_id, swimlane_id): count for column_id, swimlane_id, count in counts if swimlane_id in shown},
    )


def read_cards(cell: Cell, offset: int, limit: int) -> list[Card]:
    """Return at most ``limit`` cards of a cell in their order, from the 0-based ``offset`` on."""
    return [Card(*row) for row in fetch_all(_CARDS, (*cell, limit, offset))]
