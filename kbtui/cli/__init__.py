"""The command line: ``kbtui`` and all its commands. What a command needs is imported when it runs."""

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from kbtui import config
from kbtui.cli.commands import build_parser
from kbtui.cli.output import (
    INTERRUPTED,
    WRONG_USAGE,
    Answer,
    let_streams_print_anything,
    print_json,
    print_note,
    print_text,
)
from kbtui.cli.parser import Perform, UsageError
from kbtui.errors import KbtuiError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0, 1 with one line on stderr, or 2 for wrong usage."""
    let_streams_print_anything()
    try:
        status = _run(argv)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        status = 0
    except OSError as error:
        _discard_output()
        print_note(f"kbtui: The answer cannot be written: {error.strerror or error}.")
        status = 1
    return status


def _run(argv: Sequence[str] | None) -> int:
    try:
        arguments = build_parser().parse_args(argv)
    except SystemExit as left:  # argparse has printed help, the version, or what was wrong
        return int(left.code or 0)
    try:
        return _perform(arguments, config.load(arguments.config, database=arguments.database))
    except UsageError as error:
        arguments.parser.print_usage(sys.stderr)
        print_note(f"{arguments.parser.prog}: error: {error}")
        return WRONG_USAGE
    except KbtuiError as error:
        return _fail(str(error), as_json=arguments.json)


def _perform(arguments: Namespace, settings: config.Settings) -> int:
    perform: Perform = arguments.perform
    if arguments.opens_board:
        from kbtui.cli.runner import run_on_board  # only now is there a need for the database

        return _finish(run_on_board(perform, arguments, settings), as_json=arguments.json)
    return _finish(perform(arguments, settings), as_json=arguments.json)


def _finish(answer: Answer, *, as_json: bool) -> int:
    """Print what is left to print of an answer, and return the exit status."""
    if as_json and answer.document is not None:
        print_json(answer.document)
    elif not as_json:
        print_text(answer.text)
    if answer.failure:
        print_note(f"kbtui: {answer.failure}")
        return 1
    return answer.status


def _fail(sentence: str, *, as_json: bool) -> int:
    if as_json:
        print_json({"error": sentence})
    print_note(f"kbtui: {sentence}")
    return 1


def _discard_output() -> None:
    """Send what is still to be flushed nowhere, so that the interpreter does not fail over it on its way out."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
