"""``kbtui task move --project`` and ``kbtui task duplicate``: what a task becomes in another project."""

from argparse import Namespace

from kbtui.cli.choices import choose_cell, choose_project, choose_task
from kbtui.cli.output import Answer, pairs
from kbtui.cli.parser import UsageError
from kbtui.cli.task_words import task_location, task_name
from kbtui.core.db.database import transaction
from kbtui.core.events.snapshot import TaskSnapshot
from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks import moves, tasks, transfers


def move_task(arguments: Namespace, task: TaskSnapshot, project_id: int) -> Answer:
    """Move a task to another project, or only tell what it would become there."""
    place = choose_cell(arguments, project_id)
    position = place.pop("position", None)
    names = _describe(task, transfers.plan_transfer(task.id, project_id, **place))
    status = "" if task.is_active else "open (was closed)"
    words = pairs([*_compare(task, names), ("Status", status)])
    if arguments.dry_run:
        return Answer(f"Would move {task_name(task)}.\n\n{words}", {"mapping": names, "changed": False})
    transfers.move_task_to_project(task.id, project_id, **place)
    if position is not None:
        moves.move_task(task.id, position=position)
    moved = tasks.get_task(task.id)
    text = f"Moved {task_name(moved)} to {task_location(moved)}.\n\n{words}"
    return Answer(text, {**moved._asdict(), "mapping": names, "changed": True}, changed=True)


def duplicate_task(arguments: Namespace) -> Answer:
    """Copy a task, within its project or into another one."""
    with transaction():
        task = choose_task(arguments.ref)
        project_id = None if arguments.project is None else int(choose_project(arguments.project).id)
        names, words = None, ""
        if project_id is not None and project_id != task.project_id:
            names = _describe(task, transfers.plan_transfer(task.id, project_id))
            words = f"\n\n{pairs(_compare(task, names))}"
        if arguments.dry_run and names is None:
            raise UsageError("--dry-run needs a --project that is another one")
        if arguments.dry_run:
            return Answer(f"Would copy {task_name(task)}.{words}", {"mapping": names, "changed": False})
        copy_id = transfers.duplicate_task(task.id, project_id)
    copy = tasks.get_task(copy_id)
    text = f"Copied #{task.id} as {task_name(copy)} in {task_location(copy)}.{words}"
    return Answer(text, copy._asdict() if names is None else {**copy._asdict(), "mapping": names}, changed=True)


def _describe(task: TaskSnapshot, plan: transfers.TransferPlan) -> dict[str, str | None]:
    """Return the names of where a task goes, and of whom and what it is assigned to there; None is nobody, none."""
    return {
        "project": projects.get_project(plan.project_id).name,
        "column": columns.get_column(plan.cell.column_id).title,
        "swimlane": swimlanes.get_swimlane(plan.cell.swimlane_id).name,
        "assignee": users.get_user(plan.owner_id).username if plan.owner_id else None,
        "category": categories.get_category(plan.category_id).name if plan.category_id else None,
        "tags": ", ".join(task.tags) or None,
    }


def _compare(task: TaskSnapshot, names: dict[str, str | None]) -> list[tuple[str, object]]:
    """Return each name with what it was before, where that differs."""
    before = {
        "project": task.project_name,
        "column": task.column_title,
        "swimlane": task.swimlane_name,
        "assignee": task.assignee_username,
        "category": task.category_name,
        "tags": names["tags"],
    }
    return [
        (what.capitalize(), name if name == before[what] else f"{name or 'none'} (was {before[what] or 'none'})")
        for what, name in names.items()
    ]
