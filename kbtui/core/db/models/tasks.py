"""The tables of tasks and of what is on them."""

from typing import Any

from peewee import SQL, BigIntegerField, BlobField, CompositeKey, IntegerField, TextField

from kbtui.core.db.models.base import BaseModel, big, integer, owned, real, reference, text
from kbtui.core.db.models.board import Column, Project, Swimlane, Tag


class Task(BaseModel):
    """A task. Its position is its place by (rank, id) among the open tasks of its cell, counted when needed.

    ``folded`` is its title as it is searched: see :func:`kbtui.core.values.text.fold`.
    """

    title = TextField()
    description = text()
    date_creation = BigIntegerField()
    color_id = text("yellow")
    project_id: int
    project = owned(Project, "project_id")
    column_id: int
    column = reference(Column, "column_id")
    swimlane_id: int
    swimlane = reference(Swimlane, "swimlane_id")
    rank = BigIntegerField()
    owner_id = big()
    is_active = integer(1)
    date_completed = BigIntegerField(null=True)
    score = big()
    date_due = big()
    category_id = big()
    creator_id = big()
    date_modification = BigIntegerField()
    reference = text()
    date_started = BigIntegerField(null=True)
    time_spent = real()
    time_estimated = real()
    date_moved = BigIntegerField()
    recurrence_status = integer()
    recurrence_trigger = integer()
    recurrence_factor = integer()
    recurrence_timeframe = integer()
    recurrence_basedate = integer()
    recurrence_parent = BigIntegerField(null=True)
    recurrence_child = BigIntegerField(null=True)
    priority = big()
    external_provider = TextField(null=True)
    external_uri = TextField(null=True)
    folded = text()

    class Meta:
        """Name the table."""

        table_name = "tasks"


Task.add_index(Task.column, Task.swimlane, Task.rank, Task.id, where=(Task.is_active == 1), name="tasks_cell")
Task.add_index(Task.column, name="tasks_column")
Task.add_index(Task.project, Task.is_active, Task.column, Task.swimlane, name="tasks_project")
Task.add_index(Task.swimlane, name="tasks_swimlane")
Task.add_index(Task.owner_id, where=(Task.owner_id != 0), name="tasks_owner")
Task.add_index(Task.category_id, where=(Task.category_id != 0), name="tasks_category")


class TaskTag(BaseModel):
    """A tag on a task."""

    id: Any = None
    task_id: int
    task = owned(Task, "task_id")
    tag_id: int
    tag = owned(Tag, "tag_id")

    class Meta:
        """Name the table."""

        table_name = "task_tags"
        primary_key = CompositeKey("task", "tag")
        without_rowid = True


TaskTag.add_index(TaskTag.tag, name="task_tags_tag")


class Subtask(BaseModel):
    """A step of a task: status 0 Todo, 1 In progress, 2 Done."""

    task_id: int
    task = owned(Task, "task_id")
    title = TextField()
    status = integer()
    time_estimated = real()
    time_spent = real()
    user_id = big()
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "subtasks"


Subtask.add_index(Subtask.task, Subtask.position, name="subtasks_task")


class Comment(BaseModel):
    """What somebody wrote about a task, in Markdown."""

    task_id: int
    task = owned(Task, "task_id")
    user_id = big()
    comment = TextField()
    date_creation = BigIntegerField()
    date_modification = BigIntegerField()
    reference = text()
    visibility = text("app-user")

    class Meta:
        """Name the table."""

        table_name = "comments"


Comment.add_index(Comment.task, Comment.date_creation, name="comments_task")


class Link(BaseModel):
    """A type of internal link, such as "blocks", and its opposite (0: its own)."""

    label = TextField(constraints=[SQL("UNIQUE")])
    opposite_id = big()

    class Meta:
        """Name the table."""

        table_name = "links"


class TaskLink(BaseModel):
    """One direction of an internal link between two tasks; ``opposite_id`` is the row of the other direction.

    It is kept, since the types tell it no more once one of them was given another opposite.
    """

    link_id: int
    link = reference(Link, "link_id")
    task_id: int
    task = owned(Task, "task_id")
    opposite_task_id: int
    opposite_task = owned(Task, "opposite_task_id", backref="opposite_links")
    opposite_id = BigIntegerField(null=True)

    class Meta:
        """Name the table; two tasks are linked in one way once."""

        table_name = "task_links"
        constraints = (SQL("UNIQUE (task_id, opposite_task_id, link_id)"),)


TaskLink.add_index(TaskLink.opposite_task, name="task_links_opposite")


class File(BaseModel):
    """A file attached to a task; its bytes are in :class:`FileContent`."""

    task_id: int
    task = owned(Task, "task_id")
    name = TextField()
    size = BigIntegerField()
    is_image = integer()
    date = BigIntegerField()
    user_id = big()
    etag = text()

    class Meta:
        """Name the table."""

        table_name = "files"


File.add_index(File.task, name="files_task")


class FileContent(BaseModel):
    """The bytes of a file."""

    id: Any = None
    file_id: int
    file = owned(File, "file_id", primary_key=True)
    content = BlobField()

    class Meta:
        """Name the table."""

        table_name = "file_contents"


class RemovedItem(BaseModel):
    """What was removed and can still be brought back: its rows by table, as JSON.

    It goes when no undo step can reach it any more, or a day after it was removed.
    """

    kind = TextField()
    row_id = BigIntegerField()
    rows = TextField()
    date_creation = BigIntegerField()

    class Meta:
        """Name the table."""

        table_name = "removed_items"


RemovedItem.add_index(RemovedItem.date_creation, name="removed_items_date")


class RemovedContent(BaseModel):
    """The bytes of a file that was removed, alone or with its task."""

    id: Any = None
    item_id: int
    item = owned(RemovedItem, "item_id")
    file_id = BigIntegerField()
    content = BlobField()

    class Meta:
        """Name the table."""

        table_name = "removed_contents"
        primary_key = CompositeKey("item", "file_id")


class IdempotencyKey(BaseModel):
    """The hash of a key under which a request was carried out, and the row that it made."""

    id: Any = None
    key = TextField(primary_key=True)
    row_id = BigIntegerField()
    date_creation = BigIntegerField()

    class Meta:
        """Name the table."""

        table_name = "idempotency_key"
