"""A command line with a board of its own, for the tests of the commands."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kbtui.cli import main


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return the one JSON document on stdout; fail if there is anything else."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    """Return where the board is going to be."""
    return tmp_path / "kbtui.db"


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, database_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the person's own files out of the tests, and name the board."""
    for variable in list(os.environ):
        if variable.startswith("KBTUI_"):
            monkeypatch.delenv(variable)
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setenv("KBTUI_DATABASE", str(database_file))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process and return its status and what it printed."""

    def run(*argv: str) -> Ran:
        capsys.readouterr()
        status = main(list(argv))
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def ok(run: Run) -> Callable[..., str]:
    """Run a command that must succeed and return what it printed."""

    def ok(*argv: str) -> str:
        ran = run(*argv)
        assert (ran.status, ran.err) == (0, "")
        return ran.out

    return ok


@pytest.fixture
def answer(run: Run) -> Callable[..., Any]:
    """Run a command with ``--json`` that must succeed and return its document."""

    def answer(*argv: str) -> Any:
        ran = run(*argv, "--json")
        assert (ran.status, ran.err) == (0, "")
        return ran.document

    return answer


@pytest.fixture
def refusal(run: Run) -> Callable[..., str]:
    """Run a command that must fail with one line on stderr and nothing on stdout, and return that line."""

    def refusal(*argv: str) -> str:
        ran = run(*argv)
        assert (ran.status, ran.out) == (1, "")
        assert ran.err.startswith("kbtui: ")
        assert ran.err.count("\n") == 1
        assert ran.err.endswith("\n")
        return ran.err.strip()

    return refusal
