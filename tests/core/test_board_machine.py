"""Random operations on several projects, compared after each step with the same rules over plain lists."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from kbtui.core import (
    board,
    categories,
    columns,
    database,
    events,
    models,
    moves,
    projects,
    removals,
    swimlanes,
    tasks,
    transfers,
    users,
)
from kbtui.core import settings as board_settings
from kbtui.core.facts import task_facts
from kbtui.core.history import History
from kbtui.core.ranks import FARTHEST, Cell
from kbtui.errors import KbtuiError
from kbtui.webhooks.formats import render
from tests.core.conftest import last_event_id
from tests.core.naive_board import Expected, NaiveBoard, NaiveHistory, NaiveProject, NaiveTask, Refused

NOWHERE = 9999
"""An id that nothing has."""

LANES = ("Default swimlane", "Urgent", "Later")

BOARD_TABLES = (
    "projects",
    "project_users",
    "columns",
    "swimlanes",
    "categories",
    "tags",
    "tasks",
    "task_tags",
    "subtasks",
    "comments",
    "task_links",
    "files",
)


def dump(*tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of some tables."""
    return {table: database.fetch_all(f'SELECT * FROM "{table}"') for table in tables}


def make_board(path: Path) -> None:
    """Make three projects, the last of which has one member, and an endpoint for either format."""
    database.connect(path)
    board_settings.put(board_settings.DEFAULT_COLUMNS, "To do,Doing,Done")
    for number, username in enumerate(("bo", "cy"), start=2):
        assert users.add_user(username) == number
    for name in ("One", "Two", "Three"):
        project_id = projects.create_project(name)
        categories.add_category(project_id, "Bug")
    models.ProjectUser.create(project_id=3, user_id=2)
    for payload_format in ("kanboard-1.0", "kanboard-1.2"):
        models.Endpoint.create(name=payload_format, url="http://127.0.0.1:9/", format=payload_format)
    database.close()


def position_of(task_id: int) -> int:
    """Return where an open task really stands."""
    place = board.find_place(task_id)
    assert place is not None
    return place.position


def answer(really: Callable[[], Any]) -> tuple[Any, KbtuiError | None]:
    """Return what a function of the core returns, or raises."""
    try:
        return really(), None
    except KbtuiError as error:
        return None, error


def foretell(naively: Callable[[], list[Expected]]) -> tuple[list[Expected], tuple[type[KbtuiError], ...]]:
    """Return the events to expect, or the errors of which one must be raised."""
    try:
        return naively(), ()
    except Refused as refused:
        return [], refused.kinds


