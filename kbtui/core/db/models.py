"""Every table, as peewee models: flags are 0 or 1, times Unix seconds (UTC), "none" of a reference is 0."""

from typing import Any

from peewee import AutoField, BlobField, CompositeKey, FloatField, IntegerField, Model, TextField

from kbtui.core.db.database import database


class BaseModel(Model):
    """What all tables with an id share."""

    id = AutoField()

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

    username = TextField(unique=True)
    name = TextField(default="")
    email = TextField(default="")
    role = TextField(default="app-user")
    is_active = IntegerField(default=1)
    password = TextField(null=True)
    token = TextField(null=True)

    class Meta:
        """Name the table."""

        table_name = "users"


class Project(BaseModel):
    """A board."""

    name = TextField()
    description = TextField(default="")
    identifier = TextField(default="")
    email = TextField(null=True)
    position = IntegerField()
    owner_id = IntegerField(default=0)
    is_active = IntegerField(default=1)
    is_public = IntegerField(default=0)
    is_private = IntegerField(default=0)
    token = TextField(default="")
    start_date = TextField(default="")
    end_date = TextField(default="")
    priority_default = IntegerField(default=0)
    priority_start = IntegerField(default=0)
    priority_end = IntegerField(default=3)
    last_modified = IntegerField(default=0)

    class Meta:
        """Name the table."""

        table_name = "projects"


class ProjectUser(BaseModel):
    """A member of a project; a project without any is open to everybody."""

    project_id = IntegerField()
    user_id = IntegerField()
    role = TextField(default="project-member")

    class Meta:
        """Name the table."""

        table_name = "project_users"


class Column(BaseModel):
    """A step of a project's flow."""

    project_id = IntegerField()
    title = TextField()
    position = IntegerField()
    task_limit = IntegerField(default=0)
    description = TextField(default="")
    hide_in_dashboard = IntegerField(default=0)

    class Meta:
        """Name the table."""

        table_name = "columns"


class Swimlane(BaseModel):
    """A row across all columns of a project; one of them is the default."""

    project_id = IntegerField()
    name = TextField()
    position = IntegerField()
    is_active = IntegerField(default=1)
    is_default = IntegerField(default=0)
    description = TextField(default="")
    task_limit = IntegerField(default=0)

    class Meta:
        """Name the table."""

        table_name = "swimlanes"


class Category(BaseModel):
    """What kind of work a task is; each task has at most one."""

    project_id = IntegerField()
    name = TextField()
    description = TextField(null=True)
    color_id = TextField(null=True)
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "categories"


class Tag(BaseModel):
    """A word on tasks; ``project_id`` 0 is a tag for all projects."""

    project_id = IntegerField(default=0)
    name = TextField()
    color_id = TextField(null=True)
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "tags"


class Task(BaseModel):
    """A task. Its position is the place of (rank, id) among the open tasks of its cell, counted when needed."""

    title = TextField()
    description = TextField(default="")
    date_creation = IntegerField()
    color_id = TextField(default="yellow")
    project_id = IntegerField()
    column_id = IntegerField()
    swimlane_id = IntegerField()
    rank = IntegerField()
    owner_id = IntegerField(default=0)
    is_active = IntegerField(default=1)
    date_completed = IntegerField(null=True)
    score = IntegerField(default=0)
    date_due = IntegerField(default=0)
    category_id = IntegerField(default=0)
    creator_id = IntegerField(default=0)
    date_modification = IntegerField()
    reference = TextField(default="")
    date_started = IntegerField(null=True)
    time_spent = FloatField(default=0)
    time_estimated = FloatField(default=0)
    date_moved = IntegerField()
    recurrence_status = IntegerField(default=0)
    recurrence_trigger = IntegerField(default=0)
    recurrence_factor = IntegerField(default=0)
    recurrence_timeframe = IntegerField(default=0)
    recurrence_basedate = IntegerField(default=0)
    recurrence_parent = IntegerField(null=True)
    recurrence_child = IntegerField(null=True)
    priority = IntegerField(default=0)
    external_provider = TextField(null=True)
    external_uri = TextField(null=True)

    class Meta:
        """Name the table."""

        table_name = "tasks"


class TaskTag(BaseModel):
    """A tag on a task."""

    id: Any = None
    task_id = IntegerField()
    tag_id = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "task_tags"
        primary_key = CompositeKey("task_id", "tag_id")


