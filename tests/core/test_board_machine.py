"""Random operations on several projects, compared after each step with the same rules over plain lists."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule, run_state_machine_as_test

from kbtui.core.projects import columns, swimlanes
from kbtui.core.tasks import moves, ranks, removals, tasks, transfers
from kbtui.core.tasks.ranks import FARTHEST
from kbtui.errors import KbtuiError
from tests import sql
from tests.core.compared_board import ComparedBoard, position_of
from tests.core.naive_board import Expected, NaiveTask, Refused
from tests.core.new_boards import SLOWER, NewBoards

NOWHERE = 9999
"""An id that nothing has."""

LANES = ("Default swimlane", "Urgent", "Later")


class BoardMachine(ComparedBoard):
    """All that can be done on a board, in any order."""

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
        really = self.undo_stack.create_task if undoable else tasks.create_task
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
        really = self.undo_stack.update_task if undoable else tasks.update_task
        task = self.naive.tasks.get(task_id)
        before = {name: task.fields[name] for name in changes} if task else {}
        if self.perform(lambda: really(task_id, **changes), lambda: self.naive.update(task_id, changes)) and undoable:
            after = {name: self.naive.tasks[task_id].fields[name] for name in changes}
            before = {name: value for name, value in before.items() if value != after[name]}
            after = {name: after[name] for name in before}
            self.naive_stack.add(lambda: self.put(task_id, before, after), lambda: self.put(task_id, after, before))

    def put(self, task_id: int, values: dict[str, Any], instead_of: dict[str, Any]) -> list[Expected]:
        """Put back those values that nobody has changed since; where all have been, that is refused."""
        task = self.naive.tasks.get(task_id)
        own = {name: value for name, value in values.items() if task is None or task.fields[name] == instead_of[name]}
        if values and not own:
            raise Refused(KbtuiError)
        return self.naive.update(task_id, own)

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), position=st.sampled_from([None, None, 1, 2, 3, 4, 50, 0, -1]), undoable=st.booleans())
    def move(self, data: st.DataObject, position: int | None, undoable: bool) -> None:
        task_id = self.draw_task(data)
        task = self.naive.tasks.get(task_id)
        column, lane = self.draw_cell(data, task.project_id if task else 1)
        self.age()
        source = (task.cell, position_of(task_id)) if task and task.is_active else None
        really = self.undo_stack.move_task if undoable else moves.move_task
        moved = self.perform(
            lambda: really(task_id, column_id=column, swimlane_id=lane, position=position),
            lambda: self.naive.move(task_id, column, lane, position, self.clock),
        )
        if moved and undoable:
            assert task is not None
            assert source is not None
            home, target = task.project_id, (task.cell, position_of(task_id))
            self.naive_stack.add(lambda: self.go(task_id, home, *source), lambda: self.go(task_id, home, *target))

    def go(self, task_id: int, project_id: int, cell: tuple[int, int], position: int) -> list[Expected]:
        task = self.naive.tasks.get(task_id)
        if task is None or task.project_id != project_id:
            raise Refused(KbtuiError)
        return self.naive.move(task_id, *cell, position, self.clock)

    def age(self) -> None:
        """Give every task a time of its last move that is not now."""
        self.clock += 1
        sql.execute("UPDATE tasks SET date_moved = ?", (self.clock,))

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), active=st.booleans(), undoable=st.booleans())
    def set_active(self, data: st.DataObject, active: bool, undoable: bool) -> None:
        task_id = self.draw_task(data)
        close: Callable[[int], object]
        reopen: Callable[[int], object]
        close, reopen = self.undo_stack.close_task, self.undo_stack.open_task
        if not undoable:
            close, reopen = tasks.close_task, tasks.open_task
        changed = self.perform(
            lambda: (reopen if active else close)(task_id), lambda: self.naive.set_active(task_id, active)
        )
        if changed and undoable:
            self.naive_stack.add(
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
            lambda: self.undo_stack.remove_task(task_id) if undoable else removals.remove_task(task_id), throw
        )
        if trash and undoable:
            self.naive_stack.add(lambda: self.naive.restore(trash[0]), throw)
        elif trash:
            self.removed.append((removed, trash[0]))

    @precondition(lambda self: self.removed)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        removed, task = data.draw(st.sampled_from(self.removed))
        was_there = task.id in self.naive.tasks
        self.perform(lambda: removals.restore_task(removed), lambda: self.naive.restore(task))
        if not was_there and task.id in self.naive.tasks:
            self.removed.remove((removed, task))  # what was kept of it is used up

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), project_id=st.sampled_from([None, None, 1, 2, 3]), undoable=st.booleans())
    def duplicate(self, data: st.DataObject, project_id: int | None, undoable: bool) -> None:
        task_id = self.draw_task(data)
        really = self.undo_stack.duplicate_task if undoable else transfers.duplicate_task
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

        self.naive_stack.add(throw, lambda: self.naive.restore(trash[0]))

    @precondition(lambda self: self.naive.tasks)
    @rule(data=st.data(), project_id=st.sampled_from([1, 2, 3]))
    def transfer(self, data: st.DataObject, project_id: int) -> None:
        task_id = self.draw_task(data)
        self.perform(
            lambda: transfers.move_task_to_project(task_id, project_id),
            lambda: self.naive.transfer(task_id, project_id),
        )

    @precondition(lambda self: self.naive_stack.done or self.naive_stack.undone)
    @rule(back=st.booleans())
    def undo_or_redo(self, back: bool) -> None:
        self.age()
        if back:
            self.perform(self.undo_stack.undo, self.naive_stack.undo)
        else:
            self.perform(self.undo_stack.redo, self.naive_stack.redo)

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
            sql.execute('UPDATE tasks SET "rank" = ? WHERE id = ?', (rank, task_id))


def explore(boards: NewBoards, *, examples: int, steps: int) -> None:
    """Run the machine, on a new board each time."""
    BoardMachine.boards = boards
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


@pytest.mark.parametrize(("gap", "examples"), [(ranks.GAP, 20), (4, 10)], ids=["usual room", "hardly any room"])
def test_the_board_keeps_its_rules_under_any_operations(
    boards: NewBoards, gap: int, examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a small gap there is hardly ever a number between two ranks, and tasks are spread all the time."""
    if gap < ranks.LEAST_STEP:
        monkeypatch.setattr(ranks, "GAP", gap)
        monkeypatch.setattr(ranks, "LEAST_STEP", gap // 2)
        monkeypatch.setattr(ranks, "WINDOW", gap // 2)

    explore(boards, examples=examples // SLOWER, steps=40)


@pytest.mark.slow
def test_the_board_keeps_its_rules_under_very_many_operations(boards: NewBoards) -> None:
    explore(boards, examples=200, steps=80)
