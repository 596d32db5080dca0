"""Keys wait for what the ones before them have caused, in one place."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key, Paste

from kbtui.tui import key_order
from kbtui.tui.key_order import EscapedKey, names
from kbtui.tui.screens.projects import ProjectPicker
from kbtui.tui.screens.task_form import TaskForm
from kbtui.tui.widgets.board_view import BoardView
from kbtui.tui.widgets.status_bar import StatusBar
from tests.patience import PATIENCE
from tests.tui.board_fixtures import open_desk
from tests.tui.screen_fixtures import rows, type_ahead

SLOW = 0.4
"""Seconds that a step takes which nothing may get ahead of."""


async def test_a_key_waits_for_the_one_before_however_long_that_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_key = ProjectPicker.on_key

    async def take_long(screen: ProjectPicker, event: Key) -> None:
        await asyncio.sleep(SLOW)
        on_key(screen, event)

    monkeypatch.setattr(ProjectPicker, "on_key", take_long)
    async with open_desk(tmp_path) as desk:
        await desk.press("p")
        picker = desk.app.screen
        assert isinstance(picker, ProjectPicker)

        type_ahead(desk, *"Garden")
        await desk.wait_for(lambda: picker.words.value == "Garden")


async def test_a_key_waits_for_a_screen_that_takes_long_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def take_long(*_: object) -> None:
        await asyncio.sleep(SLOW)

    monkeypatch.setattr(TaskForm, "on_compose", take_long, raising=False)
    async with open_desk(tmp_path) as desk:
        type_ahead(desk, "n", *"Hxjk", "enter", "x")
        await desk.wait_for(lambda: rows("SELECT id FROM tasks WHERE title = 'Hxjk' AND is_active = 0"))

        assert desk.order(0, 0) == ["s0c0n0", "s0c0n1", "s0c0n2"]


async def test_the_mouse_waits_for_what_was_typed_before(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        x, y = desk.find("s0c2n1")
        type_ahead(desk, "L")
        await desk.click(x, y)
        await desk.wait_for(lambda: desk.order(0, 1)[:1] == ["s0c0n0"])

        assert desk.title == "s0c2n1"


async def test_what_does_not_come_to_rest_is_waited_for_so_long_and_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_order, "PATIENCE", 0.2)
    monkeypatch.setattr(key_order, "LEAST_LOOKS", 60)
    go_on = asyncio.Event()

    async def hang(*_: object) -> None:
        await go_on.wait()

    async with open_desk(tmp_path) as desk:
        monkeypatch.setattr(StatusBar, "on_callback", hang)
        assert desk.app.board_screen is not None
        desk.app.board_screen.status.call_later(print)
        type_ahead(desk, "j", "x")
        desk.app.post_message(Paste("some\nwords"))
        async with asyncio.timeout(PATIENCE):  # not by the pilot, which waits for what hangs
            while "thrown away: j x “some words”" not in desk.said:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
            type_ahead(desk, "G")
            while desk.title != "s0c0n2":  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        go_on.set()

        assert desk.news() == []


@pytest.mark.parametrize(("keys", "title"), [({}, "s0c0n1"), ({"cursor.last": "G,alt+j"}, "s0c0n2")])
async def test_esc_with_a_key_means_both_unless_it_is_bound_with_alt(
    tmp_path: Path, keys: dict[str, str], title: str
) -> None:
    async with open_desk(tmp_path, keys=keys) as desk:
        desk.app.post_message(EscapedKey("alt+j", "j", [Key("escape", "\x1b"), Key("j", "j")]))

        await desk.wait_for(lambda: desk.title == title)


async def test_what_is_typed_behind_the_key_that_ends_the_program_does_nothing(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        type_ahead(desk, "q", "x", "x")
        await desk.wait_for(lambda: not desk.app.is_running)

        assert desk.app.return_code == 0
        assert desk.news() == []


async def test_keys_that_are_thrown_away_are_named_and_later_ones_kept(tmp_path: Path) -> None:
    told: list[str] = []

    def fail(view: BoardView, *_: Any) -> None:
        view.app.drop_keys(told.append)  # type: ignore[attr-defined]

    async with open_desk(tmp_path) as desk:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(BoardView, "action_toggle_density", fail)
            type_ahead(desk, "v", "j", "space", "x")
            await desk.wait_for(lambda: told)
        type_ahead(desk, "G")
        await desk.wait_for(lambda: desk.title == "s0c0n2")

        assert told == ["j space x"]
        assert desk.news() == []


def test_many_keys_are_named_by_the_first_ones_and_their_number() -> None:
    typed = [Key(letter, letter) for letter in "x" * 50]

    assert names(typed) == "x " * 19 + "x … (50 keys)"
