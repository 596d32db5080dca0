"""The help: made from the bindings, so that it cannot go stale."""

from dataclasses import replace
from pathlib import Path

from textual.containers import VerticalScroll

from kbtui.tui.screens.help import LEGEND, HelpScreen, help_lines
from kbtui.tui.screens.settings import SettingsScreen
from tests.tui.board_fixtures import Cells, open_desk
from tests.tui.screen_fixtures import click_on, do, frame_is_whole, shown

ONE: Cells = {(0, 0): 1}
SMALL = (80, 24)


async def test_every_binding_of_the_board_and_the_program_is_told_with_all_its_keys(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(160, 120)) as desk:
        bindings = [active.binding for active in desk.app.screen.active_bindings.values()]
        named = {binding.id for binding in bindings if binding.id}
        assert {"cursor.up", "task.move.right", "history.undo", "project.switch", "app.quit"} <= named
        lines = {line.binding_id: line for line in help_lines(desk.app.screen)}

        await desk.press("question_mark")

        for binding in bindings:
            if binding.id:
                line = lines[binding.id]
                assert desk.app.get_key_display(replace(binding, key_display=None)) in line.keys
                assert line.text == binding.tooltip


async def test_the_help_shows_keys_texts_ids_and_what_the_symbols_mean(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(160, 45)) as desk:
        await desk.press("question_mark")
        seen = shown(desk)
        await desk.press("end")
        seen += shown(desk)

        for text in ("Cursor", "Undo and redo", "Take back the last change", "history.undo", "shift+→"):
            assert text in seen
        for symbol, meaning in LEGEND:
            assert f"{symbol} " in seen
            assert meaning in seen
        assert frame_is_whole(desk)


async def test_the_help_tells_the_persons_own_keys(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL, keys={"history.undo": "f7,f8"}) as desk:
        [line] = [line for line in help_lines(desk.app.screen) if line.binding_id == "history.undo"]

        assert line.keys == ("f7", "f8")


async def test_the_help_scrolls_and_every_way_out_works(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(80, 24)) as desk:
        for key in ("escape", "q", "question_mark", "f1"):
            await desk.press("question_mark", "j", "j")
            assert desk.app.screen.query_one("#lines", VerticalScroll).scroll_offset.y == 6
            assert frame_is_whole(desk)
            await desk.press(key)
            assert desk.app.screen is desk.app.board_screen

        await desk.press("f1")
        await click_on(desk, "CloseMark")
        assert desk.app.screen is desk.app.board_screen


async def test_the_help_of_the_settings_tells_the_keys_of_the_settings(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "comma")
        settings = desk.app.screen
        assert isinstance(settings, SettingsScreen)
        await do(desk, "question_mark")

        assert isinstance(desk.app.screen, HelpScreen)
        assert "Add a webhook endpoint" in shown(desk)
        assert "The task above" not in shown(desk)
