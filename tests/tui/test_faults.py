"""Faults inside the running application: a sender that breaks, a full database, a flood, and words that must fit."""

import sqlite3
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from kbtui.core.db import database
from kbtui.core.tasks import tasks
from kbtui.tui.screens.board import BoardScreen
from kbtui.webhooks import endpoints, outbox
from kbtui.webhooks.listener import Behaviour, Listener
from tests import sql
from tests.tui.board_fixtures import Desk, open_desk
from tests.tui.screen_fixtures import Text, do, notice, shown
from tests.webhooks.outgoing import states

SMALL = (80, 24)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with Listener() as running:
        yield running


@asynccontextmanager
async def delivering(folder: Path, url: str, *, size: tuple[int, int] = SMALL) -> AsyncIterator[Desk]:
    """Open a board that sends its changes to a receiver."""
    async with open_desk(folder, size=size, deliver=True) as desk:
        endpoints.add_endpoint(url, name="Chat")
        yield desk


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of the database."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def style_of(desk: Desk, text: str) -> str:
    """Return the name of the style in which the status bar says something."""
    assert isinstance(desk.app.board_screen, BoardScreen)
    status = desk.app.board_screen.status
    segment = next(segment for segment in status.render_line(0) if text in segment.text)
    names = ("good", "warning", "bad")
    return next(name for name in names if status.get_component_rich_style(f"status-bar--{name}") == segment.style)


async def test_a_sender_that_breaks_is_said_in_red_and_started_again_while_the_screen_lives(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = threading.Event()
    broken.set()
    claim = outbox.claim

    def break_down(*given: object) -> list[outbox.Claimed]:
        if broken.is_set():
            raise RuntimeError("a bug")
        return claim(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(outbox, "claim", break_down)
    async with delivering(tmp_path, listener.url) as desk:
        await desk.press("L")
        await desk.wait_for(lambda: "✗ Delivery failed (RuntimeError) and is started again." in desk.said)
        assert style_of(desk, "RuntimeError") == "bad"

        await desk.press("J")
        assert desk.news() == ["task.move.column", "task.move.position"]
        broken.clear()

        await desk.wait_for(lambda: states() == ["done", "done"])
        await desk.wait_for(lambda: "● Chat ok" in desk.said)

    assert listener.count == 2


async def test_a_screen_that_is_being_left_is_told_nothing(tmp_path: Path, listener: Listener) -> None:
    async with delivering(tmp_path, listener.url) as desk:
        assert isinstance(desk.app.board_screen, BoardScreen)
        assert desk.app.delivering is not None
        await desk.app.board_screen.status.remove()

        desk.app.delivering.show_health()

        assert desk.app.is_running


@pytest.mark.parametrize(
    ("delay", "shown", "style"), [(0.0, "● Chat ok", "good"), (1.1, "! Chat slow", "warning")], ids=["fast", "1.1 s"]
)
async def test_a_receiver_that_answers_too_late_is_shown_in_amber(
    tmp_path: Path, listener: Listener, delay: float, shown: str, style: str
) -> None:
    listener.behaviour = Behaviour(delay=delay)
    async with delivering(tmp_path, listener.url) as desk:
        await desk.press("L")

        await desk.wait_for(lambda: shown in desk.said)

        assert style_of(desk, shown) == style


async def test_a_locked_board_says_so_in_eighty_columns_however_long_its_path_is(
    tmp_path: Path, listener: Listener
) -> None:
    folder = tmp_path / ("a-folder-with-a-name-that-is-far-too-long-for-a-line" * 2)
    folder.mkdir()
    listener.behaviour = Behaviour(hang=True)
    async with delivering(folder, listener.url) as desk:
        await desk.press("L")
        await desk.wait_for(lambda: listener.count == 1)
        with locked(desk.path):
            listener.behaviour = Behaviour()
            await desk.wait_for(lambda: "✗ kbtui.db is locked by another program" in desk.said)

            await desk.press("L")

            assert " kbtui.db is locked by another program; nothing was ch" in desk.said
            assert desk.said.count("✗") == 1
        await desk.wait_for(lambda: states() == ["done"])


async def test_what_is_said_goes_before_how_deliveries_are(tmp_path: Path, listener: Listener) -> None:
    async with delivering(tmp_path, listener.url) as desk:
        await desk.press("L")
        await desk.wait_for(lambda: "● Chat ok" in desk.said and "p95" in desk.said)

        desk.app.say("Closed #12 and what else there was to say of it; u opens it again.")

        assert "Closed #12 and what else there was to say of it; u opens" in desk.said
        assert "● Chat ok" in desk.said


async def test_a_full_database_takes_back_a_change_with_its_event_and_says_so(tmp_path: Path) -> None:
    async with open_desk(tmp_path, size=SMALL) as desk:
        pages = sql.fetch_one("PRAGMA page_count")
        assert pages is not None
        sql.execute(f"PRAGMA max_page_count = {pages[0]}")
        await do(desk, "n", Text("Precious"), "tab", Text("x" * 100_000), "ctrl+s")
        assert "No room is left" in notice(desk)
        assert "Nothing you typed is lost" in notice(desk)
        assert desk.news() == []

        sql.execute("PRAGMA max_page_count = 1000000")
        await desk.press("ctrl+s")

        assert desk.news() == ["task.create"]
        assert len(tasks.get_task(desk.task_id("Precious")).description) == 100_000


async def test_more_events_at_once_than_the_feed_reads_at_once_are_all_shown(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}) as desk:
        await desk.elsewhere(
            "other = projects.create_project('Other')\n"
            "task_id = tasks.create_task(other, 'Busy')\n"
            "with database.transaction():\n"
            "    for number in range(2200): tasks.update_task(task_id, title=f'Busy {number}')\n"
            "    tasks.update_task(2, title='The last of them')"
        )

        await desk.wait_for(lambda: desk.shows("The last of them"))


DAMAGED = {
    "no text": "CAST(x'7bff' AS TEXT)",
    "no JSON": "'{'",
    "no facts": "'[1]'",
    "too deep": f"'{'[' * 100_000}'",
    "nothing": "''",
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED.keys())
async def test_a_damaged_event_does_not_hide_the_later_ones(tmp_path: Path, damage: str) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}) as desk:
        endpoints.add_endpoint("http://127.0.0.1:9/")
        with database.transaction():
            tasks.update_task(1, title="Spoiled")
            sql.execute(f"UPDATE activity SET details = {damage} WHERE id = (SELECT max(id) FROM activity)")
        tasks.update_task(2, title="As good as new")

        await desk.wait_for(lambda: desk.shows("As good as new"))

        for key, name in (("w", "DeliveriesScreen"), ("a", "ActivityScreen")):
            await desk.press(key)
            await desk.pilot.pause()
            assert type(desk.app.screen).__name__ == name
            await desk.press("escape")


