"""The numbers of delivery: how long, how often, how many. Tests use shorter ones."""

import contextlib
import re
from dataclasses import dataclass

from kbtui.errors import InvalidError

MASK = "•••"
"""What is shown in place of a secret."""

BUDGET_MS = 1000.0
"""Within how many milliseconds a receiver is asked to answer."""

MINUTE, HOUR = 60.0, 3600.0
SCHEDULE = (0.0, 5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds from one attempt to the next, as Standard Webhooks suggests; as many attempts as there are entries."""

MOST_ATTEMPTS = 100


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything about delivery that is a number, in seconds unless it counts something."""

    schedule: tuple[float, ...] = SCHEDULE
    """For endpoints without a schedule of their own."""
    jitter: float = 0.2
    """Which part of a planned step is added or taken away at random, so that many boards don't knock at once."""
    deadline: float | None = None
    """In place of every endpoint's own deadline for one attempt."""
    lease_margin: float = 15.0
    """How much longer than its deadline a delivery belongs to who claimed it."""
    longest_deadline: float = 30.0
    in_flight: int = 8
    """How many requests one process has open at most; an endpoint's own limit is its ``concurrency``."""
    outage_pause: float = MINUTE
    """For how long an endpoint is left alone, at least, after 502, 503, 504 or no answer in time."""
    longest_pause: float = 24 * HOUR
    """How much of a Retry-After is taken."""
    breaker: int = 5
    """After how many failures in a row an endpoint only gets its oldest event as a probe."""
    refusals: int = 3
    """After how many refusals with the same 4xx an event stops holding up the later ones of its task."""
    give_up_after: float = 120 * HOUR
    """After how long of nothing but failures an endpoint is disabled."""
    patience: float = 1.0
    """After how much waiting a request that is cut short shows an outage: what is slow is not tried again at once."""
    answer_limit: int = 20_000
    """How many bytes of an answer are read."""
    answer_kept: int = 2048
    """How many bytes of an answer are kept."""
    poll: float = 0.1
    """How often commits of other processes are looked for."""
    busy_timeout: float = 0.05
    """How long the engine's thread waits for the database's lock before it goes back to its requests."""
    database_retry: float = 0.1
    """How long it then does without the database."""
    grace: float = 2.0
    """For how long after such a wait leases of others are left alone, so that they can write their results first."""
    restart_delay: float = 1.0
    """How long a failed engine rests before it is started again."""
    checkpoint_after: float = 1.0
    """After how much idleness the write-ahead log is moved into the database file."""
    checkpoint_every: float = 10.0
    """How often it is moved at least, while there is no idleness."""
    prune_every: float = 10 * MINUTE
    """How often what was finished long ago is looked for and removed."""

    def steps(self, own: str) -> tuple[float, ...]:
        """Return the schedule of an endpoint, given its ``schedule`` field; one that is damaged is none."""
        with contextlib.suppress(InvalidError):
            return parse_schedule(own) or self.schedule
        return self.schedule

    def lease(self, deadline: float) -> float:
        """Return for how long a delivery is claimed."""
        return (self.deadline or deadline) + self.lease_margin

    @property
    def longest_lease(self) -> float:
        """No lease can be longer than this; what is, was made under a clock that has since been set back."""
        return self.lease(self.longest_deadline)


def parse_schedule(text: str) -> tuple[float, ...]:
    """Read a schedule such as ``0, 5s, 5m, 2h``; raise InvalidError in words. An empty text is no schedule."""
    units = {"s": 1.0, "m": MINUTE, "h": HOUR}
    steps: list[float] = []
    for word in filter(None, (part.strip().lower() for part in text.split(","))):
        number, unit = (word[:-1], units[word[-1]]) if word[-1] in units else (word, 1.0)
        if not re.fullmatch("[0-9]{1,6}", number) or int(number) * unit > 7 * 24 * HOUR:
            raise InvalidError(f"{word!r} in the schedule is no time up to 168h, such as 30s, 5m or 2h.")
        steps.append(int(number) * unit)
    if len(steps) > MOST_ATTEMPTS:
        raise InvalidError(f"The schedule has {len(steps)} attempts; it can have at most {MOST_ATTEMPTS}.")
    return tuple(steps)
