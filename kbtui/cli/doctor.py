"""``kbtui doctor``: is all well, and if not, what is to be done?"""

import platform
import sqlite3
from argparse import Namespace
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from kbtui import __version__
from kbtui.cli.output import Answer, counted, pairs
from kbtui.cli.parser import CommandParser
from kbtui.cli.progress import print_notice
from kbtui.cli.runner import BUSY_SECONDS
from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.errors import DatabaseError
from kbtui.webhooks import diagnosis
from kbtui.webhooks.diagnosis import Finding
from kbtui.webhooks.retention import Retention, read_retention

PACKAGES = {"Textual": "textual", "peewee": "peewee", "httpx": "httpx"}
"""What kbtui is built on: its name → the name of its package."""

MARKS = {"good": "ok  ", "warning": "WARN", "bad": "BAD "}


def add_arguments(parser: CommandParser) -> None:
    """Let the command examine the board, which it opens itself; it takes no arguments."""
    parser.set_defaults(perform=examine, opens_board=False)


def examine(arguments: Namespace, settings: Settings) -> Answer:
    """Look at everything; the exit status is 1 when something needs attention."""
    versions = _versions()
    files = _files(settings)
    findings, retention = _look(settings)
    wrong = [finding for finding in findings if finding.level != "good"]
    document = {
        "healthy": not wrong,
        "versions": versions,
        "files": files,
        "retention": None if retention is None else asdict(retention),
        "findings": [asdict(finding) for finding in findings],
    }
    heads = [pairs(versions.items()), pairs([*files.items(), ("Kept", _retention_words(retention))])]
    lines = [_lines(finding) for finding in findings]
    if not wrong:
        lines.append("All is well.")
    verb = "needs" if len(wrong) == 1 else "need"
    failure = f"{counted(len(wrong), 'thing')} {verb} attention." if wrong else ""
    return Answer("\n\n".join([*heads, "\n".join(lines)]), document, failure=failure)


def _versions() -> dict[str, str]:
    versions = {"kbtui": __version__, "Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    for name, package in PACKAGES.items():
        try:
            versions[name] = version(package)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions


def _files(settings: Settings) -> dict[str, str]:
    state = "" if settings.file.exists() else " (not there; all is as by default)"
    return {"Database": str(settings.database), "Settings": f"{settings.file}{state}"}


def _look(settings: Settings) -> tuple[list[Finding], Retention | None]:
    """Open the board, if there is one, and return what was found, and how long finished deliveries are kept."""
    if not settings.database.exists():
        no_board = Finding("file", "good", "There is no board yet; kbtui, or any command that needs it, makes one.")
        return diagnosis.examine_missing(settings.database) or [no_board], None
    try:
        database.connect(settings.database, busy_timeout=BUSY_SECONDS, tell=print_notice)
        try:
            return diagnosis.examine(), read_retention()
        finally:
            database.close()
    except DatabaseError as error:
        sentence, _, advice = str(error).partition("; " if "; check" in str(error) else ". ")
        advice = advice or "Choose another file with --database, or restore a copy."
        return [Finding("file", "bad", sentence.rstrip(".") + ".", advice[0].upper() + advice[1:])], None


def _retention_words(retention: Retention | None) -> str:
    if retention is None:
        return ""
    return (
        f"deliveries for {retention.days:g} days, at most {retention.rows:,};"
        f" failed ones for {retention.failed_days:g} days; events for {retention.event_days:g} days"
    )


def _lines(finding: Finding) -> str:
    head = f"{MARKS[finding.level]}  {finding.what}: {finding.says}"
    return f"{head}\n      → {finding.advice}" if finding.advice else head
