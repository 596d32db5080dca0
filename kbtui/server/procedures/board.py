"""The board: swimlanes, in each the columns, in each the open tasks."""

from typing import Any

from kbtui.core.projects import columns, swimlanes
from kbtui.core.views.task_details import BOARD_ORDER, list_details
from kbtui.server import shapes
from kbtui.server.registry import reads


@reads
def get_board(project_id: int) -> list[dict[str, Any]]:
    """Return the active swimlanes of a project with all that stands in them; nothing for an unknown project."""
    steps = columns.list_columns(project_id)
    lanes = swimlanes.list_swimlanes(project_id)
    cells: dict[tuple[int, int], list[dict[str, Any]]] = {}
    in_column: dict[int, list[dict[str, Any]]] = {step.id: [] for step in steps}
    for task in list_details("t.project_id = ? AND t.is_active = 1", (project_id,), order=BOARD_ORDER):
        task["is_draggable"] = True
        cells.setdefault((task["swimlane_id"], task["column_id"]), []).append(task)
        in_column[task["column_id"]].append(task)
    shown = {lane.id for lane in lanes}
    board = []
    for lane in lanes:
        drawn = [
            _column(shapes.column(step), cells.get((lane.id, step.id), []), in_column[step.id], shown) for step in steps
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


def _column(
    column: dict[str, Any], cell: list[dict[str, Any]], tasks: list[dict[str, Any]], shown: set[int]
) -> dict[str, Any]:
    """Return a column of one swimlane: its tasks there, and the sums over the whole column."""
    visible = [task for task in tasks if task["swimlane_id"] in shown]
    return {
        **column,
        "tasks": cell,
        "nb_tasks": len(cell),
        "score": sum(task["score"] for task in cell),
        "column_nb_tasks": len(visible),
        "column_nb_score": sum(task["score"] for task in visible),
        "column_nb_open_tasks": len(tasks),
    }
