from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Receiver, Run


@pytest.fixture
def queued(ok: Callable[..., str], run: Run, receiver: Receiver) -> Receiver:
    """Queue one delivery, which is not sent yet."""
    ok("webhook", "add", receiver.url, "--name", "here")
    assert run("task", "add", "One", "--no-deliver").status == 0
    return receiver


@pytest.mark.usefixtures("queued")
def test_deliveries_are_listed_the_newest_first_and_by_state(
    ok: Callable[..., str], answer: Callable[..., Any]
) -> None:
    ok("deliver", "--once")
    assert ok("task", "close", "1")

    listed = answer("deliveries", "list")

    assert [(each["event_name"], each["state"]) for each in listed] == [("task.close", "done"), ("task.create", "done")]
    assert answer("deliveries", "list", "--state", "ready") == []
    assert len(answer("deliveries", "list", "--state", "done", "--limit", "1")) == 1
    heads, first, _ = ok("deliveries", "list").splitlines()
    assert heads.split()[:3] == ["ID", "TIME", "EVENT"]
    assert first.split()[3:7] == ["task.close", "#1", "here", "done"]


def test_no_deliveries_is_a_sentence_or_an_empty_document(ok: Callable[..., str], answer: Callable[..., Any]) -> None:
    assert ok("deliveries", "list") == "There are no such deliveries.\n"
    assert answer("deliveries", "list") == []


@pytest.mark.usefixtures("queued")
def test_a_delivery_is_shown_with_its_body_and_every_attempt(
    ok: Callable[..., str], answer: Callable[..., Any]
) -> None:
    ok("deliver", "--once")

    shown = ok("deliveries", "show", "1")
    document = answer("deliveries", "show", "#1")

    assert '{"event_name":"task.create","event_data":{"title":"One",' in shown
    assert "\nAttempt 1 at " in shown
    assert document["payload"]["event_data"]["title"] == "One"
    assert [(each["status"], each["answer"]) for each in document["attempts"]] == [(200, "OK")]
    assert answer("deliveries", "show", document["webhook_id"])["id"] == 1


def test_a_delivery_is_sent_again_under_the_same_id(
    answer: Callable[..., Any], ok: Callable[..., str], queued: Receiver
) -> None:
    ok("deliver", "--once")

    again = answer("deliveries", "resend", "1")

    assert again == {"resent": [1], "queued": 0}
    first, second = queued.listener.received
    assert first.webhook_id == second.webhook_id
    assert first.body == second.body


def test_with_no_deliver_a_delivery_is_only_queued_again(run: Run, ok: Callable[..., str], queued: Receiver) -> None:
    ok("deliver", "--once")

    ran = run("deliveries", "resend", "1", "--no-deliver")

    assert (ran.status, ran.out) == (0, "1 delivery to be sent again.\n")
    assert ran.err == "1 delivery left queued; send with: kbtui deliver\n"
    assert len(queued.names) == 1


@pytest.mark.usefixtures("queued")
def test_an_unknown_delivery_is_refused_and_none_is_sent(refusal: Callable[..., str], queued: Receiver) -> None:
    for ref in ("99", "msg_unknown", "9" * 40, ""):
        assert f'There is no delivery "{ref}"' in refusal("deliveries", "show", ref)
    assert 'There is no delivery "99"' in refusal("deliveries", "resend", "1", "99")
    assert queued.names == []
