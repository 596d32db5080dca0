"""Two boards that do the same: the real one, and its rules over plain lists."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from kbtui.core.db import database, models
from kbtui.core.events import log
from kbtui.core.events.snapshot import task_snapshot
from kbtui.core.projects import categories, columns, members, projects, swimlanes, users
from kbtui.core.projects import settings as board_settings
from kbtui.core.tasks import ranks, removals, tasks
from kbtui.core.tasks.ranks import Cell
from kbtui.core.undo.undo_stack import UndoStack
from kbtui.core.views import board
from kbtui.errors import KbtuiError
from kbtui.webhooks.formats import render
from tests import sql
from tests.core.conftest import last_event_id
from tests.core.naive_board import Expected, NaiveBoard, NaiveProject, NaiveStack, NaiveTask, Refused
from tests.core.new_boards import NewBoards

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
    return {table: sql.fetch_all(f'SELECT * FROM "{table}" ORDER BY 1, 2') for table in tables}


def make_board() -> None:
    """Make three projects, the last of which has one member, and an endpoint for either format."""
    board_settings.put(board_settings.DEFAULT_COLUMNS, "To do,Doing,Done")
    for number, username in enumerate(("bo", "cy"), start=2):
        assert users.add_user(username) == number
    for name in ("One", "Two", "Three"):
        project_id = projects.create_project(name)
        categories.add_category(project_id, "Bug")
    sql.create(models.ProjectUser, project_id=3, user_id=2)
    for payload_format in ("kanboard-1.0", "kanboard-1.2"):
        sql.create(models.Endpoint, name=payload_format, url="http://127.0.0.1:9/", format=payload_format)


def position_of(task_id: int) -> int:
    """Return where an open task really stands."""
    place = ranks.find_location(task_id)
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


class ComparedBoard(RuleBasedStateMachine):
    """The real board and the naive one, side by side, compared after each step; the steps are the subclass's."""

    boards: NewBoards

    def __init__(self) -> None:
        super().__init__()
        self.boards.connect(fill=make_board)
        log.set_author(1)
        self.naive = NaiveBoard(
            [
                NaiveProject(
                    project_id,
                    [column.id for column in columns.list_columns(project_id)],
                    [lane.id for lane in swimlanes.list_swimlanes(project_id)],
                    swimlanes.default_swimlane(project_id).id,
                    {lane.id: lane.name for lane in swimlanes.list_swimlanes(project_id)},
                    categories.list_categories(project_id)[0].id,
                    {0, *(user.id for user in members.list_assignable(project_id))},
                )
                for project_id in (1, 2, 3)
            ],
            position_of,
        )
        self.undo_stack, self.naive_stack = UndoStack(), NaiveStack()
        self.removed: list[tuple[removals.RemovedTask, NaiveTask]] = []
        self.clock = 1000

    def teardown(self) -> None:
        database.close()
        log.set_author(0)

    def perform(self, really: Callable[[], Any], naively: Callable[[], list[Expected]]) -> Any:
        """Do the same on both boards; return what the real one did, None when both refused."""
        before, announced, last = dump(*BOARD_TABLES), self.announced(), last_event_id()
        outcome, refusal = answer(really)
        expected, kinds = foretell(naively)
        assert (type(refusal) in kinds) if kinds else refusal is None, (refusal, kinds)
        if expected:
            assert dump(*BOARD_TABLES) != before
        else:
            assert dump(*BOARD_TABLES) == before
            assert self.announced() == announced
        self.compare_events(last, expected)
        return outcome

    def announced(self) -> tuple[object, ...]:
        return dump("events", "deliveries"), sql.counters()

    def compare_events(self, last: int, expected: list[Expected]) -> None:
        rows = sql.fetch_all(
            "SELECT id, name, formats, project_id, task_id, author, facts FROM events WHERE id > ? ORDER BY id", (last,)
        )
        announced = [(event.name, event.formats or log.EVENTS[event.name]) for event in expected]
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
        rows = sql.fetch_all(
            "SELECT e.format FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id WHERE d.event_id = ?"
            " ORDER BY e.format",
            (event_id,),
        )
        wanted = ["kanboard-1.0", "kanboard-1.2"] if formats is None else [formats] if formats else []
        assert [payload_format for (payload_format,) in rows] == wanted

    def compare_facts(self, facts: dict[str, Any], event: Expected) -> None:
        assert event.task_id is not None
        if event.task_id in self.naive.tasks:
            now = task_snapshot(event.task_id)
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
        assert ranks.count_cell(cell) == len(ids)
        cards = board.read_cards(cell, None, 100)
        assert [card.id for card in cards] == ids
        assert board.read_cards(cell, board.find_key(cell, 1), 2) == cards[1:3] or len(cards) < 2
        assert board.read_cards_before(cell, None, 2) == cards[-2:]
        for position, task_id in enumerate(ids, start=1):
            assert ranks.find_location(task_id) == (project_id, cell, position)
            task = tasks.get_task(task_id)
            assert (task.project_id, task.column_id, task.swimlane_id) == (project_id, *cell)
            assert (task.position, task.is_active) == (position, 1)

    @invariant()
    def every_task_holds_what_it_was_given(self) -> None:
        stored = {task_id for (task_id,) in sql.fetch_all("SELECT id FROM tasks")}
        assert stored == self.naive.tasks.keys()
        for task in self.naive.tasks.values():
            real = tasks.get_task(task.id)
            assert {name: getattr(real, name) for name in task.fields} == task.fields
            assert bool(real.is_active) == task.is_active
            if not task.is_active:
                assert ranks.find_location(task.id) is None

    @invariant()
    def the_oldest_delivery_of_a_task_is_ready_and_the_others_wait(self) -> None:
        # Nothing is sent here, so who waits for one of another task, as a copy for its original, waits for ever.
        rows = sql.fetch_all("SELECT id, endpoint_id, task_id, state, waits_for FROM deliveries ORDER BY id")
        earlier: dict[int, tuple[int, int]] = {}
        for delivery_id, endpoint_id, task_id, state, waits_for in rows:
            if waits_for is not None:
                assert earlier[waits_for][0] == endpoint_id
                assert earlier[waits_for][1] != task_id
            waits = (endpoint_id, task_id) in earlier.values() or waits_for is not None
            assert state == ("blocked" if waits else "ready")
            earlier[delivery_id] = (endpoint_id, task_id)
