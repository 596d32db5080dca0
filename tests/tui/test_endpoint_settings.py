"""How an endpoint is sent to, edited in the terminal: the second page of its form, and pauses."""

from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from kbtui.core.tasks import tasks
from kbtui.tui.screens.confirm import ConfirmScreen
from kbtui.tui.widgets.dialog import Notice
from kbtui.tui.widgets.fields import ChoiceList, LineInput, TextEditor
from kbtui.webhooks import endpoints, signatures
from kbtui.webhooks.delivery import DeliveryThread
from kbtui.webhooks.listener import Listener
from kbtui.webhooks.policy import MASK
from tests.tui.board_fixtures import Cells, Desk, open_desk
from tests.tui.screen_fixtures import HOSTILE, Text, click_on, complaint, do, frame_is_whole, go_to, paste, shown

ONE: Cells = {(0, 0): 1}
SMALL = (80, 24)
URL = "http://127.0.0.1:9/hook"

SIZES = pytest.mark.parametrize("size", [SMALL, (160, 45)], ids=["80x24", "160x45"])


def line(desk: Desk, name: str) -> LineInput:
    return desk.app.screen.query_one(f"#{name}", LineInput)


async def test_every_setting_is_edited_with_the_keyboard_alone(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("")
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await do(desk, "comma", "e", "ctrl+t", "ctrl+u", Text("2.5"), "tab", Text("0, 5s, 5m"), "tab", "enter", "down")
        await do(desk, "enter", "tab", "up", "tab", "ctrl+r")
        await go_to(desk, "#headers")
        await do(desk, Text("X-Team: blue\nX-Key: a: b"), "tab", Text(str(ca_file)), "tab", "enter", "down", "enter")
        assert frame_is_whole(desk)
        await desk.press("ctrl+s")

        endpoint = endpoints.get_endpoint(1)
        assert (endpoint.deadline, endpoint.schedule, endpoint.is_ordered) == (2.5, "0, 5s, 5m", 0)
        assert (endpoint.concurrency, endpoint.ca_file, endpoint.use_proxy) == (5, str(ca_file), 1)
        assert endpoints.read_headers(1) == {"X-Team": "blue", "X-Key": "a: b"}
        assert signatures.check_secret(endpoint.secret) == endpoint.secret
        assert (endpoint.url, endpoint.events) == (URL, "*")


@SIZES
async def test_the_pages_are_turned_and_the_fields_filled_with_the_mouse(tmp_path: Path, size: tuple[int, int]) -> None:
    async with open_desk(tmp_path, ONE, size=size) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await desk.press("comma", "e")
        await click_on(desk, "#turn")
        assert "Deadline" in shown(desk)
        await click_on(desk, "#secret-new")
        await click_on(desk, "#secret-show")
        assert "whsec_" in shown(desk)
        await click_on(desk, "#turn")
        assert "Deadline" not in shown(desk)
        assert frame_is_whole(desk)
        await click_on(desk, "#save")

        assert endpoints.get_endpoint(1).secret.startswith("whsec_")


async def test_a_new_endpoint_is_added_with_settings_of_its_own(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "comma", "a", Text(URL), "tab", Text("Builds"), "ctrl+t", "ctrl+u", Text("3"), "enter")

        [endpoint] = endpoints.list_endpoints()
        assert (endpoint.name, endpoint.url, endpoint.deadline, endpoint.secret) == ("Builds", URL, 3, "")


async def test_a_secret_is_masked_until_it_is_asked_for_and_can_be_copied(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        secret = endpoints.rotate_secret(1)
        endpoints.update_endpoint(1, headers={"Authorization": "Bearer hidden"})
        await desk.press("comma", "e", "ctrl+t")
        assert secret not in shown(desk)
        assert "hidden" not in shown(desk)

        await desk.press("ctrl+o")
        assert secret in shown(desk)
        assert "Authorization: Bearer hidden" in shown(desk)
        await desk.press("ctrl+o", "ctrl+g")

        assert secret not in shown(desk)
        assert "hidden" not in shown(desk)
        assert desk.app.clipboard == secret
        assert "Copied" in complaint(desk, "secret")
        await desk.press("escape")
        assert not isinstance(desk.app.screen, ConfirmScreen), "looking at a secret changes nothing"


async def test_after_a_rotation_both_secrets_sign_and_until_it_is_saved_only_the_old_one(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk, Listener() as listener:
        endpoints.add_endpoint(listener.url, name="Builds")
        old = endpoints.rotate_secret(1)
        await desk.press("comma", "e", "ctrl+t", "ctrl+r")
        assert "the secret before it signs as well for 24 hours" in complaint(desk, "secret")
        new = line(desk, "secret").value
        assert endpoints.get_endpoint(1).secret == old
        await desk.press("ctrl+s")
        assert endpoints.get_endpoint(1).secret == new

        thread = DeliveryThread()
        thread.start()
        tasks.update_task(1, title="Other")
        await listener.wait_for(1)
        thread.stop()
        await desk.press("e", "ctrl+t")

        (received,) = listener.received
        for secret in (old, new):
            assert Webhook(secret).verify(received.body, received.headers)["event_name"] == "task.update"
        assert "The secret before it signs as well until" in " ".join(complaint(desk, "secret").split())


async def test_a_secret_is_taken_away_by_emptying_its_field(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        endpoints.rotate_secret(1)
        await desk.press("comma", "e", "ctrl+t")
        await go_to(desk, "#secret")
        await desk.press("end", "ctrl+u", "ctrl+s")

        assert endpoints.get_endpoint(1).secret == ""


async def test_headers_that_stay_masked_keep_their_values(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        endpoints.update_endpoint(1, headers={"X-Key": "hidden", "X-Team": "blue"})
        await desk.press("comma", "e", "ctrl+t")
        editor: TextEditor = await go_to(desk, "#headers")
        editor.text = f"X-Team: red\nx-key: {MASK}\nX-More: 1"
        await desk.pilot.pause()
        await desk.press("ctrl+o")
        assert "x-key: hidden" in editor.text
        await desk.press("ctrl+o", "ctrl+s")

        assert endpoints.read_headers(1) == {"X-Team": "red", "x-key": "hidden", "X-More": "1"}


FAULTS = (
    ("deadline", "soon", "Write a number."),
    ("schedule", "0, later", "is no time up to 168h"),
    ("concurrency", "0", "1 to 32 requests"),
    ("secret", "whsec_short", "A signing secret"),
    ("ca_file", "/nowhere/ca.pem", "There is no CA file"),
    ("headers", "nonsense", "is no header"),
    ("headers", f"X-New: {MASK}", "Write the value of the header X-New"),
)


async def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_saved(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        before = dict(endpoints.get_endpoint(1).__data__)
        await desk.press("comma", "e", "ctrl+t")
        screen = desk.app.screen
        for name, text, sentence in FAULTS:
            control = screen.query_one(f"#{name}")
            assert isinstance(control, LineInput | TextEditor)
            usual = write(control, text)
            await desk.pilot.pause()
            assert sentence in " ".join(complaint(desk, name).split())
            await desk.press("ctrl+t", "ctrl+s")

            assert desk.app.screen is screen
            assert screen.focused is control, "the page with the fault is shown"
            assert frame_is_whole(desk)
            assert dict(endpoints.get_endpoint(1).__data__) == before
            write(control, usual)
            await desk.pilot.pause()
            assert "✗" not in complaint(desk, name)


def write(control: LineInput | TextEditor, text: str) -> str:
    """Put another text in and return the one before."""
    if isinstance(control, TextEditor):
        before, control.text = control.text, text
    else:
        before, control.value = control.value, text
    return before


async def test_a_fault_on_the_first_page_is_shown_from_the_second(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        await do(desk, "comma", "a", Text("nonsense"), "ctrl+t", "ctrl+s")

        assert desk.app.screen.focused is line(desk, "url")
        assert endpoints.list_endpoints() == []


async def test_what_was_typed_on_the_second_page_is_not_lost_without_asking(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await desk.press("comma", "e", "ctrl+t", "ctrl+u", "5", "ctrl+t", "escape")
        assert isinstance(desk.app.screen, ConfirmScreen)
        await desk.press("y")

        assert endpoints.get_endpoint(1).deadline == 10


async def test_texts_of_any_kind_are_shown_as_text(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await desk.press("comma", "e", "ctrl+t", "ctrl+o")
        for text in (HOSTILE[kind] for kind in ("ansi", "right to left", "emoji", "wide")):
            for name in ("deadline", "schedule", "concurrency", "secret", "ca_file"):
                line(desk, name).value = text
            editor: TextEditor = await go_to(desk, "#headers")
            editor.clear()
            await paste(desk, text)
            assert frame_is_whole(desk), text
            await desk.press("ctrl+s")
            assert frame_is_whole(desk)
        assert endpoints.get_endpoint(1).deadline == 10


async def test_what_a_schedule_means_is_said(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk:
        endpoints.add_endpoint(URL, name="Builds")
        await desk.press("comma", "e", "ctrl+t")
        assert "10 attempts within 75.6 h" in complaint(desk, "schedule")

        line(desk, "schedule").value = "0, 30m, 1h"
        await desk.pilot.pause()

        assert "3 attempts within 1.5 h" in complaint(desk, "schedule")
        assert desk.app.screen.query_one("#is_ordered", ChoiceList).chosen == 1


async def test_an_endpoint_is_paused_and_resumed_with_key_and_button(tmp_path: Path) -> None:
    async with open_desk(tmp_path, ONE, size=SMALL) as desk, Listener() as listener:
        endpoints.add_endpoint(listener.url, name="Builds")
        await desk.press("comma", "p")
        assert endpoints.get_endpoint(1).is_paused
        assert "Builds  paused, events are kept" in shown(desk)
        assert desk.app.screen.query_one("#endpoints-notice", Notice).text.startswith("Paused")
        thread = DeliveryThread()
        thread.start()
        tasks.update_task(1, title="Other")
        await desk.wait_for(lambda: "1 waiting" in shown(desk))
        assert listener.count == 0

        await click_on(desk, "#endpoint-pause")
        await listener.wait_for(1)

        thread.stop()
        assert not endpoints.get_endpoint(1).is_paused
        await desk.wait_for(lambda: "Builds  answers" in shown(desk))
