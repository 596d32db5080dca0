"""Odd words for what is on a task: one line of refusal, or kept as text; never a traceback, never obeyed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_main import ODD


@pytest.fixture(autouse=True)
def task(ok: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ok("task", "add", "One")
    ok("task", "add", "Two")


@pytest.mark.parametrize(
    "command",
    [
        *("comment list", "comment add --json", "comment edit", "comment remove"),
        *(
            "subtask list",
            "subtask toggle",
            "subtask remove",
            "subtask edit --title New",
            "subtask add 1 x --assignee #",
        ),
        *("link list", "link remove", "link edit --type 1", "link add 1 blocks"),
        *("file list", "file add 1", "file save", "file remove"),
        *("tag remove", "tag edit --name New", "tag add x --project"),
        *("activity --project", "activity --task", "activity --user", "export", "import"),
        *("task duplicate 1 --project", "task add x --repeat"),
    ],
)
def test_odd_words_for_what_is_not_there_are_one_line_of_refusal(run: Run, command: str) -> None:
    dashes = [] if command.split()[-1].startswith("--") and command.split()[-1] != "--json" else ["--"]
    trailing = ["text"] if command in ("comment add --json", "comment edit") else []

    for odd in ODD:
        ran = run(*command.split(), *dashes, odd, *trailing)
        assert ran.status in (1, 2), odd
        assert ran.status == 2 or (ran.err.startswith("kbtui: ") and ran.err.count("\n") == 1)
        assert "\x1b" not in ran.err


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\udcff", "\u202eabc", "a\x00b", "👩‍👩‍👧 e\u0301", "%s", "' OR 1 --", "<b>", "[b]"]
)
def test_any_text_is_kept_as_text_and_never_obeyed(
    ok: Callable[..., str], answer: Callable[..., Any], run: Run, text: str
) -> None:
    ok("comment", "add", "1", text)
    ok("subtask", "add", "1", "--", text)
    ok("tag", "add", "--", text)
    Path("x").write_text("x")
    ok("file", "add", "1", "x", "--name", f"{text}.txt")
    ok("link", "add", "1", "blocks", "2")

    for printed in (
        *(ok(noun, "list", "1") for noun in ("comment", "subtask", "file", "link")),
        *(ok("tag", "list"), ok("activity"), ok("export", "1"), run("export", "1", "--json").out),
    ):
        assert not set("\x1b\x00\u202e\udcff") & set(printed)
    kept = text.replace("\x1b", "\ufffd").replace("\x00", "\ufffd").replace("\udcff", "\ufffd")
    assert answer("comment", "list", "1")[0]["comment"] == kept
    assert answer("subtask", "list", "1")[0]["title"] == kept


@pytest.mark.parametrize("limit", ["0", "-5", str(2**53), "9" * 30])
def test_any_limit_is_a_limit_or_wrong_usage(run: Run, limit: str) -> None:
    assert run("activity", f"--limit={limit}").status in (0, 2)
