"""Files and screenshots on a task: attached, listed, opened, saved and removed."""

import os
import stat
from pathlib import Path

import pytest
from textual.widgets import Input

from kbtui.core.tasks import files
from kbtui.tui.opening import file_name
from kbtui.tui.screens.attach import AttachScreen
from tests.tui.board_fixtures import Desk
from tests.tui.screen_fixtures import complaint, frame_is_whole, paste
from tests.tui.task_fixtures import (
    lines_of,
    open_task,
    said,
    task_screen,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


async def attach(desk: Desk, path: str) -> None:
    """Attach a file by its path."""
    await desk.press("f")
    await paste(desk, path)
    await desk.press("enter")
    await is_attached(desk)


async def is_attached(desk: Desk) -> None:
    """Wait until a file was attached, or something was complained about."""
    await desk.wait_for(lambda: not isinstance(desk.app.screen, AttachScreen) or complaint(desk, "path")[:1] == "✗")
    await desk.pilot.pause()


async def test_a_file_is_attached_listed_saved_and_removed(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"some notes")
    async with open_task(tmp_path) as desk:
        await attach(desk, str(tmp_path / "notes.txt"))
        assert said(desk) == "Attached notes.txt, 10 B; u takes it back."
        assert lines_of(desk, "files")[1] == "  ▤ notes.txt  10 B · <15m  @admin"

        await desk.press("6", "S", "home", "shift+end")
        await paste(desk, str(tmp_path / "out.txt"))
        await desk.press("enter")
        await desk.wait_for(lambda: desk.app.screen is task_screen(desk))
        assert (tmp_path / "out.txt").read_bytes() == b"some notes"

        await desk.press("delete")
        assert files.list_files(1) == []
        await desk.press("u")
        assert files.read_content(1) == b"some notes"


async def test_a_file_that_is_there_is_replaced_only_when_asked_twice(tmp_path: Path) -> None:
    (tmp_path / "out.txt").write_bytes(b"old")
    async with open_task(tmp_path, prepare=lambda desk: files.add_file(1, "a.txt", b"new")) as desk:
        await desk.press("6", "S", "home", "shift+end")
        await paste(desk, str(tmp_path / "out.txt"))
        await desk.press("enter")
        assert "is there already" in complaint(desk, "path")
        assert (tmp_path / "out.txt").read_bytes() == b"old"

        await desk.press("enter")
        await desk.wait_for(lambda: (tmp_path / "out.txt").read_bytes() == b"new")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "Type the path"),
        ("no-such-file", "There is no file"),
        (".", "is a folder"),
        ("bad\0name", "There is no file"),
        ("large", "at most 25 MiB can be attached"),
        ("pipe", "There is no file"),
    ],
)
async def test_a_file_that_cannot_be_attached_says_why(tmp_path: Path, name: str, words: str) -> None:
    with (tmp_path / "large").open("wb") as large:
        large.truncate(25 * 2**20 + 1)
    os.mkfifo(tmp_path / "pipe")
    async with open_task(tmp_path) as desk:
        await attach(desk, f"{tmp_path}/{name}" if name else "")

        assert words in complaint(desk, "path")
        assert files.list_files(1) == []
        assert frame_is_whole(desk)


async def test_a_large_file_is_read_with_progress_and_the_screen_stays_alive(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(b"x" * (24 * 2**20))
    async with open_task(tmp_path) as desk:
        await desk.press("f")
        await paste(desk, str(tmp_path / "big.bin"))
        await desk.press("enter")
        await is_attached(desk)

        assert files.list_files(1)[0].size == 24 * 2**20


async def test_a_path_is_completed(tmp_path: Path) -> None:
    (tmp_path / "some notes.txt").write_bytes(b"x")
    async with open_task(tmp_path) as desk:
        await desk.press("f")
        await paste(desk, str(tmp_path / "some"))
        await desk.wait_for(lambda: desk.app.screen.query_one("#path", Input)._suggestion)
        await desk.press("right", "enter")
        await is_attached(desk)

        assert files.list_files(1)[0].name == "some notes.txt"


def fake_program(folder: Path, name: str, script: str) -> None:
    """Put a program into a folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


async def test_a_file_is_opened_as_a_copy_with_the_systems_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(tmp_path, "xdg-open", f'cat "$1" > {tmp_path}/opened; echo "$1" > {tmp_path}/name')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr("sys.platform", "linux")
    async with open_task(tmp_path, prepare=lambda desk: files.add_file(1, "no../tes.txt", b"some")) as desk:
        await desk.press("6", "enter")
        await desk.wait_for(lambda: (tmp_path / "name").exists() and (tmp_path / "name").read_text())

        assert (tmp_path / "opened").read_bytes() == b"some"
        assert Path((tmp_path / "name").read_text().strip()).name == "tes.txt"
        assert "Opening a copy of tes.txt with xdg-open." in said(desk)


async def test_without_such_a_program_another_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    async with open_task(tmp_path, prepare=lambda desk: files.add_file(1, "a.txt", b"")) as desk:
        await desk.press("6", "enter")

        assert "S saves the file instead" in said(desk)


@pytest.mark.parametrize(
    ("name", "content", "written"),
    [
        ("a/b\\c:d.txt", b"", "a_b_c_d.txt"),
        ("..", b"", "file"),
        ("Screenshot taken May 19, 2015 at 10:56 AM", PNG, "Screenshot taken May 19, 2015 at 10_56 AM.png"),
        ("Screenshot taken May 19, 2015 at 10:56 AM", b"<svg x", "Screenshot taken May 19, 2015 at 10_56 AM.svg"),
        ("x" * 300 + ".txt", b"", "x" * 116 + ".txt"),
        ("\x1b[31m.png", b"", "_[31m.png"),
    ],
)
def test_names_are_made_fit_for_any_file_system(name: str, content: bytes, written: str) -> None:
    assert file_name(name, content) == written


# Screenshots


async def shoot(desk: Desk) -> tuple[str, bytes]:
    """Attach a screenshot and return its name and bytes."""
    await desk.press("i")
    await desk.wait_for(lambda: said(desk).startswith("Attached"))
    [file] = files.list_files(1)
    return file.name, files.read_content(file.id)


async def test_the_image_in_the_clipboard_is_attached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "image").write_bytes(PNG)
    fake_program(tmp_path, "wl-paste", "exit 1")
    fake_program(tmp_path, "xclip", f"cat {tmp_path}/image")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    async with open_task(tmp_path) as desk:
        name, content = await shoot(desk)

        assert content == PNG
        assert name.startswith("Screenshot taken ")
        assert said(desk) == "Attached the clipboard's image; u takes it back."


async def test_without_an_image_a_picture_of_the_screen_is_attached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_program(tmp_path, "wl-paste", "echo some text")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    async with open_task(tmp_path) as desk:
        _, content = await shoot(desk)

        assert content.startswith(b"<svg")
        assert b"Description" in content
        assert said(desk) == "Attached a picture of this screen; u takes it back."