class BoardMachine(RuleBasedStateMachine):
    """The real board and the naive one, side by side."""

    template: Path
    file: Path

    def __init__(self) -> None:
        super().__init__()
        shutil.copy(self.template, self.file)
        database.connect(self.file)
        events.set_author(1)
        self.naive = NaiveBoard(
            [
                NaiveProject(
                    project_id,
                    [column.id for column in columns.list_columns(project_id)],
                    [lane.id for lane in swimlanes.list_swimlanes(project_id)],
                    swimlanes.default_swimlane(project_id).id,
                    {lane.id: lane.name for lane in swimlanes.list_swimlanes(project_id)},
                    categories.list_categories(project_id)[0].id,
                    {0, *(user.id for user in users.members(project_id))},
                )
                for project_id in (1, 2, 3)
            ],
            position_of,
        )
        self.history, self.naive_history = History(), NaiveHistory()
        self.removed: list[tuple[removals.RemovedTask, NaiveTask]] = []
        self.clock = 1000

    def teardown(self) -> None:
        database.close()
        events.set_author(0)
        for file in self.file.parent.glob(f"{self.file.name}*"):
            file.unlink()

    def perform(self, really: Callable[[], Any], naively: Callable[[], list[Expected]]) -> Any:
        """Do the same on both boards; return what the real one did, None when both refused."""
        before, announced, last = dump(*BOARD_TABLES), dump("events", "deliveries", "sqlite_sequence"), last_event_id()
        outcome, refusal = answer(really)
        expected, kinds = foretell(naively)
        assert (type(refusal) in kinds) if kinds else refusal is None, (refusal, kinds)
        if expected:
            assert dump(*BOARD_TABLES) != before
        else:
            assert dump(*BOARD_TABLES) == before
            assert dump("events", "deliveries", "sqlite_sequence") == announced
        self.compare_events(last, expected)
        return outcome

    def compare_events(self, last: int, expected: list[Expected]) -> None:
        rows = database.fetch_all(
            "SELECT id, name, formats, project_id, task_id, author, facts FROM events WHERE id > ? ORDER BY id", (last,)
        )
        announced = [(event.name, event.formats or events.EVENTS[event.name]) for event in expected]
        assert [(name, formats) for _, name, formats, *_ in rows] == announced
        for (event_id, name, formats, project_id, task_id, author, text), event in zip(rows, expected, strict=True):
            assert (project_id, task_id, author) == (event.project_id, event.task_id, "admin")
            self.compare_deliveries(event_id, formats)
            facts = json.loads(text)
            if task_id is not None:
                self.compare_facts(facts, event)
            if formats != "":
                render(formats or "kanboard-1.0", name, facts, author)
                render("kanboard-1.2", name, facts, author)

    def compare_deliveries(self, event_id: int, formats: str | None) -> None:
        rows = database.fetch_all(
            "SELECT e.format FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id WHERE d.event_id = ?"
            " ORDER BY e.format",
            (event_id,),
        )
        wanted = ["kanboard-1.0", "kanboard-1.2"] if formats is None else [formats] if formats else []
        assert [payload_format for (payload_format,) in rows] == wanted

    def compare_facts(self, facts: dict[str, Any], event: Expected) -> None:
        assert event.task_id is not None
        if event.task_id in self.naive.tasks:
            now = task_facts(event.task_id)
            assert {name: facts[name] for name in now} == now
        beside = facts.keys() - {"task", "tags", "default_swimlane_id", "from"}
        if "move" in facts:
            source = columns.get_column(facts["move"]["src_column_id"]).title
            lane = swimlanes.get_swimlane(facts["move"]["src_swimlane_id"]).name
            assert facts["from"] == {"column_title": source, "swimlane_name": lane}
            moved_before, moved_now = facts["move"]["date_moved"], facts["task"]["date_moved"]
            assert (moved_now == moved_before) == (event.name == "task.move.position")
        if event.name == "task.move.project":
            task, old = facts["task"], facts["task_before"]
            assert beside == {"task_before", "changes", "before"}
            assert (task["column_id"], task["swimlane_id"]) == event.facts["arrived"]
            assert facts["changes"].keys() == facts["before"].keys()
            for name in facts["changes"].keys() | {"project_id", "column_id", "swimlane_id"}:
                assert (facts["before"].get(name), facts["changes"].get(name)) == (old[name], task[name])
        elif "task_link" in event.facts:
            link = facts["task_link"]
            assert (link["opposite_task_id"], link["link_id"]) == event.facts["task_link"]
            assert link["task_id"] == facts["task"]["id"] == event.task_id
        else:
            assert {name: facts[name] for name in beside} == event.facts

    def columns(self) -> list[int]:
        return [column for project in self.naive.projects.values() for column in project.columns]

    def lanes(self) -> list[int]:
        return [lane for project in self.naive.projects.values() for lane in project.swimlanes]

    def draw_task(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from([*self.naive.tasks] * 3 + [NOWHERE]))

    def draw_cell(self, data: st.DataObject, project_id: int) -> tuple[int | None, int | None]:
        """Draw a column and a swimlane, mostly of this project, seldom impossible."""
        project = self.naive.projects[project_id]
        possible = (
            data.draw(st.sampled_from([None, None, None, *project.columns])),
            data.draw(st.sampled_from([None, None, None, *project.swimlanes])),
        )
        if data.draw(st.integers(0, 9)):
            return possible
        return (
            data.draw(st.sampled_from([*self.columns(), NOWHERE])),
            data.draw(st.sampled_from([*self.lanes(), NOWHERE])),
        )

    @rule(
        data=st.data(),
        project_id=st.sampled_from([1, 1, 2, 3]),
        position=st.sampled_from([None, 1, 2, 3, 50, 0, 10**30]),
        undoable=st.booleans(),
    )
    def create(self, data: st.DataObject, project_id: int, position: int | None, undoable: bool) -> None:
        column, lane = self.draw_cell(data, project_id)
        really = self.history.create_task if undoable else tasks.create_task
        task_id = self.perform(
            lambda: really(project_id, "Task", column_id=column, swimlane_id=lane, position=position),
            lambda: self.naive.create(project_id, (column, lane), position),
        )
        if task_id is not None:
            assert task_id == self.naive.last_task
            if undoable:
                self.remember_new(task_id)

    @precondition(lambda self: self.naive.tasks)
    @rule(
        data=st.data(),
        changes=st.fixed_dictionaries(
            {},
            optional={
                "title": st.sampled_from(["Task", "Other"]),
                "owner_id": st.sampled_from([0, 1, 2, 3]),
                "score": st.sampled_from([0, 5]),
                "category_id": st.sampled_from([0, 1, 2, 3, NOWHERE]),
                "tags": st.sampled_from([[], ["x"], ["x", "y"]]),
            },
        ),
        undoable=st.booleans(),
    )
    def update(self, data: st.DataObject, changes: Any, undoable: bool) -> None:
        task_id = self.draw_task(data)
        really = self.history.update_task if undoable else tasks.update_task
        task = self.naive.tasks.get(task_id)
        before = {name: task.fields[name] for name in changes} if task else {}
        if self.perform(lambda: really(task_id, **changes), lambda: self.naive.update(task_id, changes)) and undoable:
            self.naive_history.add(
                lambda: self.naive.update(task_id, before), lambda: self.naive.update(task_id, changes)
            )

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), position=st.sampled_from([None, None, 1, 2, 3, 4, 50, 0, -1]), undoable=st.booleans())
    def move(self, data: st.DataObject, position: int | None, undoable: bool) -> None:
        task_id = self.draw_task(data)
        task = self.naive.tasks.get(task_id)
        column, lane = self.draw_cell(data, task.project_id if task else 1)
        self.age()
        source = (task.cell, position_of(task_id)) if task and task.is_active else None
        really = self.history.move_task if undoable else moves.move_task
        moved = self.perform(
            lambda: really(task_id, column_id=column, swimlane_id=lane, position=position),
            lambda: self.naive.move(task_id, column, lane, position, self.clock),
        )
        if moved and undoable:
            assert task is not None
            assert source is not None
            home, target = task.project_id, (task.cell, position_of(task_id))
            self.naive_history.add(lambda: self.go(task_id, home, *source), lambda: self.go(task_id, home, *target))

    def go(self, task_id: int, project_id: int, cell: tuple[int, int], position: int) -> list[Expected]:
        task = self.naive.tasks.get(task_id)
        if task is None or task.project_id != project_id:
            raise Refused(KbtuiError)
        return self.naive.move(task_id, *cell, position, self.clock)

    def age(self) -> None:
        """Give every task a time of its last move that is not now."""
        self.clock += 1
        database.database.execute_sql("UPDATE tasks SET date_moved = ?", (self.clock,))

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), active=st.booleans(), undoable=st.booleans())
    def set_active(self, data: st.DataObject, active: bool, undoable: bool) -> None:
        task_id = self.draw_task(data)
        close, reopen = self.history.close_task, self.history.open_task
        if not undoable:
            close, reopen = tasks.close_task, tasks.open_task
        changed = self.perform(
            lambda: (reopen if active else close)(task_id), lambda: self.naive.set_active(task_id, active)
        )
        if changed and undoable:
            self.naive_history.add(
                lambda: self.naive.set_active(task_id, not active), lambda: self.naive.set_active(task_id, active)
            )

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), undoable=st.booleans())
    def remove(self, data: st.DataObject, undoable: bool) -> None:
        task_id = self.draw_task(data)
        trash: list[NaiveTask] = []

        def throw() -> list[Expected]:
            task, expected = self.naive.remove(task_id)
            trash[:] = [task]
            return expected

        removed = self.perform(
            lambda: self.history.remove_task(task_id) if undoable else removals.remove_task(task_id), throw
        )
        if trash and undoable:
            self.naive_history.add(lambda: self.naive.restore(trash[0]), throw)
        elif trash:
            self.removed.append((removed, trash[0]))

    @precondition(lambda self: self.removed)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        removed, task = data.draw(st.sampled_from(self.removed))
        self.perform(lambda: removals.restore_task(removed), lambda: self.naive.restore(task))

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), project_id=st.sampled_from([None, None, 1, 2, 3]), undoable=st.booleans())
    def duplicate(self, data: st.DataObject, project_id: int | None, undoable: bool) -> None:
        task_id = self.draw_task(data)
        really = self.history.duplicate_task if undoable else transfers.duplicate_task
        copy_id = self.perform(
            lambda: really(task_id, project_id),
            lambda: self.naive.duplicate(task_id, project_id),
        )
        if copy_id is not None:
            assert copy_id == self.naive.last_task
            if undoable:
                self.remember_new(copy_id)

    def remember_new(self, task_id: int) -> None:
        trash: list[NaiveTask] = []

        def throw() -> list[Expected]:
            task, expected = self.naive.remove(task_id)
            trash[:] = [task]
            return expected

        self.naive_history.add(throw, lambda: self.naive.restore(trash[0]))

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), project_id=st.sampled_from([1, 2, 3]))
    def transfer(self, data: st.DataObject, project_id: int) -> None:
        task_id = self.draw_task(data)
        self.perform(
            lambda: transfers.move_task_to_project(task_id, project_id),
            lambda: self.naive.transfer(task_id, project_id),
        )

    @precondition(lambda self: self.naive_history.done or self.naive_history.undone)
    @rule(back=st.booleans())
    def undo_or_redo(self, back: bool) -> None:
        self.age()
        if back:
            self.perform(self.history.undo, self.naive_history.undo)
        else:
            self.perform(self.history.redo, self.naive_history.redo)

    @rule(project_id=st.sampled_from([1, 2, 3]), name=st.sampled_from([None, *LANES]))
    def add_place(self, project_id: int, name: str | None) -> None:
        if name is not None:
            self.perform(
                lambda: swimlanes.add_swimlane(project_id, name), lambda: self.naive.add_swimlane(project_id, name)
            )
        else:
            title = f"Column {self.naive.last_column}"
            self.perform(lambda: columns.add_column(project_id, title), lambda: self.naive.add_column(project_id))

    @rule(data=st.data(), project_id=st.sampled_from([1, 2, 3]), position=st.integers(0, 5), lane=st.booleans())
    def reorder(self, data: st.DataObject, project_id: int, position: int, lane: bool) -> None:
        project = self.naive.projects[project_id]
        noun, rows = ("swimlane", project.swimlanes) if lane else ("column", project.columns)
        row_id = data.draw(st.sampled_from(rows))
        really = swimlanes.move_swimlane if lane else columns.move_column
        self.perform(
            lambda: really(row_id, position), lambda: self.naive.shift(noun, rows, row_id, position, project_id)
        )

    @rule(data=st.data(), project_id=st.sampled_from([1, 2, 3]), lane=st.booleans())
    def remove_place(self, data: st.DataObject, project_id: int, lane: bool) -> None:
        project = self.naive.projects[project_id]
        row_id = data.draw(st.sampled_from(project.swimlanes if lane else project.columns))
        if lane:
            self.perform(
                lambda: swimlanes.remove_swimlane(row_id), lambda: self.naive.remove_swimlane(project_id, row_id)
            )
        else:
            self.perform(lambda: columns.remove_column(row_id), lambda: self.naive.remove_column(project_id, row_id))

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), first=st.sampled_from([0, FARTHEST - 3, 1 - FARTHEST]), step=st.sampled_from([0, 1, 2]))
    def crowd(self, data: st.DataObject, first: int, step: int) -> None:
        """Leave no room between the ranks of a cell, or beyond them, which does not change the order."""
        cell = data.draw(st.sampled_from(sorted({task.cell for task in self.naive.tasks.values()})))
        self.naive.changes[cell] += 1
        in_order = self.naive.tasks_in(cell)
        for index, task_id in enumerate(in_order):
            rank = first + index * (step if in_order == sorted(in_order) else step or 1)
            database.database.execute_sql('UPDATE tasks SET "rank" = ? WHERE id = ?', (rank, task_id))

    @invariant()
    def the_open_tasks_of_every_cell_stand_at_1_to_n(self) -> None:
        for project in self.naive.projects.values():
            shape = board.read_board(project.id)
            assert [column.id for column in shape.columns] == project.columns
            assert [lane.id for lane in shape.swimlanes] == project.swimlanes
            counts = {
                Cell(*cell): len(ids) for cell, ids in self.naive.cells.items() if ids and cell[0] in project.columns
            }
            assert shape.counts == counts
            for cell, ids in self.naive.cells.items():
                if cell[0] in project.columns:
                    self.compare_cell(project.id, Cell(*cell), ids)

    def compare_cell(self, project_id: int, cell: Cell, ids: list[int]) -> None:
        assert board.count_cell(cell) == len(ids)
        assert [card.id for card in board.read_cards(cell, 0, 100)] == ids
        assert [card.id for card in board.read_cards(cell, 1, 2)] == ids[1:3]
        for position, task_id in enumerate(ids, start=1):
            assert board.find_place(task_id) == (project_id, cell, position)
            task = tasks.get_task(task_id)
            assert (task["project_id"], task["column_id"], task["swimlane_id"]) == (project_id, *cell)
            assert (task["position"], task["is_active"]) == (position, 1)

    @invariant()
    def every_task_holds_what_it_was_given(self) -> None:
        stored = {task_id for (task_id,) in database.fetch_all("SELECT id FROM tasks")}
        assert stored == self.naive.tasks.keys()
        for task in self.naive.tasks.values():
            real = tasks.get_task(task.id)
            assert {name: real[name] for name in task.fields} == task.fields
            assert bool(real["is_active"]) == task.is_active
            if not task.is_active:
                assert board.find_place(task.id) is None

    @invariant()
    def the_oldest_delivery_of_a_task_is_ready_and_the_others_wait(self) -> None:
        rows = database.fetch_all("SELECT endpoint_id, task_id, state FROM deliveries ORDER BY id")
        seen: set[tuple[int, int]] = set()
        for endpoint_id, task_id, state in rows:
            assert state == ("blocked" if (endpoint_id, task_id) in seen else "ready")
            seen.add((endpoint_id, task_id))


def explore(folder: Path, *, examples: int, steps: int) -> None:
    """Run the machine on files in a folder."""
    BoardMachine.template, BoardMachine.file = folder / "template.db", folder / "board.db"
    make_board(BoardMachine.template)
    run_state_machine_as_test(
        BoardMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.reuse, Phase.generate],  # to shrink a failure of many steps takes minutes
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )


def test_the_board_keeps_its_rules_under_any_operations(tmp_path: Path) -> None:
    explore(tmp_path, examples=80, steps=40)


@pytest.mark.slow
def test_the_board_keeps_its_rules_under_very_many_operations(tmp_path: Path) -> None:
    explore(tmp_path, examples=400, steps=80)
