"""The rules of the board over plain lists: no ranks, no SQL, no events; what the real one is compared with.

Each method does what the rules say and returns the events to expect, none where nothing changes; it raises
:class:`Refused`, having done nothing, where the real board must refuse.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from kbtui.errors import InUseError, InvalidError, KbtuiError, NotFoundError

Cell = tuple[int, int]
"""A column's id and a swimlane's."""


class Refused(Exception):  # noqa: N818 - it is an answer
    """The board must raise one of these."""

    def __init__(self, *kinds: type[KbtuiError]) -> None:
        super().__init__(*kinds)
        self.kinds = kinds


@dataclass(frozen=True)
class Expected:
    """An event to be recorded: ``facts`` are those beside the task, ``formats`` is as in ``events.record``."""

    name: str
    project_id: int
    task_id: int | None
    facts: dict[str, Any] = field(default_factory=dict)
    formats: str | None = None


@dataclass
class NaiveTask:
    """A task; ``waits`` is where it stood when it left the board, and how often its cell had changed by then."""

    id: int
    project_id: int
    cell: Cell
    fields: dict[str, Any]
    is_active: bool = True
    waits: tuple[int, int] = (0, -1)


@dataclass
class NaiveProject:
    """A project: ids in the order of the board."""

    id: int
    columns: list[int]
    swimlanes: list[int]
    default_swimlane: int
    lane_names: dict[int, str]
    category_id: int
    members: set[int]


class NaiveBoard:
    """All projects. ``look`` tells a task's real position; it is asked only where the rules leave the place open."""

    def __init__(self, projects: list[NaiveProject], look: Callable[[int], int]) -> None:
        self.projects = {project.id: project for project in projects}
        self.look = look
        self.tasks: dict[int, NaiveTask] = {}
        self.cells: dict[Cell, list[int]] = {}
        self.changes: Counter[Cell] = Counter()
        self.last_task = 0
        self.last_column = max(column for project in projects for column in project.columns)
        self.last_swimlane = max(lane for project in projects for lane in project.swimlanes)
        self.categories = {project.category_id: project.id for project in projects}

    def tasks_in(self, cell: Cell) -> list[int]:
        """Return the open tasks of a cell in order."""
        return self.cells.setdefault(cell, [])

    def create(self, project_id: int, cell: tuple[int | None, int | None], position: int | None) -> list[Expected]:
        """Add a task."""
        refused: set[type[KbtuiError]] = {InvalidError} if position is not None and position < 1 else set()
        place = self._cell(self.projects[project_id], *cell, refused)
        return [Expected("task.create", project_id, self._add(project_id, place, position, blank()))]

    def update(self, task_id: int, changes: dict[str, Any]) -> list[Expected]:
        """Edit a task."""
        task = self._task(task_id)
        category = changes.get("category_id", 0)
        if category and category not in self.categories:
            raise Refused(NotFoundError)
        if category and self.categories[category] != task.project_id:
            raise Refused(InvalidError)
        changed = {name: value for name, value in changes.items() if task.fields[name] != value}
        if changed.get("owner_id", 0) not in self.projects[task.project_id].members | {0}:
            raise Refused(InvalidError)
        before = {name: task.fields[name] for name in changed}
        task.fields |= changed
        name = "task.assignee_change" if set(changed) == {"owner_id"} else "task.update"
        facts = {"changes": changed, "before": before}
        return [Expected(name, task.project_id, task_id, facts)] if changed else []

    def move(
        self, task_id: int, column: int | None, swimlane: int | None, position: int | None, date_moved: int
    ) -> list[Expected]:
        """Move a task within its project; ``date_moved`` is what its row says before."""
        task = self._task(task_id)
        refused: set[type[KbtuiError]] = set()
        if not task.is_active or (position is not None and position < 1):
            refused.add(InvalidError)
        source = task.cell
        wanted = (source[0] if column is None else column, source[1] if swimlane is None else swimlane)
        target = self._cell(self.projects[task.project_id], *wanted, refused)
        old = self.tasks_in(source).index(task_id) + 1
        if target == source and position is None:
            return []
        others = [each for each in self.tasks_in(target) if each != task_id]
        got = len(others) + 1 if position is None else min(position, len(others) + 1)
        if (target, got) == (source, old):
            return []
        self._leave(task)
        self._enter(task, target, got)
        move = {"position": got, "column_id": target[0], "swimlane_id": target[1], "date_moved": date_moved}
        move |= {"src_column_id": source[0], "dst_column_id": target[0]}
        facts = {"move": move | {"src_swimlane_id": source[1], "src_position": old}}
        names: list[tuple[str, str | None]] = [("task.move.position", None)]
        if target[1] != source[1]:
            names = [("task.move.swimlane", None)]
            if target[0] != source[0]:
                names.append(("task.move.column", "kanboard-1.2"))
        elif target[0] != source[0]:
            names = [("task.move.column", None)]
        return [Expected(name, task.project_id, task_id, facts, formats) for name, formats in names]

    def set_active(self, task_id: int, active: bool) -> list[Expected]:
        """Close or open a task."""
        task = self._task(task_id)
        if task.is_active == active:
            return []
        task.is_active = active
        if active:
            self._return(task)
        else:
            self._leave(task)
        return [Expected("task.open" if active else "task.close", task.project_id, task_id)]

    def remove(self, task_id: int) -> tuple[NaiveTask, list[Expected]]:
        """Remove a task and return what to restore."""
        task = self._task(task_id)
        if task.is_active:
            self._leave(task)
        del self.tasks[task_id]
        return replace(task, fields=dict(task.fields)), [Expected("task.remove", task.project_id, task_id)]

    def restore(self, removed: NaiveTask) -> list[Expected]:
        """Put a removed task back."""
        if removed.id in self.tasks:
            raise Refused(InvalidError)
        self._cell(self.projects[removed.project_id], *removed.cell, set())
        task = self.tasks[removed.id] = replace(removed, fields=dict(removed.fields))
        if task.is_active:
            self._return(task)
        return [Expected("task.restore", task.project_id, task.id)]

    def duplicate(self, task_id: int, project_id: int | None) -> list[Expected]:
        """Copy a task, last in its cell here or where it lands in another project."""
        task = self._task(task_id)
        place, fields = task.cell, dict(task.fields)
        if project_id is None or project_id == task.project_id:
            project_id = task.project_id
            fields["title"] = f"[DUPLICATE] {fields['title']}"[:200]
        else:
            place = self._landing(task, project_id, fields)
        copy_id = self._add(project_id, place, None, fields)
        link = "task_internal_link.create_update"
        return [
            Expected("task.create", project_id, copy_id),
            Expected(link, project_id, copy_id, {"task_link": (task_id, 4)}, "kanboard-1.2"),
            Expected(link, task.project_id, task_id, {"task_link": (copy_id, 5)}, "kanboard-1.2"),
        ]

    def transfer(self, task_id: int, project_id: int) -> list[Expected]:
        """Move a task to the end of another project's cell; a closed one is opened."""
        task = self._task(task_id)
        if task.project_id == project_id:
            return []
        place = self._landing(task, project_id, task.fields)
        if task.is_active:
            self._leave(task)
        task.is_active, task.project_id = True, project_id
        self._enter(task, place, None)
        return [Expected("task.move.project", project_id, task_id, {"arrived": place})]

    def add_column(self, project_id: int) -> list[Expected]:
        """Add a column on the right."""
        self.last_column += 1
        self.projects[project_id].columns.append(self.last_column)
        return [Expected("column.change", project_id, None)]

    def add_swimlane(self, project_id: int, name: str) -> list[Expected]:
        """Add a swimlane at the bottom, under a name that the project has not yet."""
        project = self.projects[project_id]
        if name in project.lane_names.values():
            raise Refused(InvalidError)
        self.last_swimlane += 1
        project.swimlanes.append(self.last_swimlane)
        project.lane_names[self.last_swimlane] = name
        return [Expected("swimlane.change", project_id, None)]

    def shift(self, noun: str, rows: list[int], row_id: int, position: int, project_id: int) -> list[Expected]:
        """Reorder the columns or swimlanes of a project."""
        if position < 1:
            raise Refused(InvalidError)
        order = [each for each in rows if each != row_id]
        order.insert(position - 1, row_id)
        changed = order != rows
        rows[:] = order
        return [Expected(f"{noun}.change", project_id, None)] if changed else []

    def remove_column(self, project_id: int, column: int) -> list[Expected]:
        """Remove a column that no task is in, unless it is the only one."""
        project = self.projects[project_id]
        refused: list[type[KbtuiError]] = []
        if any(task.cell[0] == column for task in self.tasks.values()):
            refused.append(InUseError)
        if project.columns == [column]:
            refused.append(InvalidError)
        if refused:
            raise Refused(*refused)
        project.columns.remove(column)
        return [Expected("column.change", project_id, None)]

    def remove_swimlane(self, project_id: int, swimlane: int) -> list[Expected]:
        """Remove a swimlane that no task is in, unless it is the default one."""
        project = self.projects[project_id]
        refused: list[type[KbtuiError]] = []
        if any(task.cell[1] == swimlane for task in self.tasks.values()):
            refused.append(InUseError)
        if project.default_swimlane == swimlane:
            refused.append(InvalidError)
        if refused:
            raise Refused(*refused)
        project.swimlanes.remove(swimlane)
        del project.lane_names[swimlane]
        return [Expected("swimlane.change", project_id, None)]

    def _task(self, task_id: int) -> NaiveTask:
        if task_id not in self.tasks:
            raise Refused(NotFoundError)
        return self.tasks[task_id]

    def _cell(
        self, project: NaiveProject, column: int | None, swimlane: int | None, refused: set[type[KbtuiError]]
    ) -> Cell:
        """Return the cell meant, or refuse for the reasons there are already and those found here."""
        column = project.columns[0] if column is None else column
        swimlane = project.default_swimlane if swimlane is None else swimlane
        for chosen, name in ((column, "columns"), (swimlane, "swimlanes")):
            if not any(chosen in getattr(each, name) for each in self.projects.values()):
                refused = refused | {NotFoundError}
            elif chosen not in getattr(project, name):
                refused = refused | {InvalidError}
        if refused:
            raise Refused(*refused)
        return column, swimlane

    def _landing(self, task: NaiveTask, project_id: int, fields: dict[str, Any]) -> Cell:
        """Return the first column × the swimlane of the same name, else the default one; map the fields."""
        here, there = self.projects[task.project_id], self.projects[project_id]
        same = [lane for lane in there.swimlanes if there.lane_names[lane] == here.lane_names[task.cell[1]]]
        if fields["owner_id"] not in there.members:
            fields["owner_id"] = 0
        if fields["category_id"]:
            fields["category_id"] = there.category_id  # they all have one name
        return there.columns[0], same[0] if same else there.default_swimlane

    def _add(self, project_id: int, cell: Cell, position: int | None, fields: dict[str, Any]) -> int:
        self.last_task += 1
        task = self.tasks[self.last_task] = NaiveTask(self.last_task, project_id, cell, fields)
        self._enter(task, cell, position)
        return task.id

    def _enter(self, task: NaiveTask, cell: Cell, position: int | None) -> None:
        task.cell = cell
        tasks = self.tasks_in(cell)
        tasks.insert(len(tasks) if position is None else min(position - 1, len(tasks)), task.id)
        self.changes[cell] += 1

    def _leave(self, task: NaiveTask) -> None:
        tasks = self.tasks_in(task.cell)
        index = tasks.index(task.id)
        tasks.remove(task.id)
        self.changes[task.cell] += 1
        task.waits = index, self.changes[task.cell]

    def _return(self, task: NaiveTask) -> None:
        """Put a task back where it was; where that is among tasks that have moved since is left open."""
        index, changes = task.waits
        known = self.changes[task.cell] == changes
        self._enter(task, task.cell, index + 1 if known else self.look(task.id))


