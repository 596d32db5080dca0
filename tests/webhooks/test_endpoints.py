"""Endpoints: adding, changing, removing, and what they refuse."""

import json
import time
from pathlib import Path

import pytest

from kbtui.core.projects import projects
from kbtui.errors import InvalidError, NotFoundError
from kbtui.webhooks import endpoints, signatures
from tests.webhooks.outgoing import announce, deliveries, endpoint_row, states

URL = "http://127.0.0.1:9/hook"

pytestmark = pytest.mark.usefixtures("board")


def test_an_endpoint_is_called_after_its_host_unless_it_has_a_name() -> None:
    first = endpoints.add_endpoint("https://example.com/a")
    second = endpoints.add_endpoint("https://example.com/b")
    third = endpoints.add_endpoint("https://example.com/c", name="  Chat\tbot ")

    names = [endpoints.get_endpoint(each).name for each in (first, second, third)]

    assert names == ["example.com", "example.com 2", "Chat bot"]


def test_an_endpoint_is_found_by_id_or_name() -> None:
    endpoint_id = endpoints.add_endpoint(URL, name="Chat")

    found = [endpoints.find_endpoint(ref).id for ref in (str(endpoint_id), f"#{endpoint_id}", "chat", " CHAT ")]

    assert found == [endpoint_id] * 4


def test_an_unknown_endpoint_is_answered_with_what_there_is() -> None:
    with pytest.raises(NotFoundError, match="There is none yet"):
        endpoints.find_endpoint("Chat")
    endpoints.add_endpoint(URL, name="Chat")
    with pytest.raises(NotFoundError, match=r"There is: Chat \(#1\)"):
        endpoints.find_endpoint("9")
    with pytest.raises(NotFoundError, match="no webhook endpoint 9"):
        endpoints.get_endpoint(9)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"url": "ftp://example.com/"}, "ftp"),
        ({"payload_format": "slack"}, "kanboard-1.0, kanboard-1.2"),
        ({"events": "task.moved"}, "'task.moved' is no event"),
        ({"events": " , "}, "No event"),
        ({"events": "project.*"}, "is no event"),
        ({"name": "\t"}, "empty"),
        ({"name": "x" * 300}, "at most 255"),
        ({"name": "TAKEN"}, "already"),
        ({"deadline": 0.5}, "1 to 30"),
        ({"deadline": 31}, "1 to 30"),
        ({"concurrency": 0}, "1 to 32"),
        ({"schedule": "0, soon"}, "'soon' in the schedule"),
        ({"schedule": "1" * 30}, "schedule"),
        ({"schedule": ",".join(["1"] * 101)}, "at most 100"),
        ({"ca_file": "/does/not/exist.pem"}, "no CA file"),
        ({"headers": {"Host": "x"}}, "set by kbtui"),
        ({"headers": {"webhook-id": "x"}}, "set by kbtui"),
        ({"headers": {"X Y": "x"}}, "name of a header"),
        ({"headers": {"X-A": "a\r\nX-B: b"}}, "cannot be sent"),
        ({"headers": {"X-A": "ü"}}, "cannot be sent"),
        ({"colour": "red"}, "has no colour"),
    ],
)
def test_a_value_that_cannot_be_taken_is_refused_in_words_and_changes_nothing(
    fields: dict[str, object], reason: str
) -> None:
    endpoint_id = endpoints.add_endpoint(URL, name="Chat")
    endpoints.add_endpoint(URL, name="Taken")
    before = endpoint_row(endpoint_id)

    with pytest.raises(InvalidError, match=reason):
        endpoints.update_endpoint(endpoint_id, **fields)

    assert endpoint_row(endpoint_id) == before


def test_an_unknown_project_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no project 7"):
        endpoints.add_endpoint(URL, project_id=7)


