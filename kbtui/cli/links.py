"""``kbtui link``: internal links between tasks."""

from argparse import Namespace

from kbtui.cli.output import Answer, table
from kbtui.cli.parser import Command, CommandParser, UsageError, no_arguments
from kbtui.config import Settings
from kbtui.core.db.database import transaction
from kbtui.core.tasks import link_types, links
from kbtui.core.views.search import find_task, find_task_link


def add_arguments(parser: CommandParser) -> None:
    """Add the five commands of ``kbtui link``."""
    parser.add_commands(
        (
            Command("list", "list the internal links of a task", _add_task, list_links),
            Command("add", "link two tasks; the other one shows the opposite", _add_new, add_link),
            Command("edit", "give a link another type or another task", _add_changes, edit_link),
            Command("remove", "remove links, on both tasks", _add_links, remove_links),
            Command("types", "list the types of internal links", no_arguments, list_types),
        )
    )


def _add_task(parser: CommandParser) -> None:
    parser.add_argument("task", metavar="TASK", help="number or title of the task")


def _add_new(parser: CommandParser) -> None:
    _add_task(parser)
    parser.add_argument("type", metavar="TYPE", help='number or label of a type, such as blocks or "is blocked by"')
    parser.add_argument("other", metavar="OTHER", help="number or title of the other task")


def _add_changes(parser: CommandParser) -> None:
    parser.add_argument("--type", metavar="TYPE", help="number or label of a type")
    parser.add_argument("--task", dest="other", metavar="OTHER", help="number or title of another task to link to")
    parser.add_argument("ref", metavar="ID", help="number of the link")


def _add_links(parser: CommandParser) -> None:
    parser.add_argument("refs", metavar="ID", nargs="+", help="number of a link")


def list_links(arguments: Namespace, settings: Settings) -> Answer:
    """List the internal links of a task."""
    task_id = find_task(arguments.task)
    listed = links.list_task_links(task_id)
    if not listed:
        return Answer(f"There are no internal links of task #{task_id}.", [])
    heads = ("ID", "TYPE", "TASK", "PROJECT", "COLUMN", "ASSIGNEE", "TITLE")
    rows = [
        (
            f"#{each.id}",
            each.label,
            f"#{each.opposite_task_id}",
            each.project_name,
            each.column_title if each.is_active else "closed",
            each.assignee or "",
            each.title,
        )
        for each in listed
    ]
    return Answer(table(heads, rows), [each._asdict() for each in listed])


def add_link(arguments: Namespace, settings: Settings) -> Answer:
    """Link two tasks, in both directions."""
    with transaction():
        link_id = int(link_types.find_link_type(arguments.type).id)
        task_link_id = links.add_task_link(find_task(arguments.task), find_task(arguments.other), link_id)
    link = links.get_task_link(task_link_id)
    return Answer(f"Added {_named(link)}.", link._asdict(), changed=True)


def edit_link(arguments: Namespace, settings: Settings) -> Answer:
    """Give a link another type or another task."""
    if arguments.type is None and arguments.other is None:
        raise UsageError("nothing to change was given")
    with transaction():
        task_link_id = find_task_link(arguments.ref)
        changed = links.update_task_link(
            task_link_id,
            opposite_task_id=None if arguments.other is None else find_task(arguments.other),
            link_id=None if arguments.type is None else int(link_types.find_link_type(arguments.type).id),
        )
    link = links.get_task_link(task_link_id)
    text = f"Changed {_named(link)}." if changed else f"Nothing differs: {_named(link)} stays as it is."
    return Answer(text, {**link._asdict(), "changed": changed is not None}, changed=True)


def remove_links(arguments: Namespace, settings: Settings) -> Answer:
    """Remove links, on both tasks: all that are named, or none."""
    with transaction():
        removed: list[links.TaskLink] = []
        gone: set[int] = set()
        for task_link_id in [find_task_link(ref) for ref in arguments.refs]:
            if task_link_id not in gone:  # it may have been named by both directions
                directions = links.remove_task_link(task_link_id).directions
                gone |= {direction.id for direction in directions}
                removed.append(directions[0])
    text = "\n".join(f"Removed {_named(link)}." for link in removed)
    return Answer(text, {"links": [each._asdict() for each in removed]}, changed=True)


def list_types(arguments: Namespace, settings: Settings) -> Answer:
    """List the types of internal links, each with what the other task shows."""
    types: dict[int, str] = {link_type.id: link_type.label for link_type in link_types.list_link_types()}
    opposites = {link_id: link_types.opposite_of(link_id) for link_id in types}
    rows = [(link_id, label, types[opposites[link_id]]) for link_id, label in types.items()]
    listed = [{"id": link_id, "label": label, "opposite_id": opposites[link_id]} for link_id, label in types.items()]
    return Answer(table(("ID", "TYPE", "THE OTHER TASK SHOWS"), rows), listed)


def _named(link: links.TaskLink) -> str:
    return f"link #{link.id}: task #{link.task_id} {link.label} #{link.opposite_task_id}"
