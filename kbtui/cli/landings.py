"""What a task becomes in another project, in words."""

from typing import Any

from kbtui.core.projects import categories, columns, projects, swimlanes, users
from kbtui.core.tasks.transfers import Landing


def describe_landing(task: dict[str, Any], target: Landing) -> dict[str, str | None]:
    """Return the names of where a task lands, and of whom and what it is assigned to there; None is nobody, none."""
    return {
        "project": projects.get_project(target.project_id).name,
        "column": columns.get_column(target.cell.column_id).title,
        "swimlane": swimlanes.get_swimlane(target.cell.swimlane_id).name,
        "assignee": users.get_user(target.owner_id).username if target.owner_id else None,
        "category": categories.get_category(target.category_id).name if target.category_id else None,
        "tags": ", ".join(task["tags"]) or None,
    }


def landing_words(task: dict[str, Any], mapping: dict[str, str | None]) -> list[tuple[str, object]]:
    """Return each name of a mapping with what it was before, where that differs."""
    before = {
        "project": task["project_name"],
        "column": task["column_title"],
        "swimlane": task["swimlane_name"],
        "assignee": task["assignee_username"],
        "category": task["category_name"],
        "tags": mapping["tags"],
    }
    words: list[tuple[str, object]] = [
        (name.capitalize(), after if after == before[name] else f"{after or 'none'} (was {before[name] or 'none'})")
        for name, after in mapping.items()
    ]
    return words


def closed_words(task: dict[str, Any]) -> str:
    """Return what happens to a closed task that moves, an empty text for an open one."""
    return "" if task["is_active"] else "open (was closed)"