async def test_an_endpoint_whose_url_is_damaged_breaks_no_screen(tmp_path: Path) -> None:
    async with open_desk(tmp_path, {(0, 0): 3}, deliver=True) as desk:
        endpoints.add_endpoint("http://127.0.0.1:9/")
        sql.execute("UPDATE endpoints SET url = 'http://[::1'")
        await desk.press("L")
        await desk.wait_for(lambda: "failing" in desk.said)

        for key, name in (("w", "DeliveriesScreen"), ("comma", "SettingsScreen")):
            await desk.press(key)
            await desk.pilot.pause(0.3)
            assert type(desk.app.screen).__name__ == name
            await desk.press("escape")


async def test_an_answer_of_control_characters_and_markup_is_shown_escaped(tmp_path: Path, listener: Listener) -> None:
    listener.behaviour = Behaviour(status=500, body=b"\x00\x1b[31mred[/] [bold]markup[/] \xff\xc2\x9b1m \xe2\x80\xae")
    async with delivering(tmp_path, listener.url, size=(160, 45)) as desk:
        await desk.press("L")
        await desk.wait_for(lambda: "failing" in desk.said)

        await desk.press("w")
        await desk.pilot.pause(0.3)
        await desk.press("enter")
        await desk.pilot.pause(0.3)

        drawn = shown(desk)
        assert "red[/] [bold]markup[/]" in drawn
        assert not any(control in drawn for control in "\x00\x1b\x9b\u202e")
