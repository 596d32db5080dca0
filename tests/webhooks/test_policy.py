"""The numbers of delivery, and schedules as people write them."""

from dataclasses import asdict

import pytest

from kbtui.errors import InvalidError
from kbtui.webhooks.policy import BUDGET_MS, HOUR, MASK, MINUTE, SCHEDULE, Policy, parse_schedule


def test_the_numbers_are_those_that_were_promised() -> None:
    hours = (2, 5, 10, 14, 20, 24)

    assert (0, 5, 300, 1800, *(each * 3600 for each in hours)) == SCHEDULE
    assert (BUDGET_MS, MINUTE, HOUR, MASK) == (1000, 60, 3600, "•••")
    assert asdict(Policy()) == {
        "schedule": SCHEDULE,
        "jitter": 0.2,
        "deadline": None,
        "lease_margin": 15,
        "longest_deadline": 30,
        "in_flight": 8,
        "outage_pause": 60,
        "longest_pause": 86400,
        "breaker": 5,
        "refusals": 3,
        "give_up_after": 432_000,
        "patience": 1,
        "answer_limit": 20_000,
        "answer_kept": 2048,
        "poll": 0.1,
        "busy_timeout": 0.05,
        "database_retry": 0.1,
        "grace": 2,
        "restart_delay": 1,
        "checkpoint_after": 1,
        "checkpoint_every": 10,
        "prune_every": 600,
    }


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("", ()),
        (" , ,", ()),
        ("0", (0.0,)),
        ("0, 5s,7M , 2h", (0.0, 5.0, 420.0, 7200.0)),
        ("604800,10080m,168h", (604800.0,) * 3),
        (",".join(["1"] * 100), (1.0,) * 100),
    ],
)
def test_a_schedule_is_read(text: str, steps: tuple[float, ...]) -> None:
    assert parse_schedule(text) == steps
    assert Policy().steps(text) == (steps or SCHEDULE)


@pytest.mark.parametrize(
    "text", ["soon", "s", "1d", "-1", "1.5", "5 s", "٣", "604801", "10081m", "169h", "0000001", ",".join(["1"] * 101)]
)
def test_what_is_no_schedule_is_refused_and_where_it_stands_already_means_the_usual_one(text: str) -> None:
    with pytest.raises(InvalidError, match="schedule"):
        parse_schedule(text)

    assert Policy(schedule=(0.0, 7.0)).steps(text) == (0.0, 7.0)


def test_a_lease_is_a_margin_longer_than_the_deadline_that_counts() -> None:
    assert Policy().lease(20.0) == 35
    assert Policy(deadline=5.0).lease(20.0) == 20
    assert Policy().longest_lease == 45
