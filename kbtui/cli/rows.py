"""What the commands for projects, columns, swimlanes, categories, tags and users have in common."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kbtui.cli.argument_types import number, yes_or_no
from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer, table
from kbtui.cli.parser import Command, CommandParser, UsageError
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.db.lookup import read_number
from kbtui.errors import NotFoundError

SECRETS = frozenset({"password", "token"})
"""Fields of a row that are never printed."""


@dataclass(frozen=True, slots=True)
class Noun:
    """What the commands do with one kind of row; ``project_id`` is 0 where rows belong to none.

    ``label`` is what its name is called, ``unused`` tells which rows can be removed. ``fields`` are the options that
    are passed on as they are, ``heads`` the fields that the list shows, ``add_fields`` adds the options that ``add``
    and ``edit`` share; an empty value takes away what was there.
    """

    name: str
    plural: str
    rows: Callable[[int, bool], list[Any]]
    get: Callable[[int], Any]
    find: Callable[[int, str], Any]
    add: Callable[..., int]
    update: Callable[..., bool]
    remove: Callable[[int], None]
    move: Callable[[int, int], bool] | None
    fields: tuple[str, ...]
    heads: tuple[str, ...]
    add_fields: Callable[[CommandParser], None]
    label: str = "name"
    unused: str = "that holds no tasks"
    in_project: bool = True
    can_be_hidden: bool = False
    read_project: Callable[[str | None], int] = lambda ref: int(choose_project(ref).id)
    project_help: str = "number or name; the first project if not given"
    read_fields: Callable[[Namespace], dict[str, Any]] = lambda arguments: {}


def commands_for(noun: Noun) -> tuple[Command, ...]:
    """Return the commands that list, add, edit and remove rows of a kind."""

    def add_list(parser: CommandParser) -> None:
        parser.set_defaults(noun=noun)
        if noun.can_be_hidden:
            parser.add_argument("--all", action="store_true", help="also those that are not active")
        _add_project(parser, noun)

    def add_new(parser: CommandParser) -> None:
        parser.set_defaults(noun=noun)
        parser.add_argument("label", metavar=noun.label.upper(), help=f"the {noun.label} of the {noun.name}")
        _add_project(parser, noun)
        noun.add_fields(parser)

    def add_changes(parser: CommandParser) -> None:
        parser.set_defaults(noun=noun)
        _add_ref(parser, noun)
        aliases = ["--name"] if noun.label == "title" else []
        parser.add_argument(
            f"--{noun.label}", *aliases, dest="label", metavar=noun.label.upper(), help=f"new {noun.label}"
        )
        if noun.can_be_hidden:
            parser.add_argument(
                "--active", dest="is_active", type=yes_or_no, metavar="yes|no", help="use it or hide it"
            )
        if noun.move is not None:
            parser.add_argument("--position", type=number, metavar="N", help="place in the list, from 1")
        _add_project(parser, noun)
        noun.add_fields(parser)

    def add_removal(parser: CommandParser) -> None:
        parser.set_defaults(noun=noun)
        _add_ref(parser, noun)
        _add_project(parser, noun)

    return (
        Command("list", f"list {noun.plural}", add_list, list_rows),
        Command("add", f"add a {noun.name}", add_new, add_row),
        Command("edit", f"change a {noun.name}", add_changes, edit_row),
        Command("remove", f"remove a {noun.name} {noun.unused}", add_removal, remove_row),
    )


def _add_ref(parser: CommandParser, noun: Noun) -> None:
    parser.add_argument("ref", metavar=noun.name.upper(), help=f"number or {noun.label}")


def _add_project(parser: CommandParser, noun: Noun) -> None:
    if noun.in_project:
        parser.add_argument("--project", metavar="P", help=noun.project_help)


def list_rows(arguments: Namespace, settings: Settings) -> Answer:
    """List projects, or the columns, swimlanes, categories or tags of one, or users."""
    noun: Noun = arguments.noun
    rows = noun.rows(_project_id(arguments), getattr(arguments, "all", False))
    heads = [head.removesuffix("_id").replace("is_", "").replace("_", " ").upper() for head in noun.heads]
    cells = [[_cell(head, getattr(row, head)) for head in noun.heads] for row in rows]
    text = table(heads, cells) if rows else f"There are no {noun.plural}."
    return Answer(text, [_document(row) for row in rows])


def add_row(arguments: Namespace, settings: Settings) -> Answer:
    """Add a row, and say under which number."""
    noun: Noun = arguments.noun
    row_id = noun.add(_project_id(arguments), arguments.label, **_read_fields(arguments, noun))
    row = noun.get(row_id)
    return Answer(f"Added {_named(noun, row)}.", _document(row), changed=True)


def edit_row(arguments: Namespace, settings: Settings) -> Answer:
    """Change a row, and where it stands."""
    noun: Noun = arguments.noun
    fields = _read_fields(arguments, noun)
    position = getattr(arguments, "position", None)
    if arguments.label is not None:
        fields[noun.label] = arguments.label
    if not fields and position is None:
        raise UsageError("nothing to change was given")
    with transaction():
        row = _find(arguments)
        changed = noun.update(row.id, **fields)
        if position is not None and noun.move is not None:
            changed = noun.move(row.id, position) or changed
    row = noun.get(row.id)
    what = _named(noun, row)
    text = f"Changed {what}." if changed else f"Nothing differs: {what} stays as it is."
    return Answer(text, {**_document(row), "changed": changed}, changed=True)


def remove_row(arguments: Namespace, settings: Settings) -> Answer:
    """Remove a row."""
    noun: Noun = arguments.noun
    with transaction():
        row = _find(arguments)
        noun.remove(row.id)
    return Answer(f"Removed {_named(noun, row)}.", {**_document(row), "removed": True}, changed=True)


def _project_id(arguments: Namespace) -> int:
    noun: Noun = arguments.noun
    return noun.read_project(arguments.project) if noun.in_project else 0


def _read_fields(arguments: Namespace, noun: Noun) -> dict[str, Any]:
    """Return the fields that the options give."""
    options = {name: getattr(arguments, name, None) for name in noun.fields}
    return {name: value for name, value in options.items() if value is not None} | noun.read_fields(arguments)


def _find(arguments: Namespace) -> Any:
    """Return the row that is meant. A number is enough to name one of any project."""
    noun: Noun = arguments.noun
    number = read_number(arguments.ref)
    if getattr(arguments, "project", None) is None and number is not None:
        try:
            return noun.get(number)
        except NotFoundError:
            pass  # it may still be a name
    return noun.find(_project_id(arguments), arguments.ref)


def _document(row: Any) -> dict[str, Any]:
    """Return a row as JSON: its columns, by the names they have in the database."""
    columns = {getattr(type(row), name).column_name: value for name, value in row.__data__.items()}
    return {name: value for name, value in columns.items() if name not in SECRETS}


def _named(noun: Noun, row: Any) -> str:
    return f'{noun.name} #{row.id} "{getattr(row, noun.label)}"'


def _cell(head: str, value: object) -> object:
    if head == "is_active":
        return "yes" if value else "no"
    if head == "task_limit":
        return value or ""
    return "" if value is None else value
