"""Every table, as peewee models: they are the schema, from which a new database is made on either engine.

Flags are 0 or 1, times Unix seconds (UTC), and "none" of a reference that is no foreign key is 0. Whoever changes
something here writes the step that brings older files to it, in :mod:`kbtui.core.db.migrations`.
"""

from typing import Any

from peewee import (
    SQL,
    BigAutoField,
    BigIntegerField,
    BlobField,
    Check,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    Node,
    NodeList,
    TextField,
    fn,
)

from kbtui.core.db.engine import database


class Id(BigAutoField):
    """A primary key whose numbers are never given a second time, also when the last row has gone."""

    def ddl(self, ctx: Any) -> Any:
        """Return the column's definition: SQLite reuses the largest id unless it is told not to."""
        definition = super().ddl(ctx)
        return definition if database.is_postgres else NodeList((definition, SQL("AUTOINCREMENT")))


class Bytes(BlobField):
    """Bytes that are empty when nobody says otherwise."""

    def __init__(self) -> None:
        super().__init__(default=b"")

    def ddl(self, ctx: Any) -> Any:
        """Return the column's definition: SQLite would take an empty text for a text."""
        empty = "''" if database.is_postgres else "x''"
        return NodeList((super().ddl(ctx), SQL(f"DEFAULT {empty}")))


def _default(value: str | float) -> list[Node]:
    """Return what gives a column its default in the database too."""
    return [SQL(f"DEFAULT {value!r}" if isinstance(value, str) else f"DEFAULT {value}")]


def _text(default: str | None = "") -> Any:
    return TextField() if default is None else TextField(default=default, constraints=_default(default))


def _int(default: int | None = 0) -> Any:
    return IntegerField() if default is None else IntegerField(default=default, constraints=_default(default))


def _big(default: int | None = 0) -> Any:
    return BigIntegerField() if default is None else BigIntegerField(default=default, constraints=_default(default))


def _real(default: float | None = 0) -> Any:
    return DoubleField() if default is None else DoubleField(default=default, constraints=_default(default))


def _owned(model: Any, name: str, **options: Any) -> Any:
    """Return a reference to the row that this one goes with."""
    return ForeignKeyField(model, column_name=name, on_delete="CASCADE", index=False, **options)


def _reference(model: Any, name: str, **options: Any) -> Any:
    """Return a reference to a row that cannot go while this one is there."""
    return ForeignKeyField(model, column_name=name, index=False, **options)


class BaseModel(Model):
    """What all tables with an id share."""

    id: Any = Id()

    class Meta:
        """Bind every model to the one database of the process."""

        database = database
        legacy_table_names = False


class Setting(BaseModel):
    """A setting that belongs to the board: the webhook token, the default columns."""

    id: Any = None
    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        """Name the table."""

        table_name = "settings"


class User(BaseModel):
    """Someone tasks are assigned to; ``admin`` always exists."""

    username = TextField()
    name = _text()
    email = _text()
    role = _text("app-user")
    is_active = _int(1)
    password = TextField(null=True)
    token = TextField(null=True)

    class Meta:
        """Name the table."""

        table_name = "users"


User.add_index(fn.lower(User.username), unique=True, name="users_username")


class Project(BaseModel):
    """A board. ``is_open`` says who may see it: everybody, or only its members and its owner."""

    name = TextField()
    description = _text()
    identifier = _text()
    email = TextField(null=True)
    position = IntegerField()
    owner_id = _big()
    is_active = _int(1)
    is_public = _int()
    is_private = _int()
    token = _text()
    start_date = _text()
    end_date = _text()
    priority_default = _int()
    priority_start = _int()
    priority_end = _int(3)
    last_modified = _big()
    is_open = _int()

    class Meta:
        """Name the table."""

        table_name = "projects"


