"""What a screen draws of a board: its shape, how many tasks stand where, and the cards of one stretch of a cell."""

from typing import Any, NamedTuple

from peewee import BaseQuery, Case, Tuple, fn

from kbtui.core.db.models import (
    Category,
    Column,
    Comment,
    File,
    Project,
    Subtask,
    Swimlane,
    Task,
    TaskLink,
    User,
)
from kbtui.core.db.prepared import prepared, scalar
from kbtui.core.events.snapshot import tags_of
from kbtui.core.tasks.ranks import FARTHEST, Cell, Key, in_cell
from kbtui.core.tasks.subtasks import DONE
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
    rank: int

    @property
    def key(self) -> Key:
        """What the task has in the order of its cell."""
        return Key(self.rank, self.id)


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


def read_cards(cell: Cell, start: Key | None, limit: int) -> list[Card]:
    """Return at most ``limit`` cards of a cell in their order, from a key on, None being the cell's top."""
    return _cards_from.all(*cell, *(start or _TOP), limit)


def read_cards_before(cell: Cell, before: Key | None, limit: int) -> list[Card]:
    """Return at most ``limit`` cards of a cell in their order: the last before a key, None being its end."""
    return _cards_before.all(*cell, *(before or _BOTTOM), limit)[::-1]


def count_before(cell: Cell, key: Key) -> int:
    """Return how many open tasks of a cell stand before a key."""
    return int(_count_before.one(*cell, *key))


def find_key(cell: Cell, index: int) -> Key | None:
    """Return the key of the card with a 0-based index, by stepping through the index of the cell; None past its end."""
    return _key_at.first(*cell, index)


_TOP, _BOTTOM = Key(-(2 * FARTHEST), 0), Key(2 * FARTHEST, 0)


def _cards() -> Any:
    """Return the query of cards; what is counted of a card, is read in an index of what is counted."""
    task = Task
    assignee = User.select(fn.coalesce(fn.nullif(User.name, ""), User.username)).where(User.id == task.owner_id)
    category = Category.select(Category.name).where(Category.id == task.category_id)
    return task.select(
        task.id,
        task.title,
        task.color_id,
        fn.coalesce(assignee, ""),
        fn.coalesce(category, ""),
        fn.coalesce(tags_of(task, ", "), ""),
        task.priority,
        task.score,
        task.date_due,
        _count(Subtask, Subtask.status == DONE),
        _count(Subtask),
        _count(Comment),
        _count(File),
        _count(TaskLink),
        Case(None, [(task.description != "", 1)], 0),
        task.recurrence_status,
        task.reference,
        task.rank,
    )


def _count(model: type[Subtask | Comment | File | TaskLink], condition: Any = None) -> Any:
    query = model.select(fn.count(1)).where(model.task_id == Task.id)
    return query if condition is None else query.where(condition)


@prepared(Card._make)
def _cards_from(column_id: int, swimlane_id: int, rank: int, task_id: int, limit: int) -> BaseQuery:
    after = Tuple(Task.rank, Task.id) >= Tuple(rank, task_id)
    query = _cards().where(in_cell(Task, column_id, swimlane_id) & after)
    ordered: BaseQuery = query.order_by(Task.rank, Task.id).limit(limit)
    return ordered


@prepared(Card._make)
def _cards_before(column_id: int, swimlane_id: int, rank: int, task_id: int, limit: int) -> BaseQuery:
    before = Tuple(Task.rank, Task.id) < Tuple(rank, task_id)
    query = _cards().where(in_cell(Task, column_id, swimlane_id) & before)
    ordered: BaseQuery = query.order_by(Task.rank.desc(), Task.id.desc()).limit(limit)
    return ordered


@prepared(Key._make)
def _key_at(column_id: int, swimlane_id: int, index: int) -> BaseQuery:
    query = Task.select(Task.rank, Task.id).where(in_cell(Task, column_id, swimlane_id))
    return query.order_by(Task.rank, Task.id).limit(1).offset(index)


@prepared(scalar)
def _count_before(column_id: int, swimlane_id: int, rank: int, task_id: int) -> BaseQuery:
    before = Tuple(Task.rank, Task.id) < Tuple(rank, task_id)
    return Task.select(fn.count(1)).where(in_cell(Task, column_id, swimlane_id) & before)
