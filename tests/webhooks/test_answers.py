"""The table of answers: what each of them means, and when the next attempt is."""

from email.utils import formatdate

import pytest

from kbtui.webhooks import answers
from kbtui.webhooks.answers import Meaning, Verdict, judge
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.policy import SCHEDULE, Policy, parse_schedule

STEADY = Policy(jitter=0.0)
NOW = 1_800_000_000.0


def outcome(status: int | None = None, error: str = "", *, retry_after: str = "", ms: float = 0.0) -> Outcome:
    return Outcome(NOW, ms, error or ("" if status and status < 300 else "status"), "", status, retry_after)


def verdict(
    status: int | None = None,
    error: str = "",
    *,
    attempt: int = 1,
    refusals: int = 0,
    last_status: int | None = None,
    retry_after: str = "",
    ms: float = 0.0,
    policy: Policy = STEADY,
) -> Verdict:
    return judge(
        outcome(status, error, retry_after=retry_after, ms=ms),
        attempt=attempt,
        refusals=refusals,
        last_status=last_status,
        steps=policy.schedule,
        policy=policy,
    )


@pytest.mark.parametrize("status", [200, 201, 202, 204, 226, 299])
def test_any_2xx_is_a_delivery(status: int) -> None:
    assert verdict(status) == Verdict("done")


@pytest.mark.parametrize(
    "status", [101, 301, 302, 304, 307, 308, 400, 401, 403, 404, 409, 422, 500, 501, 505, 599, 999]
)
def test_any_other_status_is_tried_again_by_the_schedule(status: int) -> None:
    judged = verdict(status, attempt=3)

    assert (judged.state, judged.due_in, judged.pause) == ("ready", 30 * 60, 0)
    assert judged.counts


@pytest.mark.parametrize(
    "error", ["refused", "reset", "unreachable", "dns", "tls", "protocol", "blocked", "url", "internal"]
)
def test_no_answer_is_tried_again_by_the_schedule(error: str) -> None:
    judged = verdict(None, error)

    assert (judged.state, judged.due_in, judged.pause) == ("ready", 5, 0)


@pytest.mark.parametrize(("status", "error"), [(502, ""), (503, ""), (504, ""), (None, "timeout")])
def test_an_outage_leaves_the_endpoint_alone_for_a_minute(status: int | None, error: str) -> None:
    first, later = verdict(status, error, attempt=1), verdict(status, error, attempt=4)

    assert (first.due_in, first.pause) == (60, 60)
    assert (later.due_in, later.pause) == (2 * 3600, 60)


def test_410_means_that_the_endpoint_is_gone_and_the_event_is_kept() -> None:
    judged = verdict(410)

    assert judged.gone
    assert judged.state == "ready"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("7", 7),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 400, 86400),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW + 3 * 86400, usegmt=True), 86400),
    ],
)
def test_retry_after_pauses_the_endpoint_that_long_but_at_most_a_day(status: int, text: str, pause: float) -> None:
    judged = verdict(status, retry_after=text)

    assert judged.pause == pause
    assert judged.due_in == max(5, pause)


JUNK = ["", "0", "-5", "soon", "1.5", "1e3", "٣", "Tue, 99 Nov 2026 00:00:00 GMT", formatdate(NOW - 5, usegmt=True)]


@pytest.mark.parametrize("text", JUNK)
def test_a_retry_after_that_is_junk_or_past_means_the_planned_step(text: str) -> None:
    busy, overloaded = verdict(429, retry_after=text), verdict(503, retry_after=text)

    assert (busy.due_in, busy.pause) == (5, 0)
    assert (overloaded.due_in, overloaded.pause) == (60, 60)


def test_retry_after_of_other_answers_is_not_heeded() -> None:
    assert verdict(500, retry_after="600").pause == 0


def test_a_date_without_a_zone_is_taken_as_utc() -> None:
    assert answers.retry_after(formatdate(NOW + 60).replace("-0000", ""), now=NOW) == 60


def test_the_schedule_is_the_one_of_standard_webhooks_and_then_the_event_is_dead() -> None:
    planned = [verdict(500, attempt=attempt) for attempt in range(1, 11)]

    assert [each.due_in for each in planned[:-1]] == list(SCHEDULE[1:])
    assert [each.state for each in planned] == ["ready"] * 9 + ["dead"]


def test_each_step_is_a_fifth_shorter_or_longer_at_random() -> None:
    policy = Policy()

    steps = {verdict(500, attempt=2, policy=policy).due_in for _ in range(200)}

    assert 240 <= min(steps) < 270
    assert 330 < max(steps) <= 360


def test_a_jittered_step_after_an_outage_is_never_shorter_than_the_pause() -> None:
    assert min(verdict(502, policy=Policy()).due_in for _ in range(50)) == 60


def test_refusals_with_the_same_4xx_are_counted_and_others_start_anew() -> None:
    assert verdict(422).refusals == 1
    assert verdict(422, refusals=1, last_status=422).refusals == 2
    assert verdict(400, refusals=2, last_status=422).refusals == 1
    assert verdict(500, refusals=2, last_status=422).refusals == 0
    assert verdict(None, "timeout", refusals=2, last_status=422).refusals == 0


@pytest.mark.parametrize("status", [410, 429])
def test_gone_and_too_many_requests_are_no_refusals_of_the_event(status: int) -> None:
    assert verdict(status).refusals == 0


def test_an_event_that_was_refused_three_times_says_nothing_more_about_the_endpoint() -> None:
    assert verdict(422, refusals=2, last_status=422, attempt=3).counts
    assert not verdict(422, refusals=3, last_status=422, attempt=4).counts


def test_an_event_that_cannot_be_rendered_is_dead_at_once_and_no_fault_of_the_endpoint() -> None:
    judged = verdict(None, "payload")

    assert (judged.state, judged.counts) == ("dead", False)


def test_a_request_that_was_cut_short_is_no_attempt() -> None:
    early, late = verdict(None, "interrupted", ms=200, attempt=10), verdict(None, "interrupted", ms=1500, attempt=10)

    assert (early.state, early.attempt_counts, early.counts, early.due_in) == ("ready", False, False, 0)
    assert (late.state, late.attempt_counts, late.counts, late.pause) == ("ready", False, False, 60)


def test_a_receiver_that_sends_more_than_a_status_is_judged_by_the_status() -> None:
    assert answers.meaning_of(Outcome(NOW, 1, "status", "", 502)) is Meaning.OUTAGE
    assert answers.meaning_of(Outcome(NOW, 1, "redirect", "", 301)) is Meaning.FAILED


def test_a_schedule_is_read_in_seconds_minutes_and_hours() -> None:
    assert parse_schedule("0, 5s,5M , 2h,") == (0, 5, 300, 7200)
    assert parse_schedule("") == ()