class ProjectUser(BaseModel):
    """A member of a project."""

    project_id: int
    project = _owned(Project, "project_id")
    user_id: int
    user = _owned(User, "user_id")
    role = _text("project-member")

    class Meta:
        """Name the table; a user is a member once."""

        table_name = "project_users"
        constraints = (SQL("UNIQUE (project_id, user_id)"),)


class Column(BaseModel):
    """A step of a project's flow."""

    project_id: int
    project = _owned(Project, "project_id")
    title = TextField()
    position = IntegerField()
    task_limit = _int()
    description = _text()
    hide_in_dashboard = _int()

    class Meta:
        """Name the table."""

        table_name = "columns"


Column.add_index(Column.project, Column.position, name="columns_project")


class Swimlane(BaseModel):
    """A row across all columns of a project; one of them is the default."""

    project_id: int
    project = _owned(Project, "project_id")
    name = TextField()
    position = IntegerField()
    is_active = _int(1)
    is_default = _int()
    description = _text()
    task_limit = _int()

    class Meta:
        """Name the table."""

        table_name = "swimlanes"


Swimlane.add_index(Swimlane.project, Swimlane.position, name="swimlanes_project")
Swimlane.add_index(Swimlane.project, unique=True, where=(Swimlane.is_default == 1), name="swimlanes_default")


class Category(BaseModel):
    """What kind of work a task is; each task has at most one."""

    project_id: int
    project = _owned(Project, "project_id")
    name = TextField()
    description = TextField(null=True)
    color_id = TextField(null=True)
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "categories"


Category.add_index(Category.project, Category.position, name="categories_project")


class Tag(BaseModel):
    """A word on tasks; ``project_id`` 0 is a tag for all projects."""

    project_id = _big()
    name = TextField()
    color_id = TextField(null=True)
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "tags"


Tag.add_index(Tag.project_id, fn.lower(Tag.name), unique=True, name="tags_name")


class Task(BaseModel):
    """A task. Its position is its place by (rank, id) among the open tasks of its cell, counted when needed.

    ``folded`` is its title as it is searched: see :func:`kbtui.core.values.text.fold`.
    """

    title = TextField()
    description = _text()
    date_creation = BigIntegerField()
    color_id = _text("yellow")
    project_id: int
    project = _owned(Project, "project_id")
    column_id: int
    column = _reference(Column, "column_id")
    swimlane_id: int
    swimlane = _reference(Swimlane, "swimlane_id")
    rank = BigIntegerField()
    owner_id = _big()
    is_active = _int(1)
    date_completed = BigIntegerField(null=True)
    score = _big()
    date_due = _big()
    category_id = _big()
    creator_id = _big()
    date_modification = BigIntegerField()
    reference = _text()
    date_started = BigIntegerField(null=True)
    time_spent = _real()
    time_estimated = _real()
    date_moved = BigIntegerField()
    recurrence_status = _int()
    recurrence_trigger = _int()
    recurrence_factor = _int()
    recurrence_timeframe = _int()
    recurrence_basedate = _int()
    recurrence_parent = BigIntegerField(null=True)
    recurrence_child = BigIntegerField(null=True)
    priority = _big()
    external_provider = TextField(null=True)
    external_uri = TextField(null=True)
    folded = _text()

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
    task = _owned(Task, "task_id")
    tag_id: int
    tag = _owned(Tag, "tag_id")

    class Meta:
        """Name the table."""

        table_name = "task_tags"
        primary_key = CompositeKey("task", "tag")
        without_rowid = True


TaskTag.add_index(TaskTag.tag, name="task_tags_tag")


class Subtask(BaseModel):
    """A step of a task: status 0 Todo, 1 In progress, 2 Done."""

    task_id: int
    task = _owned(Task, "task_id")
    title = TextField()
    status = _int()
    time_estimated = _real()
    time_spent = _real()
    user_id = _big()
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "subtasks"


Subtask.add_index(Subtask.task, Subtask.position, name="subtasks_task")