class Subtask(BaseModel):
    """A step of a task: status 0 Todo, 1 In progress, 2 Done."""

    task_id = IntegerField()
    title = TextField()
    status = IntegerField(default=0)
    time_estimated = FloatField(default=0)
    time_spent = FloatField(default=0)
    user_id = IntegerField(default=0)
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "subtasks"


class Comment(BaseModel):
    """What somebody wrote about a task, in Markdown."""

    task_id = IntegerField()
    user_id = IntegerField(default=0)
    comment = TextField()
    date_creation = IntegerField()
    date_modification = IntegerField()
    reference = TextField(default="")
    visibility = TextField(default="app-user")

    class Meta:
        """Name the table."""

        table_name = "comments"


class Link(BaseModel):
    """A type of internal link, such as "blocks", and its opposite (0: its own)."""

    label = TextField(unique=True)
    opposite_id = IntegerField(default=0)

    class Meta:
        """Name the table."""

        table_name = "links"


class TaskLink(BaseModel):
    """One direction of an internal link between two tasks."""

    link_id = IntegerField()
    task_id = IntegerField()
    opposite_task_id = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "task_links"


class File(BaseModel):
    """A file attached to a task; its bytes are in :class:`FileContent`."""

    task_id = IntegerField()
    name = TextField()
    size = IntegerField()
    is_image = IntegerField(default=0)
    date = IntegerField()
    user_id = IntegerField(default=0)
    etag = TextField(default="")

    class Meta:
        """Name the table."""

        table_name = "files"


class FileContent(BaseModel):
    """The bytes of a file."""

    id: Any = None
    file_id = IntegerField(primary_key=True)
    content = BlobField()

    class Meta:
        """Name the table."""

        table_name = "file_contents"


class IdempotencyKey(BaseModel):
    """The hash of a key under which a request was carried out, and the row that it made."""

    id: Any = None
    key = TextField(primary_key=True)
    row_id = IntegerField()
    date_creation = IntegerField()


class Event(BaseModel):
    """A change that happened: history, change feed and outbox in one. Written by ``events.record`` alone."""

    name = TextField()
    formats = TextField(null=True)
    project_id = IntegerField(null=True)
    task_id = IntegerField(null=True)
    author_id = IntegerField(default=0)
    author = TextField(null=True)
    date_creation = IntegerField()
    facts = TextField()

    class Meta:
        """Name the table."""

        table_name = "events"


class Endpoint(BaseModel):
    """Where events go: a URL, which events it wants, and how it has been answering."""

    name = TextField(unique=True)
    url = TextField()
    format = TextField(default="kanboard-1.0")
    events = TextField(default="*")
    project_id = IntegerField(null=True)
    is_enabled = IntegerField(default=1)
    disabled_reason = TextField(default="")
    is_paused = IntegerField(default=0)
    paused_until = FloatField(default=0)
    failures = IntegerField(default=0)
    failing_since = FloatField(default=0)
    deadline = FloatField(default=10)
    schedule = TextField(default="")
    is_ordered = IntegerField(default=1)
    concurrency = IntegerField(default=4)
    secret = TextField(default="")
    old_secret = TextField(default="")
    old_secret_until = FloatField(default=0)
    ca_file = TextField(default="")
    headers = TextField(default="{}")
    use_proxy = IntegerField(default=0)

    class Meta:
        """Name the table."""

        table_name = "endpoints"


class Delivery(BaseModel):
    """One event on its way to one endpoint, under a stable ``webhook_id``."""

    webhook_id = TextField(unique=True)
    event_id = IntegerField()
    endpoint_id = IntegerField()
    task_id = IntegerField(null=True)
    event_name = TextField()
    state = TextField()
    attempt = IntegerField(default=0)
    date_creation = FloatField()
    scheduled_at = FloatField()
    due_at = FloatField()
    leased_until = FloatField(default=0)
    owner = TextField(default="")
    refusals = IntegerField(default=0)
    finished_at = FloatField(default=0)
    last_status = IntegerField(null=True)
    last_error = TextField(default="")
    last_ms = FloatField(null=True)
    format = TextField(default="")

    class Meta:
        """Name the table."""

        table_name = "deliveries"


class Attempt(BaseModel):
    """One POST of a delivery, and what came back."""

    delivery_id = IntegerField()
    endpoint_id = IntegerField()
    number = IntegerField()
    started_at = FloatField()
    ms = FloatField(null=True)
    status = IntegerField(null=True)
    error = TextField(default="")
    detail = TextField(default="")
    answer_headers = TextField(default="")
    answer = BlobField(default=b"")

    class Meta:
        """Name the table."""

        table_name = "attempts"
