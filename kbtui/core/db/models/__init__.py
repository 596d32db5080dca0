"""Every table, as peewee models: they are the schema, from which a new database is made on either engine.

Flags are 0 or 1, times Unix seconds (UTC), and "none" of a reference that is no foreign key is 0. Whoever changes
something here writes the step that brings older files to it, in :mod:`kbtui.core.db.migrations`.
"""

from kbtui.core.db.models.base import BaseModel
from kbtui.core.db.models.board import Category, Column, Project, ProjectUser, Setting, Swimlane, Tag, User
from kbtui.core.db.models.events import FINISHED, UNFINISHED, Activity, Attempt, Delivery, Endpoint, Event, EventText
from kbtui.core.db.models.tasks import (
    Comment,
    File,
    FileContent,
    IdempotencyKey,
    Link,
    RemovedContent,
    RemovedItem,
    Subtask,
    Task,
    TaskLink,
    TaskTag,
)

__all__ = [
    "FINISHED",
    "MODELS",
    "UNFINISHED",
    "Activity",
    "Attempt",
    "BaseModel",
    "Category",
    "Column",
    "Comment",
    "Delivery",
    "Endpoint",
    "Event",
    "EventText",
    "File",
    "FileContent",
    "IdempotencyKey",
    "Link",
    "Project",
    "ProjectUser",
    "RemovedContent",
    "RemovedItem",
    "Setting",
    "Subtask",
    "Swimlane",
    "Tag",
    "Task",
    "TaskLink",
    "TaskTag",
    "User",
]

MODELS: tuple[type[BaseModel], ...] = (
    Setting,
    User,
    Project,
    ProjectUser,
    Column,
    Swimlane,
    Category,
    Tag,
    Task,
    TaskTag,
    Subtask,
    Comment,
    Link,
    TaskLink,
    File,
    FileContent,
    RemovedItem,
    RemovedContent,
    IdempotencyKey,
    Activity,
    EventText,
    Event,
    Endpoint,
    Delivery,
    Attempt,
)
"""All tables, each after those it refers to."""