def test_every_field_can_be_changed(tmp_path: Path) -> None:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text("")
    project_id = projects.create_project("Website")
    endpoint_id = endpoints.add_endpoint(URL)
    changes = {
        "name": "Chat",
        "url": "https://example.com/hook",
        "payload_format": "kanboard-1.2",
        "events": "task.move.*, comment.create, task.move.*",
        "project_id": project_id,
        "deadline": 5,
        "schedule": "0, 1m",
        "is_ordered": False,
        "concurrency": 2,
        "ca_file": str(ca_file),
        "headers": {"Authorization": "Bearer x"},
        "use_proxy": True,
    }

    assert endpoints.update_endpoint(endpoint_id, **changes)
    assert not endpoints.update_endpoint(endpoint_id, **changes)

    row = endpoint_row(endpoint_id)
    assert row["format"] == "kanboard-1.2"
    assert row["events"] == "task.move.*,comment.create"
    assert json.loads(row["headers"]) == {"Authorization": "Bearer x"}
    assert (row["is_ordered"], row["use_proxy"], row["deadline"], row["project_id"]) == (0, 1, 5.0, project_id)


def test_an_endpoint_keeps_its_name_when_it_is_given_its_own() -> None:
    endpoint_id = endpoints.add_endpoint(URL, name="Chat")

    assert endpoints.update_endpoint(endpoint_id, name="chat")
    assert not endpoints.update_endpoint(endpoint_id, name="chat")


def test_removing_an_endpoint_removes_its_queue_and_no_other() -> None:
    first = endpoints.add_endpoint(URL)
    second = endpoints.add_endpoint(URL)
    announce()

    endpoints.remove_endpoint(first)

    assert [row["endpoint_id"] for row in deliveries()] == [second]
    with pytest.raises(NotFoundError):
        endpoints.remove_endpoint(first)


def test_a_disabled_endpoint_gets_nothing_new_and_its_queue_goes_on_when_it_is_enabled() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce()

    assert endpoints.set_enabled(endpoint_id, False)
    assert not endpoints.set_enabled(endpoint_id, False)
    announce()
    assert endpoints.set_enabled(endpoint_id, True)
    announce()

    assert states() == ["ready", "blocked"]


def test_a_paused_endpoint_keeps_what_happens() -> None:
    endpoint_id = endpoints.add_endpoint(URL)

    assert endpoints.pause(endpoint_id)
    assert not endpoints.pause(endpoint_id)
    announce()

    assert states() == ["ready"]
    assert endpoints.resume(endpoint_id)
    assert not endpoints.resume(endpoint_id)


def test_an_event_goes_to_the_endpoints_that_want_it() -> None:
    website, app = projects.create_project("Website"), projects.create_project("App")
    everything = endpoints.add_endpoint(URL)
    moves = endpoints.add_endpoint(URL, events="task.move.*")
    only_app = endpoints.add_endpoint(URL, project_id=app)

    announce(1, "task.move.column", project_id=website)
    announce(2, "comment.create", project_id=app)
    announce(3, "task.move.swimlane", project_id=app)

    wanted = [(row["task_id"], row["endpoint_id"]) for row in deliveries()]
    assert wanted == [(1, everything), (1, moves), (2, everything), (2, only_app)] + [
        (3, each) for each in (everything, moves, only_app)
    ]


def test_without_order_nothing_waits_for_anything() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    announce()
    announce()
    assert states() == ["ready", "blocked"]

    endpoints.update_endpoint(endpoint_id, is_ordered=False)
    announce()

    assert states() == ["ready", "ready", "ready"]


def test_a_secret_is_made_and_rotated_and_the_old_one_signs_for_a_day() -> None:
    endpoint_id = endpoints.add_endpoint(URL)

    first = endpoints.rotate_secret(endpoint_id)
    assert endpoint_row(endpoint_id)["old_secret"] == ""
    second = endpoints.rotate_secret(endpoint_id)

    row = endpoint_row(endpoint_id)
    assert (row["secret"], row["old_secret"]) == (second, first)
    assert row["old_secret_until"] == pytest.approx(time.time() + 24 * 3600, abs=60)


def test_without_a_secret_nothing_signs_any_more() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    endpoints.set_secret(endpoint_id, signatures.new_secret())

    endpoints.set_secret(endpoint_id, "")

    row = endpoint_row(endpoint_id)
    assert (row["secret"], row["old_secret"]) == ("", "")
    with pytest.raises(InvalidError):
        endpoints.set_secret(endpoint_id, "whsec_short")


def test_a_secret_that_is_set_again_is_not_rotated() -> None:
    endpoint_id = endpoints.add_endpoint(URL)
    secret = endpoints.rotate_secret(endpoint_id)

    endpoints.set_secret(endpoint_id, secret)

    assert endpoint_row(endpoint_id)["old_secret"] == ""
