"""``kbtui export`` and ``kbtui import``, as JSON and as CSV, by files and by pipes."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kbtui.cli.progress import Progress
from kbtui.core.db import database
from tests import sql
from tests.cli.conftest import Receiver, Run


@pytest.fixture(autouse=True)
def project(ok: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a project with two tasks."""
    ok("project", "add", "Website")
    ok("task", "add", "Fix the “login”", "--tag", "backend", "--description", "One\nTwo \u202e")
    ok("task", "add", "Second", "--column", "Done", "--score", "3")
    ok("task", "close", "2")
    ok("comment", "add", "1", "Look")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def feed(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_an_exported_project_comes_in_again_as_it_was(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("export", "website", "a.json").startswith('Exported project #1 "Website" with 2 tasks to a.json (')
    assert ok("import", "a.json") == 'Imported project #2 "Website" with 2 tasks.\n'
    ok("export", "2", "b.json")

    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
    listed = answer("task", "list", "--project", "2", "--status", "all")
    assert [(task["title"], task["is_active"]) for task in listed] == [("Fix the “login”", 1), ("Second", 0)]


def test_a_project_goes_through_a_pipe_also_into_another_board(tmp_path: Path) -> None:
    other = str(tmp_path / "other.db")
    shell = f"{sys.executable} -m kbtui export 1 | {sys.executable} -m kbtui import - --name Copy --database {other}"

    ran = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, timeout=60, check=True)

    assert (ran.stdout, ran.stderr) == ('Imported project #1 "Copy" with 2 tasks.\n', "")


def test_on_standard_output_json_is_one_document_with_or_without_the_option(run: Run, ok: Callable[..., str]) -> None:
    plain = run("export", "1")

    assert plain.document == run("export", "1", "--json").document == run("export", "1", "-").document
    assert "\u202e" not in plain.out
    assert plain.document["tasks"][0]["description"] == "One\nTwo \u202e"
    assert [task["title"] for task in plain.document["tasks"]] == ["Fix the “login”", "Second"]


def test_tasks_go_out_and_come_in_as_csv(
    ok: Callable[..., str], answer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ok("project", "add", "Shop")
    text = run_csv(ok)

    feed(monkeypatch, b"\xef\xbb\xbf" + text.encode())
    imported = answer("import", "--csv", "-", "--project", "shop")

    assert [(task["title"], task["column_title"], task["score"]) for task in imported["tasks"]] == [
        ("Fix the “login”", "Backlog", 0),
        ("Second", "Done", 3),
    ]
    assert imported["tasks"][0]["description"] == "One\nTwo \u202e"
    assert imported["tasks"][0]["tags"] == ["backend"]
    assert imported["queued"] == 0
    assert answer("export", "Shop", "--csv")["csv"] == text
    assert answer("export", "Shop", "tasks.csv", "--csv") == {
        "project_id": 2,
        "file": "tasks.csv",
        "tasks": 2,
        "bytes": len(text.encode()),
    }
    assert Path("tasks.csv").read_bytes() == text.encode()


def run_csv(ok: Callable[..., str]) -> str:
    """Return the CSV of the first project as it is on standard output, which ends no line twice."""
    ran = subprocess.run([sys.executable, "-m", "kbtui", "export", "1", "--csv"], capture_output=True, check=True)
    assert ran.stdout.startswith(b"Reference,Title,Description,")
    assert ran.stdout.count(b"\r\n") == 3
    return ran.stdout.decode()


def test_a_file_is_not_overwritten_unless_forced(refusal: Callable[..., str], ok: Callable[..., str]) -> None:
    Path("a.json").write_text("mine")

    assert "a.json is there already; replace it with --force." in refusal("export", "1", "a.json")
    assert Path("a.json").read_text() == "mine"
    ok("export", "1", "a.json", "--force")
    assert json.loads(Path("a.json").read_text())["project"]["name"] == "Website"


def test_the_tasks_that_come_in_are_announced(ok: Callable[..., str], receiver: Receiver) -> None:
    ok("export", "1", "a.json")
    ok("webhook", "add", receiver.url)

    ok("import", "a.json")

    assert receiver.names == ["task.create", "task.create"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is no JSON, from line 1, column 1 on: Expecting value."),
        (b"{\n  nonsense", "is no JSON, from line 2, column 3 on"),
        (b"[1]", "This is no kbtui project; make one with: kbtui export PROJECT."),
        (b'{"document": "kbtui-project", "version": 2}', "has version 2; this kbtui reads version 1. Upgrade kbtui."),
        (b'{"document": "kbtui-project", "version": 1}', "The document is damaged: it has no project."),
        (b"\xff\xfe{}", "is no text in UTF-8: byte 1 is wrong."),
        (b"[" * 100_000, "is nested too deeply"),
        (b"9" * 5000, "too long a number"),
    ],
)
def test_a_file_that_is_no_project_is_refused_in_one_line(
    refusal: Callable[..., str], answer: Callable[..., Any], content: bytes, complaint: str
) -> None:
    Path("bad.json").write_bytes(content)

    assert complaint in refusal("import", "bad.json")
    assert len(answer("project", "list")) == 1


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", 'The first line has no column "Title"'),
        (b"Name\nx\n", 'The first line has no column "Title"'),
        (b"Title,Priority\nGood,1\nBad,high\n", 'Line 3: "high" is not a number, under Priority.'),
        (b'Title\nGood\n"open\nand so on', "Line 3 is not CSV: unexpected end of data."),
    ],
)
def test_a_file_that_is_no_list_of_tasks_is_refused_in_one_line(
    refusal: Callable[..., str], answer: Callable[..., Any], content: bytes, complaint: str
) -> None:
    Path("bad.csv").write_bytes(content)

    assert complaint in refusal("import", "bad.csv", "--csv")
    assert len(answer("task", "list")) == 1


def test_options_that_do_not_go_together_are_wrong_usage(run: Run) -> None:
    assert run("import", "x", "--csv", "--name", "New").status == 2
    assert run("import", "x", "--project", "Website").status == 2


def test_a_path_that_cannot_be_used_is_one_line(refusal: Callable[..., str]) -> None:
    assert "missing.json cannot be read: No such file or directory." in refusal("import", "missing.json")
    assert "no/where cannot be written: No such file or directory." in refusal("export", "1", "no/where")
    assert 'There is no project "nowhere"' in refusal("export", "nowhere")


def test_progress_is_told_after_a_second_and_then_once_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    progress = Progress("Importing", clock=lambda: now)

    for done in range(1, 6):
        now += 0.5
        progress(done, 1500)
    progress.finish()

    assert capsys.readouterr() == ("", "Importing: 2 of 1,500 tasks\nImporting: 4 of 1,500 tasks\n")


def test_what_fails_leaves_nothing_behind(
    refusal: Callable[..., str], ok: Callable[..., str], database_file: Path
) -> None:
    ok("export", "1", "a.json")
    document = json.loads(Path("a.json").read_text())
    document["tasks"][1]["owner"] = "somebody new"
    document["tasks"][1]["is_active"] = "yes"
    Path("a.json").write_text(json.dumps(document))
    before = database_rows(database_file)

    assert "The document is damaged: tasks[1].is_active is no whole number from 0 to 1." in refusal("import", "a.json")
    assert database_rows(database_file) == before


def database_rows(path: Path) -> list[list[tuple[Any, ...]]]:
    database.connect(path)
    rows = [sql.fetch_all(f"SELECT * FROM {table}") for table in ("projects", "users", "tasks", "tags", "events")]
    database.close()
    return rows
