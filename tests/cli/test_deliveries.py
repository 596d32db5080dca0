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
    first, second = queued.received
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


@pytest.fixture
def failed(ok: Callable[..., str], run: Run, closed_port: int) -> int:
    """Give two deliveries to the endpoint ``there`` up: it has one attempt for each, and nobody listens."""
    ok("webhook", "add", f"http://127.0.0.1:{closed_port}/", "--name", "there", "--schedule", "0")
    for title in ("One", "Two"):
        assert run("task", "add", title).status == 0
    return closed_port


def ids(listed: list[dict[str, Any]]) -> list[int]:
    return [each["id"] for each in listed]


@pytest.mark.usefixtures("failed")
def test_deliveries_are_found_by_endpoint_task_and_time(
    ok: Callable[..., str], answer: Callable[..., Any], run: Run, receiver: Receiver
) -> None:
    ok("webhook", "add", receiver.url, "--name", "here", "--ordered", "no")
    run("task", "close", "Two")

    assert ids(answer("deliveries", "list")) == [4, 3, 2, 1]
    assert ids(answer("deliveries", "list", "--endpoint", "here")) == [4]
    assert ids(answer("deliveries", "list", "--endpoint", "1", "--state", "dead")) == [3, 2, 1]
    assert ids(answer("deliveries", "list", "--task", "#1")) == [1]
    assert ids(answer("deliveries", "list", "--task", "Two")) == [4, 3, 2], "also those that are sent in any order"
    assert ids(answer("deliveries", "list", "--since", "1h", "--limit", "2")) == [4, 3]
    assert answer("deliveries", "list", "--since", "2999-01-01") == []


@pytest.mark.usefixtures("queued")
def test_deliveries_about_a_task_that_was_removed_are_found_by_its_number(answer: Callable[..., Any], run: Run) -> None:
    run("task", "remove", "1")

    assert "task.create" in [each["event_name"] for each in answer("deliveries", "list", "--task", "1")]


@pytest.mark.parametrize("since", ["soon", "", "none", "+1d", "5", "1y", "-1d"])
def test_what_is_no_time_is_wrong_usage(run: Run, since: str) -> None:
    ran = run("deliveries", "list", f"--since={since}")

    assert ran.status == 2
    assert "is no time; try 30m, 12h, 1d" in ran.err


def test_unknown_endpoints_and_tasks_are_refused(refusal: Callable[..., str]) -> None:
    assert "There is no webhook endpoint" in refusal("deliveries", "list", "--endpoint", "x")
    assert "There is no task" in refusal("deliveries", "list", "--task", "x")


def test_a_request_is_shown_as_it_is_sent_with_token_and_secrets_masked(
    ok: Callable[..., str], answer: Callable[..., Any], queued: Receiver
) -> None:
    ok("webhook", "edit", "here", "--header", "Authorization: Bearer hidden")
    secret = answer("webhook", "secret", "here", "--rotate", "--show")["secret"]
    token = ok("webhook", "token").strip()
    ok("deliver", "--once")

    shown = ok("deliveries", "show", "1") + ok("deliveries", "show", "1", "--json")

    assert f"POST {queued.url}?token=•••" in shown
    for line in ("Authorization: •••", "webhook-signature: v1,•••", "User-Agent: Kanboard Webhook"):
        assert line in shown
    assert not any(hidden in shown for hidden in (token, secret, "Bearer hidden"))


def test_all_that_was_given_up_is_sent_again_by_one_command(
    ok: Callable[..., str], answer: Callable[..., Any], failed: int, receiver: Receiver
) -> None:
    assert {each["state"] for each in answer("deliveries", "list")} == {"dead"}
    ok("webhook", "edit", "there", "--url", receiver.url)

    assert answer("deliveries", "resend", "--failed", "--since", "2999-01-01") == {"resent": [], "queued": 0}
    again = answer("deliveries", "resend", "--failed", "--since", "1h", "--endpoint", "there")

    assert again == {"resent": [1, 2], "queued": 0}
    assert sorted(received.webhook_id for received in receiver.received) == sorted(
        each["webhook_id"] for each in answer("deliveries", "list")
    )


@pytest.mark.parametrize(
    "argv", [[], ["1", "--failed"], ["1", "--since", "1d"], ["1", "--endpoint", "here"], ["--since", "1d"]]
)
def test_either_ids_or_failed_says_what_is_sent_again(run: Run, argv: list[str]) -> None:
    assert run("deliveries", "resend", *argv).status == 2


def test_a_skipped_delivery_lets_the_next_of_its_task_go(
    ok: Callable[..., str], answer: Callable[..., Any], run: Run, queued: Receiver
) -> None:
    run("task", "close", "1", "--no-deliver")
    assert [each["state"] for each in answer("deliveries", "list")] == ["blocked", "ready"]

    skipped = answer("deliveries", "skip", "1")

    assert skipped == {"skipped": [1], "queued": 0}
    assert queued.names == ["task.close"]
    assert answer("deliveries", "show", "1")["last_error"] == "skipped"


@pytest.mark.usefixtures("queued")
def test_what_cannot_be_skipped_is_refused_and_nothing_is(
    refusal: Callable[..., str], ok: Callable[..., str], answer: Callable[..., Any], run: Run
) -> None:
    ok("deliver", "--once")
    run("task", "close", "1", "--no-deliver")

    assert "finished already; only one that waits can be skipped" in refusal("deliveries", "skip", "2", "1")
    assert 'There is no delivery "9"' in refusal("deliveries", "skip", "2", "9")

    assert answer("deliveries", "show", "2")["state"] == "ready"


@pytest.mark.usefixtures("queued")
def test_finished_deliveries_are_pruned_by_the_boards_rule_or_by_another_one(
    ok: Callable[..., str], answer: Callable[..., Any], run: Run
) -> None:
    for title in ("Two", "Three"):
        run("task", "add", title, "--no-deliver")
    ok("deliver", "--once")
    assert "0 deliveries removed. Kept are those delivered in the last 7 days, at most 10,000" in ok(
        "deliveries", "prune"
    )

    pruned = answer("deliveries", "prune", "--keep-rows", "2")

    assert pruned["removed"] == {"done": 1, "dead": 0, "events": 0}
    assert pruned["keep"] == {"days": 7, "rows": 2, "failed_days": 30, "event_days": 90}
    assert ids(answer("deliveries", "list")) == [3, 2]
    assert answer("deliveries", "prune")["keep"]["rows"] == 10_000, "it was for this time only"
    assert answer("deliveries", "prune", "--keep-days", "0", "--save")["removed"]["done"] == 2
    assert answer("deliveries", "prune")["keep"]["days"] == 0


@pytest.mark.parametrize("option", ["--keep-days", "--keep-rows", "--keep-failed-days", "--keep-event-days"])
def test_a_rule_that_makes_no_sense_is_refused(refusal: Callable[..., str], option: str) -> None:
    assert "kept" in refusal("deliveries", "prune", f"{option}=-1")