def blank() -> dict[str, Any]:
    """Return the fields of a task that was given a title only."""
    return {"title": "Task", "owner_id": 0, "score": 0, "category_id": 0, "tags": []}


@dataclass(frozen=True)
class NaiveStep:
    """How a step is taken back, and done again."""

    undo: Callable[[], list[Expected]]
    redo: Callable[[], list[Expected]]


class NaiveStack:
    """The steps that can be undone; one that is refused is dropped."""

    def __init__(self) -> None:
        self.done: list[NaiveStep] = []
        self.undone: list[NaiveStep] = []

    def add(self, undo: Callable[[], list[Expected]], redo: Callable[[], list[Expected]]) -> None:
        """Remember a step."""
        self.done.append(NaiveStep(undo, redo))
        self.undone.clear()

    def undo(self) -> list[Expected]:
        """Take back the last step."""
        return self._take(self.done, self.undone, "undo")

    def redo(self) -> list[Expected]:
        """Do the last undone step again."""
        return self._take(self.undone, self.done, "redo")

    def _take(self, source: list[NaiveStep], target: list[NaiveStep], verb: str) -> list[Expected]:
        if not source:
            raise Refused(InvalidError)
        step = source.pop()
        try:
            expected: list[Expected] = getattr(step, verb)()
        except Refused:
            raise Refused(InvalidError) from None
        target.append(step)
        return expected
