"""The tables of the board: settings, people, projects, and what these consist of."""

from typing import Any

from peewee import SQL, IntegerField, TextField, fn

from kbtui.core.db.models.base import BaseModel, big, integer, owned, text


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
    name = text()
    email = text()
    role = text("app-user")
    is_active = integer(1)
    password = TextField(null=True)
    token = TextField(null=True)

    class Meta:
        """Name the table."""

        table_name = "users"


User.add_index(fn.lower(User.username), unique=True, name="users_username")


class Project(BaseModel):
    """A board. ``is_open`` says who may see it: everybody, or only its members and its owner."""

    name = TextField()
    description = text()
    identifier = text()
    email = TextField(null=True)
    position = IntegerField()
    owner_id = big()
    is_active = integer(1)
    is_public = integer()
    is_private = integer()
    token = text()
    start_date = text()
    end_date = text()
    priority_default = integer()
    priority_start = integer()
    priority_end = integer(3)
    last_modified = big()
    is_open = integer()

    class Meta:
        """Name the table."""

        table_name = "projects"


class ProjectUser(BaseModel):
    """A member of a project."""

    project_id: int
    project = owned(Project, "project_id")
    user_id: int
    user = owned(User, "user_id")
    role = text("project-member")

    class Meta:
        """Name the table; a user is a member once."""

        table_name = "project_users"
        constraints = (SQL("UNIQUE (project_id, user_id)"),)


class Column(BaseModel):
    """A step of a project's flow."""

    project_id: int
    project = owned(Project, "project_id")
    title = TextField()
    position = IntegerField()
    task_limit = integer()
    description = text()
    hide_in_dashboard = integer()

    class Meta:
        """Name the table."""

        table_name = "columns"


Column.add_index(Column.project, Column.position, name="columns_project")


class Swimlane(BaseModel):
    """A row across all columns of a project; one of them is the default."""

    project_id: int
    project = owned(Project, "project_id")
    name = TextField()
    position = IntegerField()
    is_active = integer(1)
    is_default = integer()
    description = text()
    task_limit = integer()

    class Meta:
        """Name the table."""

        table_name = "swimlanes"


Swimlane.add_index(Swimlane.project, Swimlane.position, name="swimlanes_project")
Swimlane.add_index(Swimlane.project, unique=True, where=(Swimlane.is_default == 1), name="swimlanes_default")


class Category(BaseModel):
    """What kind of work a task is; each task has at most one."""

    project_id: int
    project = owned(Project, "project_id")
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

    project_id = big()
    name = TextField()
    color_id = TextField(null=True)
    position = IntegerField()

    class Meta:
        """Name the table."""

        table_name = "tags"


Tag.add_index(Tag.project_id, fn.lower(Tag.name), unique=True, name="tags_name")
