"""Tasks by URL: the server inside the screen, driven by keys and called for real."""

import asyncio
import urllib.request
from pathlib import Path

from textual.widgets import Input, Static

from kbtui.cli.serve import make_server
from kbtui.core.projects import settings
from kbtui.errors import KbtuiError
from kbtui.tui.serving import Server, Serving, task_url
from kbtui.tui.widgets.dialog import Notice
from tests.patience import PATIENCE
from tests.tui.board_fixtures import Cells, Desk, open_desk
from tests.tui.screen_fixtures import shown
from tests.webhooks.receivers import Receiver, answering, free_port

ONE: Cells = {(0, 0): 1}


def serve_on(port: int) -> Server:
    return make_server(port=port)


def call(url: str) -> str:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


async def turn_on(desk: Desk) -> None:
    desk.app.serving = Serving(serve_on)
    settings.put("serve_port", str(free_port()))
    await desk.press("comma", "4", "space")


async def test_a_task_created_by_url_appears_on_the_open_board(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE) as desk:
        await turn_on(desk)
        try:
            assert "Tasks are accepted by URL" in shown(desk)
            url = task_url(desk.app.serving.url, settings.webhook_token())

            answer = await asyncio.to_thread(call, f"{url}From+somewhere+else")
            await desk.press("escape")
            async with asyncio.timeout(PATIENCE):
                while not desk.shows("From somewhere else"):
                    await desk.pilot.pause(0.05)

            assert answer == "OK"
            assert desk.news() == ["task.create"]
        finally:
            desk.app.serving.stop()


async def test_the_server_stops_when_the_person_says_so_and_the_wish_is_kept(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE) as desk:
        await turn_on(desk)
        kept_on = settings.get("serve")
        await desk.press("space")

        assert (kept_on, settings.get("serve")) == ("1", "0")
        assert not desk.app.serving.is_running
        assert "Tasks are not accepted by URL." in shown(desk)


async def test_tasks_are_accepted_and_refused_from_among_the_webhooks(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(80, 24)) as desk:
        desk.app.serving = Serving(serve_on)
        settings.put("serve_port", str(free_port()))
        await desk.press("comma", "u")
        try:
            on, running = shown(desk), desk.app.serving.is_running
            url = task_url(desk.app.serving.url, "•••")
        finally:
            await desk.pilot.click("#server-line-accept")
            await desk.pilot.pause()

        assert running
        assert "● Tasks are accepted by URL" in on
        assert url in on
        assert not desk.app.serving.is_running
        assert "○ Tasks are not accepted by URL." in shown(desk)


async def test_among_the_webhooks_a_port_that_is_taken_is_told_whole(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=(80, 24)) as desk, Receiver(answering(200, body=b"")) as receiver:
        desk.app.serving = Serving(serve_on)
        settings.put("serve_port", str(receiver.port))
        await desk.press("comma", "u")

        assert str(receiver.port) in desk.app.screen.query_one("#endpoints-notice", Notice).text


async def test_the_url_hides_its_token_until_asked_and_is_copied_whole(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE) as desk:
        await desk.press("comma", "4")
        hidden = str(desk.app.screen.query_one("#server-url", Static).visual)
        await desk.press("s")
        revealed = str(desk.app.screen.query_one("#server-url", Static).visual)
        await desk.press("c")

        assert "token=•••&" in hidden
        assert f"token={settings.webhook_token()}&" in revealed
        assert desk.app.clipboard == task_url("http://127.0.0.1:8080", settings.webhook_token())


async def test_a_port_that_cannot_be_one_is_refused_in_words(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE) as desk:
        await desk.press("comma", "4")
        field = desk.app.screen.query_one("#server-port", Input)
        field.focus()
        field.value = "99999"
        await desk.press("enter")

        assert "no port" in desk.app.screen.query_one("#server-notice", Notice).text
        assert settings.get("serve_port") == ""


def test_what_keeps_the_server_from_starting_is_kept_as_a_sentence() -> None:
    def refuse(port: int) -> Server:
        raise KbtuiError(f"Port {port} is taken.")

    serving = Serving(refuse)

    serving.start(8080)

    assert (serving.is_running, serving.trouble) == (False, "Port 8080 is taken.")
