"""The settings, driven by keys and the mouse; receivers are real."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widgets import Input, Static

from kbtui.core.projects import projects, settings
from kbtui.core.tasks import tasks
from kbtui.errors import NotFoundError
from kbtui.tui.screens.confirm import ConfirmScreen
from kbtui.tui.screens.endpoint_form import EndpointForm
from kbtui.tui.screens.settings import SettingsScreen
from kbtui.tui.screens.settings_token import MASKED
from kbtui.tui.widgets.event_list import group_of, write_patterns
from kbtui.tui.widgets.fields import ChoiceList
from kbtui.webhooks import endpoints
from tests.tui.board_fixtures import Cells, Desk, open_desk
from tests.tui.screen_fixtures import (
    HOSTILE,
    Text,
    click_on,
    complaint,
    do,
    frame_is_whole,
    go_to,
    notice,
    paste,
    shown,
)
from tests.webhooks.receivers import Receiver, answering, free_port

ONE: Cells = {(0, 0): 1}
SMALL = (80, 24)
URL = "http://127.0.0.1:9/hook"


def said(desk: Desk, selector: str) -> str:
    return str(desk.app.screen.query_one(selector, Static).visual)


async def test_an_endpoint_is_added_with_the_keyboard_alone(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("comma")
        assert "No webhook endpoint yet: a adds one." in shown(desk)
        await do(desk, "a", Text("HTTP://127.0.0.1:9/Hook?x=1"), "tab", Text("Builds"), "tab", "enter", "down", "enter")
        await do(desk, "tab", "enter", "down", "enter", "tab", "ctrl+u", Text("task.move.*"), "enter")

        [endpoint] = endpoints.list_endpoints()
        assert (endpoint.url, endpoint.name) == ("http://127.0.0.1:9/Hook?x=1", "Builds")
        assert (endpoint.format, endpoint.events) == ("kanboard-1.2", "task.move.*")
        assert endpoint.project_id == desk.project_id
        for text in ("Builds  nothing sent yet", "http://127.0.0.1:9 · kanboard-1.2", "task.move.* of Website"):
            assert text in shown(desk)
        assert "/Hook" not in shown(desk)


async def test_a_url_is_checked_as_it_is_typed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("comma", "a")
        url = await go_to(desk, "#url")
        for text, sentence in (
            ("example.com/hook", "did you mean https://example.com/hook?"),
            ("ftp://example.com", "not to ftp://"),
            ("http://", "names no host"),
            ("http://127.0.0.1:99999/", "port is no number from 1 to 65535"),
            ("http://user:secret@example.com/", "user name or password"),
            ("http://a b", "contains a space"),
            ("http://169.254.169.254/latest", ""),
            ("http://exa\x1b[31mmple.com", ""),
            ("http://[bold]/", ""),
        ):
            url.value = ""
            await paste(desk, text)
            assert sentence in complaint(desk, "url")
            assert "✓" not in complaint(desk, "url")
            await desk.press("ctrl+s")
            assert isinstance(desk.app.screen, EndpointForm)
            assert frame_is_whole(desk)
        assert endpoints.list_endpoints() == []

        url.value = "HTTPS://Example.com/Hook"
        await desk.pilot.pause()
        assert "✓ https://example.com/Hook" in complaint(desk, "url")


async def test_ticks_write_patterns_and_patterns_set_ticks(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(100, 44)) as desk:
        await desk.press("comma", "a")
        await paste(desk, URL)
        await go_to(desk, "#ticks")
        await desk.press("space", "down", "enter")
        written = desk.app.screen.query_one("#events", Input)
        assert written.value == "comment.*"
        await click_on(desk, "#ticks", (3, 2))
        assert written.value == "comment.update, comment.delete"
        assert "2 of 19 events" in complaint(desk, "events")

        written.value = "task.mvoe"
        await desk.pilot.pause()
        assert "'task.mvoe' is no event." in complaint(desk, "events")
        await desk.press("ctrl+s")
        assert endpoints.list_endpoints() == []

        written.value = "task.c*"
        await desk.pilot.pause()
        assert "☑   task.create" in shown(desk)
        await desk.press("ctrl+s")
        assert endpoints.get_endpoint(1).events == "task.c*"


@given(st.sets(st.sampled_from(endpoints.ANNOUNCED)))
def test_written_patterns_take_exactly_what_was_ticked(chosen: set[str]) -> None:
    assert group_of(endpoints.ANNOUNCED, write_patterns(chosen, endpoints.ANNOUNCED)) == chosen


async def test_an_edit_changes_only_what_was_edited_and_asks_before_it_is_lost(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds", events="task.*,comment.*", payload_format="kanboard-1.2")
        await do(desk, "comma", "e", "tab", Text(" [2]"), "escape")
        assert isinstance(desk.app.screen, ConfirmScreen)
        await desk.press("escape", "ctrl+s")

        endpoint = endpoints.get_endpoint(1)
        assert (endpoint.name, endpoint.url, endpoint.events) == ("Builds [2]", URL, "task.*,comment.*")
        assert "Builds [2]" in shown(desk)


async def test_a_name_that_is_taken_is_told_and_the_form_stays(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await do(desk, "comma", "a", Text(URL), "tab", Text("builds"), "enter")

        assert "'Builds' already" in notice(desk)
        assert len(endpoints.list_endpoints()) == 1


async def test_names_of_any_kind_are_shown_as_text(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        for text in HOSTILE.values():
            endpoints.add_endpoint(URL, name=text)
        await desk.press("comma", "e")
        form = desk.app.screen
        for text in HOSTILE.values():
            for name in ("url", "name", "events"):
                form.query_one(f"#{name}", Input).value = text
            await desk.pilot.pause()
            assert frame_is_whole(desk)
        await desk.press("escape", "y")

        seen = shown(desk)
        assert "[bold red]not markup[/] [@click=app.quit]x[/]  nothing sent yet" in seen
        assert all(cell_len(line) == 80 and line.isprintable() for line in seen.splitlines())


async def test_space_disables_and_enables_and_says_what_that_means(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await desk.press("comma", "space")
        assert not endpoints.get_endpoint(1).is_enabled
        assert "disabled, gets no events" in shown(desk)

        await click_on(desk, "#endpoint-switch")

        assert endpoints.get_endpoint(1).is_enabled
        assert "Builds  nothing sent yet" in shown(desk)


async def test_removing_says_how_many_queued_events_go_with_it(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        tasks.update_task(1, title="One")
        tasks.update_task(1, title="Two")
        await desk.press("comma", "delete")
        assert "2 queued events" in said(desk, "#question")
        await desk.press("enter")
        assert endpoints.get_endpoint(1).name == "Builds"

        await desk.press("delete", "y")

        with pytest.raises(NotFoundError):
            endpoints.get_endpoint(1)


async def test_the_list_follows_what_other_programs_do(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("comma")
        await desk.elsewhere(
            "from kbtui.webhooks import endpoints; endpoints.add_endpoint('http://127.0.0.1:9/', name='Far')"
        )

        await desk.wait_for(lambda: "Far  nothing sent yet" in shown(desk))


async def test_a_test_shows_the_answer_with_everything_unprintable_escaped(tmp_path: Path) -> None:
    body = b"first \x1b[31m[bold]line[/]\nsecond \xff\n" + b"more\n" * 20
    async with open_desk(tmp_path, ONE, size=SMALL) as desk, Receiver(answering(202, body=body)) as receiver:
        endpoints.add_endpoint(receiver.url, name="Builds")
        await desk.press("comma", "t")
        await desk.wait_for(lambda: "answered" in said(desk, "#answer"))

        answer = said(desk, "#answer").splitlines()
        assert answer[0].startswith("✓ Builds answered 202 in ")
        assert answer[1].strip() == "first \\x1b[31m[bold]line[/]"
        assert answer[2].strip() == "second \\xff"
        assert "16 more lines" in answer[-1]
        assert len(receiver.requests) == 1
        assert "\x1b" not in shown(desk)


async def test_a_test_that_fails_says_why(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk, Receiver(answering(500, body=b"")) as receiver:
        endpoints.add_endpoint(receiver.url, name="Broken")
        await desk.press("comma")
        await click_on(desk, "#endpoint-test")
        await desk.wait_for(lambda: "✗ Broken answered 500 in" in said(desk, "#answer"))

        endpoints.update_endpoint(1, url=f"http://127.0.0.1:{free_port()}/")
        await desk.press("t")
        await desk.wait_for(lambda: "✗ Broken gave no answer" in said(desk, "#answer"))


async def test_a_receiver_that_hangs_holds_up_no_key_and_shows_that_something_is_under_way(tmp_path: Path) -> None:
    released = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    async with open_desk(tmp_path, ONE, size=SMALL) as desk, Receiver(hang) as receiver:
        endpoints.add_endpoint(receiver.url, name="Slow")
        await desk.press("comma", "t")
        await receiver.arrived.wait()
        assert "Sending a test event to Slow" in said(desk, "#answer")
        await desk.press("escape", "comma", "space")
        assert not endpoints.get_endpoint(1).is_enabled

        released.set()
        await desk.app.workers.wait_for_complete()


async def test_the_token_is_masked_until_it_is_asked_for(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        token = settings.webhook_token()
        await desk.press("comma", "2")
        assert said(desk, "#token-text") == MASKED
        assert token not in shown(desk)
        await desk.press("s")
        assert token in shown(desk)
        await desk.press("s")
        assert token not in shown(desk)

        await desk.press("c")

        assert desk.app.clipboard == token
        assert "Copied" in said(desk, "#token-notice")


async def test_the_token_is_reset_only_after_asking(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        token = settings.webhook_token()
        await desk.press("comma", "2", "r", "escape")
        assert settings.webhook_token() == token

        await click_on(desk, "#token-reset")
        await click_on(desk, "#yes")

        assert settings.webhook_token() != token


async def test_each_key_of_the_file_is_named_with_its_value_and_its_file(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(160, 45), keys={"task.close": "X"}) as desk:
        await desk.press("comma", "3")

        seen = shown(desk)
        for name in ("database", "user", "theme", "mouse", "density", "keys"):
            assert f" {name} " in seen
        for value in (str(tmp_path / "kbtui.db"), str(tmp_path / "config.toml"), '"task.close" = "X"', "comfortable"):
            assert value in seen


async def test_a_theme_is_tried_at_once_and_how_to_keep_it_is_told(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await desk.press("comma", "3")
        assert desk.app.theme == "kbtui"
        themes = desk.app.screen.query_one("#theme", ChoiceList)
        themes.value = "nord"
        await desk.pilot.pause()

        assert desk.app.theme == "nord"
        assert 'theme = "nord"' in complaint(desk, "theme")


async def test_tabs_and_the_way_back_work_with_the_mouse(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        projects.create_project("Other")
        await desk.press("comma")
        screen = desk.app.screen
        assert isinstance(screen, SettingsScreen)
        await desk.click(16, 1)
        assert screen.tabs.active == "token"
        await desk.press("s")
        assert settings.webhook_token() in shown(desk)
        await click_on(desk, "CloseMark")

        assert desk.app.screen is desk.app.board_screen


async def test_a_locked_database_is_told_wherever_something_was_to_be_changed(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        token = settings.webhook_token()
        await desk.press("comma")
        other = sqlite3.connect(desk.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await desk.press("space")
        assert "✗" in said(desk, "#endpoints-notice")
        await desk.press("delete", "y")
        assert "✗" in said(desk, "#endpoints-notice")
        await do(desk, "a", Text(URL), "enter")
        assert "✗" in said(desk, "#notice")
        await desk.press("escape", "y", "2", "r", "y")
        assert "✗" in said(desk, "#token-notice")
        other.execute("ROLLBACK")
        other.close()

        assert settings.webhook_token() == token
        assert endpoints.get_endpoint(1).is_enabled
