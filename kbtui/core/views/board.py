"""What a screen draws of a board: its shape, how many tasks stand where, and the cards of one stretch of a cell."""

from typing import NamedTuple

from peewee import BaseQuery, fn

from kbtui.core.db.database import fetch_all
from kbtui.core.db.models import Column, Project, Swimlane, Task
from kbtui.core.db.prepared import prepared, scalar
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
    name = _name.first(project_id)
    if name is None:
        raise NotFoundError(f"There is no project {project_id}.")
    columns, swimlanes = _columns.all(project_id), _swimlanes.all(project_id)
    shown = {swimlane.id for swimlane in swimlanes}
    counts = {Cell(held.column_id, held.swimlane_id): held.open_tasks for held in _counts.all(project_id)
              if held.swimlane_id in shown}  # fmt: skip
    return Board(project_id, name, tuple(columns), tuple(swimlanes), counts)


@prepared(scalar)
def _name(project_id: int) -> BaseQuery:
    return Project.select(Project.name).where(Project.id == project_id)


@prepared(BoardColumn._make)
def _columns(project_id: int) -> BaseQuery:
    heads = Column.select(Column.id, Column.title, Column.task_limit, Column.description)
    return heads.where(Column.project_id == project_id).order_by(Column.position)


@prepared(BoardSwimlane._make)
def _swimlanes(project_id: int) -> BaseQuery:
    heads = Swimlane.select(Swimlane.id, Swimlane.name, Swimlane.description)
    return heads.where(Swimlane.project_id == project_id, Swimlane.is_active == 1).order_by(Swimlane.position)


class _Held(NamedTuple):
    """How many open tasks a cell holds."""

    column_id: int
    swimlane_id: int
    open_tasks: int


@prepared(_Held._make)
def _counts(project_id: int) -> BaseQuery:
    cell = (Task.column_id, Task.swimlane_id)
    wanted = (Task.project_id == project_id) & (Task.is_active == 1)
    return Task.select(*cell, fn.count(1)).where(wanted).group_by(*cell)


def read_cards(cell: Cell, offset: int, limit: int) -> list[Card]:
    """Return at most ``limit`` cards of a cell in their order, from the 0-based ``offset`` on."""
    return [Card(*row) for row in fetch_all(_CARDS, (*cell, limit, offset))]
