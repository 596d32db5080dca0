"""``kbtui user``: list, add, edit and remove users; who may call the API, and what they may do."""

import getpass
import sys
from argparse import Namespace

from kbtui.cli.choices import choose_project
from kbtui.cli.output import Answer
from kbtui.cli.parser import Command, CommandParser
from kbtui.cli.rows import Noun, commands_for
from kbtui.config import Settings
from kbtui.core.db.models import User
from kbtui.core.projects import credentials, members, users
from kbtui.errors import InvalidError, KbtuiError

NO_ROLE = "none"
"""What is written for the role of somebody who is no member."""


def add_arguments(parser: CommandParser) -> None:
    """Add the seven commands of ``kbtui user``."""
    parser.set_defaults(edits_users=True)
    set_help = "set a user's password for the API, typed or read from stdin"
    make_help = "make a user's personal token for the API, and show it once"
    parser.add_commands(
        (
            *commands_for(USER),
            Command("password", set_help, _add_removal, set_password),
            Command("token", make_help, _add_removal, make_token),
            Command("role", "set what a user may do", _add_role, set_role),
        )
    )


def _add_fields(parser: CommandParser) -> None:
    parser.add_argument("--name", metavar="NAME", help="what the screen shows")
    parser.add_argument("--email", metavar="ADDRESS")
    parser.add_argument("--role", metavar="ROLE", help="app-admin, app-manager or app-user")


def _add_removal(parser: CommandParser) -> None:
    parser.add_argument("--remove", action="store_true", help="take it away instead")
    _add_user(parser)


def _add_role(parser: CommandParser) -> None:
    _add_user(parser)
    parser.add_argument(
        "role",
        metavar="ROLE",
        help="app-admin, app-manager or app-user; in a project project-manager, project-member, project-viewer or none",
    )
    parser.add_argument("--project", metavar="P", help="number or name: the role in that project")


def _add_user(parser: CommandParser) -> None:
    parser.add_argument("ref", metavar="USER", help="number or username")


USER = Noun(
    name="user",
    plural="users",
    rows=lambda _, with_inactive: users.list_users(with_inactive=with_inactive),
    get=users.get_user,
    find=lambda _, ref: users.find_user(ref),
    add=lambda _, username, **fields: users.add_user(username, **fields),
    update=users.update_user,
    remove=users.remove_user,
    move=None,
    fields=("name", "email", "role", "is_active"),
    heads=("id", "username", "name", "role", "is_active", "email"),
    add_fields=_add_fields,
    label="username",
    in_project=False,
    can_be_hidden=True,
)


def set_password(arguments: Namespace, settings: Settings) -> Answer:
    """Set a user's password, or take it away."""
    user = users.find_user(arguments.ref)
    if arguments.remove:
        credentials.set_password(user.id, None)
        return Answer(f"{_named(user)} has no password any more.", _document(user))
    credentials.set_password(user.id, _read_password())
    return Answer(f"{_named(user)} has a new password.", _document(user))


def make_token(arguments: Namespace, settings: Settings) -> Answer:
    """Make a user's personal token and show it, or take it away."""
    user = users.find_user(arguments.ref)
    if arguments.remove:
        removed = credentials.remove_personal_token(user.id)
        text = f"{_named(user)} has no token any more." if removed else f"{_named(user)} had no token."
        return Answer(text, _document(user))
    token = credentials.make_personal_token(user.id)
    return Answer(token, {**_document(user), "token": token})


def set_role(arguments: Namespace, settings: Settings) -> Answer:
    """Set a user's role in the application, or in one project."""
    user = users.find_user(arguments.ref)
    if arguments.project is None:
        users.update_user(user.id, role=arguments.role)
        return Answer(f"{_named(user)} is {arguments.role} now.", {**_document(user), "role": arguments.role})
    project = choose_project(arguments.project)
    member_ids = {user_id for user_id, _, _ in members.list_members(project.id)}
    if arguments.role == NO_ROLE:
        members.remove_member(project.id, user.id)
    elif user.id in member_ids:
        members.set_member_role(project.id, user.id, arguments.role)
    else:
        members.add_member(project.id, user.id, arguments.role)
    document = {**_document(user), "project_id": project.id, "role": members.project_role(project.id, user.id)}
    return Answer(f'{_named(user)} is {arguments.role} in "{project.name}" now.', document)


def _read_password() -> str:
    """Return what a person types twice unseen, or the first line of standard input."""
    if sys.stdin is None:
        raise KbtuiError("There is no standard input to read the password from.")
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    try:
        password = getpass.getpass("Password: ")
        again = getpass.getpass("The same again: ")
    except EOFError as error:
        raise InvalidError("No password was typed; nothing was changed.") from error
    if password != again:
        raise InvalidError("The two passwords differ; nothing was changed.")
    return password


def _document(user: User) -> dict[str, object]:
    return {"id": user.id, "username": user.username}


def _named(user: User) -> str:
    return f'The user "{user.username}"'
