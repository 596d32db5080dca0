"""The board: swimlanes, in each the columns, in each the open tasks."""

from typing import Any

from kbtui.core.projects import columns, swimlanes
from kbtui.core.tasks.task_list import TaskTagRow
from kbtui.core.views.task_details import TaskDetails, list_board, list_tags
from kbtui.server import shapes
from kbtui.server.registry import reads


@reads
def get_board(project_id: int) -> list[dict[str, Any]]:
    """Return the active swimlanes of a project with all that stands in them; nothing for an unknown project."""
    steps = columns.list_columns(project_id)
    lanes = swimlanes.list_swimlanes(project_id)
    tasks = list_board(project_id)
    tags = list_tags(tasks)
    cells: dict[tuple[int, int], list[TaskDetails]] = {}
    in_column: dict[int, list[TaskDetails]] = {step.id: [] for step in steps}
    for task in tasks:
        cells.setdefault((task.swimlane_id, task.column_id), []).append(task)
        in_column[task.column_id].append(task)
    shown = {lane.id for lane in lanes}
    sums = {step.id: _column_sums(in_column[step.id], shown) for step in steps}
    board = []
    for lane in lanes:
        drawn = [
            {**shapes.column(step), **_cell(cells.get((lane.id, step.id), []), tags), **sums[step.id]} for step in steps
        ]
        board.append(
            {
                **shapes.swimlane(lane),
                "columns": drawn,
                "nb_swimlanes": len(lanes),
                "nb_columns": len(steps),
                "nb_tasks": sum(column["nb_tasks"] for column in drawn),
                "score": sum(column["score"] for column in drawn),
            }
        )
    return board


def _cell(tasks: list[TaskDetails], tags: dict[int, list[TaskTagRow]]) -> dict[str, Any]:
    """Return the tasks of a column in one swimlane, and their sums."""
    return {
        "tasks": shapes.board_tasks(tasks, tags),
        "nb_tasks": len(tasks),
        "score": sum(task.score for task in tasks),
    }


def _column_sums(tasks: list[TaskDetails], shown: set[int]) -> dict[str, Any]:
    """Return the sums over a column in all swimlanes, those that are shown and all."""
    visible = [task for task in tasks if task.swimlane_id in shown]
    return {
        "column_nb_tasks": len(visible),
        "column_nb_score": sum(task.score for task in visible),
        "column_nb_open_tasks": len(tasks),
    }