class Comment(BaseModel):
    """What somebody wrote about a task, in Markdown."""

    task_id: int
    task = _owned(Task, "task_id")
    user_id = _big()
    comment = TextField()
    date_creation = BigIntegerField()
    date_modification = BigIntegerField()
    reference = _text()
    visibility = _text("app-user")

    class Meta:
        """Name the table."""

        table_name = "comments"


Comment.add_index(Comment.task, Comment.date_creation, name="comments_task")


class Link(BaseModel):
    """A type of internal link, such as "blocks", and its opposite (0: its own)."""

    label = TextField(constraints=[SQL("UNIQUE")])
    opposite_id = _big()

    class Meta:
        """Name the table."""

        table_name = "links"


class TaskLink(BaseModel):
    """One direction of an internal link between two tasks; ``opposite_id`` is the row of the other direction.

    It is kept, since the types tell it no more once one of them was given another opposite.
    """

    link_id: int
    link = _reference(Link, "link_id")
    task_id: int
    task = _owned(Task, "task_id")
    opposite_task_id: int
    opposite_task = _owned(Task, "opposite_task_id", backref="opposite_links")
    opposite_id = BigIntegerField(null=True)

    class Meta:
        """Name the table; two tasks are linked in one way once."""

        table_name = "task_links"
        constraints = (SQL("UNIQUE (task_id, opposite_task_id, link_id)"),)


TaskLink.add_index(TaskLink.opposite_task, name="task_links_opposite")


class File(BaseModel):
    """A file attached to a task; its bytes are in :class:`FileContent`."""

    task_id: int
    task = _owned(Task, "task_id")
    name = TextField()
    size = BigIntegerField()
    is_image = _int()
    date = BigIntegerField()
    user_id = _big()
    etag = _text()

    class Meta:
        """Name the table."""

        table_name = "files"


File.add_index(File.task, name="files_task")


class FileContent(BaseModel):
    """The bytes of a file."""

    id: Any = None
    file_id: int
    file = _owned(File, "file_id", primary_key=True)
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
    item = _owned(RemovedItem, "item_id")
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


class Activity(BaseModel):
    """What happened, small and for ever: when, who, what, where, and the old and new values as JSON.

    The feed of changes reads it too: ``column_id`` and ``swimlane_id`` are the task's cell after the change,
    ``src_column_id`` and ``src_swimlane_id`` the one before, where that was another one.
    """

    name = TextField()
    project_id = BigIntegerField(null=True)
    task_id = BigIntegerField(null=True)
    column_id = BigIntegerField(null=True)
    swimlane_id = BigIntegerField(null=True)
    src_column_id = BigIntegerField(null=True)
    src_swimlane_id = BigIntegerField(null=True)
    author_id = _big()
    author = TextField(null=True)
    date_creation = BigIntegerField()
    details = TextField()

    class Meta:
        """Name the table."""

        table_name = "activity"


Activity.add_index(Activity.task_id, Activity.id, name="activity_task")
Activity.add_index(Activity.project_id, Activity.id, name="activity_project")


class EventText(BaseModel):
    """A long description, kept once for all events that tell of it."""

    digest = TextField(constraints=[SQL("UNIQUE")])
    text = TextField()

    class Meta:
        """Name the table."""

        table_name = "event_texts"


class Event(BaseModel):
    """An event on its way to the receivers, with the snapshot that it tells. Written by ``log.record`` alone.

    ``facts`` is JSON; a long description stands in ``text`` instead of in it.
    """

    name = TextField()
    formats = TextField(null=True)
    project_id = BigIntegerField(null=True)
    task_id = BigIntegerField(null=True)
    author_id = _big()
    author = TextField(null=True)
    date_creation = BigIntegerField()
    facts = TextField()
    text_id: int | None
    text = _reference(EventText, "text_id", null=True)

    class Meta:
        """Name the table."""

        table_name = "events"


Event.add_index(Event.date_creation, Event.id, name="events_date")
Event.add_index(Event.text, where=Event.text.is_null(False), name="events_text")


