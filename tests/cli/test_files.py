import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


@pytest.fixture(autouse=True)
def task(ok: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ok("task", "add", "Fix the login")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def test_files_are_attached_listed_saved_and_removed(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    Path("notes.txt").write_bytes(b"x" * 2000)
    Path("photo.PNG").write_bytes(bytes(range(256)))

    assert ok("file", "add", "fix the login", "notes.txt", "./photo.PNG") == (
        'Attached file #1 "notes.txt" (2.0 KiB) to task #1.\nAttached file #2 "photo.PNG" (256 bytes) to task #1.\n'
    )
    listed = answer("file", "list", "1")
    assert [(each["name"], each["size"], each["is_image"]) for each in listed] == [
        ("notes.txt", 2000, 0),
        ("photo.PNG", 256, 1),
    ]
    heads, row, _ = ok("file", "list", "1").splitlines()
    assert heads.split() == ["ID", "SIZE", "ATTACHED", "NAME"]
    assert row.startswith("#1  2.0 KiB")
    assert ok("file", "save", "photo.png", "copy.png") == 'Saved file #2 "photo.PNG" (256 bytes) as copy.png.\n'
    assert Path("copy.png").read_bytes() == bytes(range(256))
    assert ok("file", "remove", "1", "photo.png").startswith('Removed file #1 "notes.txt" (2.0 KiB) from task #1.\n')
    assert ok("file", "list", "1") == "There are no files on task #1.\n"


def test_a_file_can_come_from_standard_input_under_a_name(
    answer: Callable[..., Any], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x00\xff")))

    added = answer("file", "add", "1", "-", "--name", "folder/raw.bin")

    assert [(each["name"], each["size"]) for each in added["files"]] == [("raw.bin", 2)]
    assert run("file", "add", "1", "-").status == 2
    assert run("file", "add", "1", "a", "b", "--name", "x").status == 2


def test_a_file_is_written_to_standard_output_as_it_is(answer: Callable[..., Any], run: Run) -> None:
    Path("raw.bin").write_bytes(b"\x00\x1b[2J\xff\r\n")
    answer("file", "add", "1", "raw.bin")

    saved = subprocess.run([sys.executable, "-m", "kbtui", "file", "save", "1", "-"], capture_output=True, check=True)

    assert (saved.stdout, saved.stderr) == (b"\x00\x1b[2J\xff\r\n", b"")
    assert run("file", "save", "1", "-", "--json").status == 2


def test_nothing_is_overwritten_unless_forced(
    ok: Callable[..., str], answer: Callable[..., Any], refusal: Callable[..., str]
) -> None:
    Path("notes.txt").write_text("old")
    ok("file", "add", "1", "notes.txt")
    Path("notes.txt").write_text("changed since")
    Path("link").symlink_to("nowhere")

    assert "notes.txt is there already; replace it with --force." in refusal("file", "save", "1")
    assert "link is there already" in refusal("file", "save", "1", "link")
    assert Path("notes.txt").read_text() == "changed since"
    assert answer("file", "save", "1", "--force")["path"] == "notes.txt"
    assert Path("notes.txt").read_text() == "old"
    assert sorted(each.name for each in Path.cwd().iterdir()) == ["link", "notes.txt"]


def test_a_file_is_saved_into_a_folder_under_its_own_name(ok: Callable[..., str]) -> None:
    Path("notes.txt").write_text("x")
    Path("there").mkdir()
    ok("file", "add", "1", "notes.txt")

    ok("file", "save", "1", "there")

    assert Path("there/notes.txt").read_text() == "x"


def test_a_file_that_is_too_large_is_refused_before_it_is_read(refusal: Callable[..., str]) -> None:
    with Path("huge.iso").open("wb") as file:
        file.truncate(1 << 42)  # takes no room, and would take all memory
    with Path("large.bin").open("wb") as file:
        file.truncate(25 * 2**20 + 1)

    assert "huge.iso has 4,194,304.0 MiB; at most 25 MiB can be attached." in refusal("file", "add", "1", "huge.iso")
    assert "large.bin has 25.1 MiB; at most 25 MiB" in refusal("file", "add", "1", "large.bin")


def test_too_much_from_standard_input_is_refused(refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(25 * 2**20 + 10))))

    assert "raw.bin has 25.1 MiB; at most 25 MiB" in refusal("file", "add", "1", "-", "--name", "raw.bin")


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (["add", "1", "good.txt", "missing.txt"], "missing.txt cannot be read: No such file or directory."),
        (["add", "1", "."], ". cannot be read: Is a directory."),
        (["add", "1", "good.txt", "--name", ".."], '".." is a folder, not the name of a file.'),
        (["add", "1", "good.txt", "--name", "/"], "The file name is empty"),
        (["add", "9", "good.txt"], "There is no task #9."),
        (["add", "1", "a\0b"], "cannot be read: embedded null byte."),
        (["save", "9"], "There is no file #9."),
        (["save", "one.txt", "no/such/folder"], "no/such/folder cannot be written: No such file or directory."),
        (["remove", "1", "two.txt"], 'There is no file "two.txt"; give its number or whole name.'),
    ],
)
def test_a_bad_path_or_name_is_refused_in_one_line_and_attaches_nothing(
    refusal: Callable[..., str], ok: Callable[..., str], answer: Callable[..., Any], argv: list[str], complaint: str
) -> None:
    Path("good.txt").write_text("x")
    ok("file", "add", "1", "good.txt", "--name", "one.txt")

    assert complaint in refusal("file", *argv)
    assert [each["name"] for each in answer("file", "list", "1")] == ["one.txt"]
