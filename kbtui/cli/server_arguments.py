"""The grammar of ``kbtui serve`` and ``token``, and of ``user password``, ``token`` and ``role``."""

from pathlib import Path

from kbtui.cli.parser import Actions, CommandParser, add_command
from kbtui.cli.webhook_arguments import read_host, read_port


def add_commands(commands: "Actions[CommandParser]") -> None:
    """Add the command that serves, and the one for the application's token."""
    serving = add_command(
        commands, "serve", "serve:serve", "answer Kanboard's task URL and JSON-RPC API, and deliver, until Ctrl+C"
    )
    serving.add_argument(
        "--host", type=read_host, metavar="ADDRESS", default="127.0.0.1", help="127.0.0.1 if not given"
    )
    serving.add_argument(
        "--port", type=read_port, metavar="N", default=8080, help="8080 if not given; 0: any that is free"
    )
    serving.add_argument("--tls-cert", type=Path, metavar="FILE", help="a certificate (PEM), to serve https")
    serving.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, if that is in another file")
    serving.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which it is called; can be repeated",
    )
    serving.add_argument(
        "--auth-header", default="X-API-Auth", metavar="NAME", help="a header that can stand in for Authorization"
    )
    token = add_command(commands, "token", "credentials:show_token", "show the token with which programs call the API")
    token.add_argument("--reset", action="store_true", help="replace it by a new one")


def add_user_commands(group: "Actions[CommandParser]") -> None:
    """Add what only users have to their group."""
    password = add_command(
        group,
        "password",
        "credentials:set_password",
        "set a user's password for the API, typed or read from stdin",
        noun="user",
    )
    password.add_argument("--remove", action="store_true", help="take it away instead")
    token = add_command(
        group,
        "token",
        "credentials:make_token",
        "make a user's personal token for the API, and show it once",
        noun="user",
    )
    token.add_argument("--remove", action="store_true", help="take it away instead")
    role = add_command(group, "role", "credentials:set_role", "set what a user may do", noun="user")
    for parser in (password, token, role):
        parser.add_argument("ref", metavar="USER", help="number or username")
    role.add_argument(
        "role",
        metavar="ROLE",
        help="app-admin, app-manager or app-user; in a project project-manager, project-member, project-viewer or none",
    )
    role.add_argument("--project", metavar="P", help="number or name: the role in that project")
