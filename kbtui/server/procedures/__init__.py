"""Procedures of the API, one module a group, each a thin function over core."""

import importlib

GROUPS = (
    "app",
    "board",
    "category",
    "column",
    "comment",
    "link",
    "me",
    "project",
    "project_permission",
    "subtask",
    "swimlane",
    "tag",
    "task",
    "task_file",
    "task_link",
    "task_tag",
    "user",
)
"""The modules of this package, named as Kanboard's groups."""


def load() -> None:
    """Import every group, which registers its procedures."""
    for group in GROUPS:
        importlib.import_module(f"{__name__}.{group}")