class Endpoint(BaseModel):
    """Where events go: a URL, which events it wants, and how it has been answering."""

    name = TextField()
    url = TextField()
    format = _text("kanboard-1.0")
    events = _text("*")
    project_id: int | None
    project = _owned(Project, "project_id", null=True)
    is_enabled = _int(1)
    disabled_reason = _text()
    is_paused = _int()
    paused_until = _real()
    failures = _int()
    failing_since = _real()
    deadline = _real(10)
    schedule = _text()
    is_ordered = _int(1)
    concurrency = _int(4)
    secret = _text()
    old_secret = _text()
    old_secret_until = _real()
    ca_file = _text()
    headers = _text("{}")
    use_proxy = _int()

    class Meta:
        """Name the table."""

        table_name = "endpoints"


Endpoint.add_index(fn.lower(Endpoint.name), unique=True, name="endpoints_name")

UNFINISHED = ("ready", "sending", "blocked")
"""The states of a delivery that is still to be made."""

FINISHED = ("done", "dead")
"""The states of a delivery that was made or given up."""


class Delivery(BaseModel):
    """One event on its way to one endpoint, under a stable ``webhook_id``.

    It is ``blocked`` while an earlier one of its task, or the one of another task in ``waits_for``, is unfinished.
    """

    webhook_id = TextField(constraints=[SQL("UNIQUE")])
    event_id: int
    event = _reference(Event, "event_id")
    endpoint_id: int
    endpoint = _owned(Endpoint, "endpoint_id")
    task_id = BigIntegerField(null=True)
    event_name = TextField()
    state = TextField(constraints=[Check("state IN ('ready', 'sending', 'blocked', 'done', 'dead')")])
    attempt = _int()
    date_creation = DoubleField()
    scheduled_at = DoubleField()
    due_at = DoubleField()
    leased_until = _real()
    owner = _text()
    refusals = _int()
    finished_at = _real()
    last_status = IntegerField(null=True)
    last_error = _text()
    last_ms = DoubleField(null=True)
    format = _text()
    waits_for = BigIntegerField(null=True)

    class Meta:
        """Name the table."""

        table_name = "deliveries"


_IN_LINE = Delivery.state.in_(UNFINISHED)
Delivery.add_index(
    Delivery.endpoint, Delivery.due_at, Delivery.id, where=(Delivery.state == "ready"), name="deliveries_ready"
)
Delivery.add_index(Delivery.leased_until, where=(Delivery.state == "sending"), name="deliveries_leased")
Delivery.add_index(
    Delivery.endpoint, Delivery.task_id, Delivery.id, Delivery.state, where=_IN_LINE, name="deliveries_unfinished"
)
Delivery.add_index(
    Delivery.endpoint,
    Delivery.task_id,
    unique=True,
    where=Delivery.state.in_(("ready", "sending")),
    name="deliveries_in_flight",
)
Delivery.add_index(Delivery.finished_at, where=Delivery.state.in_(FINISHED), name="deliveries_finished")
Delivery.add_index(Delivery.endpoint, Delivery.id, name="deliveries_endpoint")
Delivery.add_index(Delivery.event, name="deliveries_event")
Delivery.add_index(Delivery.waits_for, where=Delivery.waits_for.is_null(False), name="deliveries_waiting")


class Attempt(BaseModel):
    """One POST of a delivery, and what came back."""

    delivery_id: int
    delivery = _owned(Delivery, "delivery_id")
    endpoint_id: int
    endpoint = _owned(Endpoint, "endpoint_id")
    number = IntegerField()
    started_at = DoubleField()
    ms = DoubleField(null=True)
    status = IntegerField(null=True)
    error = _text()
    detail = _text()
    answer_headers = _text()
    answer = Bytes()

    class Meta:
        """Name the table."""

        table_name = "attempts"


Attempt.add_index(Attempt.delivery, Attempt.number, name="attempts_delivery")
Attempt.add_index(Attempt.endpoint, Attempt.id, name="attempts_endpoint")

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
