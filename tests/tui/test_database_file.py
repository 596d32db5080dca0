"""The board's file under a running screen: it says that the file is gone, and that it is back."""

import sys
from pathlib import Path

import pytest

from kbtui.core.tasks import tasks
from kbtui.errors import DatabaseGoneError
from tests.core.test_migrations import make_old
from tests.terminal import Terminal
from tests.tui.board_fixtures import open_desk


@pytest.mark.parametrize("deliver", [False, True])
async def test_a_board_whose_file_is_gone_says_so_takes_nothing_and_goes_on_when_it_is_back(
    tmp_path: Path, deliver: bool
) -> None:
    async with open_desk(tmp_path, deliver=deliver) as desk:
        desk.path.rename(tmp_path / "away.db")
        await desk.wait_for(lambda: "was removed or replaced while it was open" in desk.said)
        with pytest.raises(DatabaseGoneError):
            tasks.create_task(desk.project_id, "Lost")

        (tmp_path / "away.db").rename(desk.path)

        await desk.wait_for(lambda: "The database can be used again." in desk.said)
        assert tasks.create_task(desk.project_id, "Kept")


def test_what_opening_an_older_file_has_to_say_is_said_before_the_first_frame_and_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "old.db"
    make_old(path, 2)
    monkeypatch.setenv("KBTUI_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").touch()

    with Terminal([sys.executable, "-m", "kbtui", "--database", path]) as terminal:
        terminal.wait_for_text("The database")

    said, _, _ = terminal.raw.partition(b"\x1b[?1049h")
    assert f"a copy of what it was is kept as {path}.v2" in said.decode()
