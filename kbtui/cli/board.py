"""``kbtui project``, ``column``, ``swimlane``, ``category``, ``tag`` and ``user``: what gives a board its shape."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kbtui.cli.board_arguments import LABELS, PLURALS
from kbtui.cli.choices import choose_project, find_user_id
from kbtui.cli.output import Answer, table
from kbtui.cli.parser import UsageError
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.db.lookup import read_number
from kbtui.core.projects import categories, columns, projects, swimlanes, tags, users
from kbtui.errors import NotFoundError

EVERY_PROJECT = "all"
"""What is written for the tags that all projects share."""

SECRETS = frozenset({"password", "token"})
"""Fields of a row that are never printed."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What the commands do with one kind of row; ``project_id`` is 0 where rows belong to none.

    ``fields`` are the options that are passed on as they are, ``heads`` the fields that the list shows.
    """

    rows: Callable[[int, bool], list[Any]]
    get: Callable[[int], Any]
    find: Callable[[int, str], Any]
    add: Callable[..., int]
    update: Callable[..., bool]
    remove: Callable[[int], None]
    move: Callable[[int, int], bool] | None
    fields: tuple[str, ...]
    heads: tuple[str, ...]


NOUNS = {
    "project": Noun(
        rows=lambda _, with_inactive: projects.list_projects(with_inactive=with_inactive),
        get=projects.get_project,
        find=lambda _, ref: projects.find_project(ref),
        add=lambda _, name, **fields: projects.create_project(name, **fields),
        update=projects.update_project,
        remove=projects.remove_project,
        move=projects.move_project,
        fields=("description", "identifier", "is_active"),
        heads=("id", "name", "identifier", "is_active", "description"),
    ),
    "column": Noun(
        rows=lambda project_id, _: columns.list_columns(project_id),
        get=columns.get_column,
        find=columns.find_column,
        add=columns.add_column,
        update=columns.update_column,
        remove=columns.remove_column,
        move=columns.move_column,
        fields=("description", "task_limit"),
        heads=("id", "position", "title", "task_limit", "description"),
    ),
    "swimlane": Noun(
        rows=lambda project_id, with_inactive: swimlanes.list_swimlanes(project_id, with_inactive=with_inactive),
        get=swimlanes.get_swimlane,
        find=swimlanes.find_swimlane,
        add=swimlanes.add_swimlane,
        update=swimlanes.update_swimlane,
        remove=swimlanes.remove_swimlane,
        move=swimlanes.move_swimlane,
        fields=("description", "task_limit", "is_active"),
        heads=("id", "position", "name", "task_limit", "is_active", "description"),
    ),
    "category": Noun(
        rows=lambda project_id, _: categories.list_categories(project_id),
        get=categories.get_category,
        find=categories.find_category,
        add=categories.add_category,
        update=categories.update_category,
        remove=categories.remove_category,
        move=categories.move_category,
        fields=("description", "color_id"),
        heads=("id", "position", "name", "color_id", "description"),
    ),
    "tag": Noun(
        rows=lambda project_id, _: tags.list_tags(project_id),
        get=tags.get_tag,
        find=tags.find_tag,
        add=tags.add_tag,
        update=tags.update_tag,
        remove=tags.remove_tag,
        move=tags.move_tag,
        fields=("color_id",),
        heads=("id", "position", "name", "color_id"),
    ),
    "user": Noun(
        rows=lambda _, with_inactive: users.list_users(with_inactive=with_inactive),
        get=users.get_user,
        find=lambda _, ref: users.find_user(ref),
        add=lambda _, username, **fields: users.add_user(username, **fields),
        update=users.update_user,
        remove=users.remove_user,
        move=None,
        fields=("name", "email", "role", "is_active"),
        heads=("id", "username", "name", "role", "is_active", "email"),
    ),
}


def list_rows(arguments: Namespace, settings: Settings) -> Answer:
    """List projects, or the columns, swimlanes, categories or tags of one, or users."""
    noun = NOUNS[arguments.noun]
    rows = noun.rows(_project_id(arguments), getattr(arguments, "all", False))
    heads = [head.removesuffix("_id").replace("is_", "").replace("_", " ").upper() for head in noun.heads]
    cells = [[_cell(head, getattr(row, head)) for head in noun.heads] for row in rows]
    text = table(heads, cells) if rows else f"There are no {PLURALS[arguments.noun]}."
    return Answer(text, [_document(row) for row in rows])


def add_row(arguments: Namespace, settings: Settings) -> Answer:
    """Add a row, and say under which number."""
    noun = NOUNS[arguments.noun]
    row_id = noun.add(_project_id(arguments), arguments.label, **_given(arguments, noun))
    row = noun.get(row_id)
    return Answer(f"Added {_named(arguments.noun, row)}.", _document(row), changed=True)


def edit_row(arguments: Namespace, settings: Settings) -> Answer:
    """Change a row, and where it stands."""
    noun = NOUNS[arguments.noun]
    fields = _given(arguments, noun)
    position = getattr(arguments, "position", None)
    if arguments.label is not None:
        fields[LABELS.get(arguments.noun, "name")] = arguments.label
    if not fields and position is None:
        raise UsageError("nothing to change was given")
    with transaction():
        row = _find(arguments)
        changed = noun.update(row.id, **fields)
        if position is not None and noun.move is not None:
            changed = noun.move(row.id, position) or changed
    row = noun.get(row.id)
    what = _named(arguments.noun, row)
    text = f"Changed {what}." if changed else f"Nothing differs: {what} stays as it is."
    return Answer(text, {**_document(row), "changed": changed}, changed=True)


def remove_row(arguments: Namespace, settings: Settings) -> Answer:
    """Remove a row."""
    noun = NOUNS[arguments.noun]
    with transaction():
        row = _find(arguments)
        noun.remove(row.id)
    return Answer(f"Removed {_named(arguments.noun, row)}.", {**_document(row), "removed": True}, changed=True)


def _project_id(arguments: Namespace) -> int:
    if not hasattr(arguments, "project"):
        return 0
    if arguments.noun == "tag" and (arguments.project or "").strip().lower() == EVERY_PROJECT:
        return tags.EVERY_PROJECT
    return int(choose_project(arguments.project).id)


def _given(arguments: Namespace, noun: Noun) -> dict[str, Any]:
    """Return the fields that were given as options."""
    given = {name: getattr(arguments, name, None) for name in noun.fields}
    if getattr(arguments, "owner", None) is not None:
        given["owner_id"] = find_user_id(arguments.owner)
    return {name: value for name, value in given.items() if value is not None}


def _find(arguments: Namespace) -> Any:
    """Return the row that is meant. A number is enough to name one of any project."""
    noun = NOUNS[arguments.noun]
    number = read_number(arguments.ref)
    if getattr(arguments, "project", None) is None and number is not None:
        try:
            return noun.get(number)
        except NotFoundError:
            pass  # it may still be a name
    return noun.find(_project_id(arguments), arguments.ref)


def _document(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.__data__.items() if name not in SECRETS}


def _named(noun: str, row: Any) -> str:
    return f'{noun} #{row.id} "{getattr(row, LABELS.get(noun, "name"))}"'


def _cell(head: str, value: object) -> object:
    if head == "is_active":
        return "yes" if value else "no"
    if head == "task_limit":
        return value or ""
    return "" if value is None else value
