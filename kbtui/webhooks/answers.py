"""Answers: what each of them means for the delivery, and for the endpoint as a whole.

A table of meanings, and a function from an outcome to a verdict. Nothing here reads a clock of its own, the
database or the network.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Literal

from kbtui.webhooks import failures
from kbtui.webhooks.attempt import Outcome
from kbtui.webhooks.policy import Policy


class Meaning(Enum):
    """What an answer, or the lack of one, means."""

    DELIVERED = "delivered"
    FAILED = "tried again by the schedule"
    OUTAGE = "the endpoint is left alone for a minute, then tried again"
    BUSY = "the endpoint says itself when to come back, else a failure"
    OVERLOADED = "the endpoint says itself when to come back, else an outage"
    GONE = "the endpoint is disabled"
    HOPELESS = "no attempt can ever succeed"
    CUT_SHORT = "not counted"


MEANINGS: dict[int | str, Meaning] = {
    **dict.fromkeys(range(200, 300), Meaning.DELIVERED),
    410: Meaning.GONE,
    429: Meaning.BUSY,
    502: Meaning.OUTAGE,
    503: Meaning.OVERLOADED,
    504: Meaning.OUTAGE,
    failures.TIMEOUT: Meaning.OUTAGE,
    failures.PAYLOAD: Meaning.HOPELESS,
    failures.INTERRUPTED: Meaning.CUT_SHORT,
}
"""Status, or class of failure when there was none → what it means. All others are :attr:`Meaning.FAILED`."""

_LONGEST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens next to a delivery and its endpoint."""

    state: Literal["done", "ready", "dead"]
    due_in: float = 0.0
    """Seconds until the next attempt, for ``ready``."""
    pause: float = 0.0
    """For how many seconds the endpoint as a whole is left alone."""
    gone: bool = False
    """The endpoint wants nothing any more."""
    refusals: int = 0
    """How many times in a row the event has been refused with the same 4xx."""
    counts: bool = True
    """Whether a failure counts against the endpoint."""
    attempt_counts: bool = True
    """Whether it was one of the delivery's attempts."""


def judge(
    outcome: Outcome, *, attempt: int, refusals: int, last_status: int | None, steps: tuple[float, ...], policy: Policy
) -> Verdict:
    """Decide what an outcome means for attempt number ``attempt`` (from 1) of a delivery.

    ``refusals`` and ``last_status`` are from the attempts before; ``steps`` is the endpoint's schedule.
    """
    meaning = meaning_of(outcome)
    if meaning is Meaning.DELIVERED:
        return Verdict("done")
    if meaning is Meaning.CUT_SHORT:
        pause = policy.outage_pause if outcome.ms >= policy.patience * 1000 else 0.0
        return Verdict("ready", due_in=pause, pause=pause, refusals=refusals, counts=False, attempt_counts=False)
    refused = _refusals(outcome, meaning, refusals, last_status)
    # An event that was refused often enough says nothing about the endpoint any more.
    counts = refused <= policy.refusals
    if meaning is Meaning.HOPELESS:
        return Verdict("dead", refusals=refused, counts=False)
    if meaning is Meaning.GONE:
        state: Literal["ready", "dead"] = "ready" if attempt < len(steps) else "dead"
        return Verdict(state, gone=True, refusals=refused)
    pause = _pause(outcome, meaning, policy)
    if attempt >= len(steps):
        return Verdict("dead", pause=pause, refusals=refused, counts=counts)
    planned = steps[attempt] * random.uniform(1 - policy.jitter, 1 + policy.jitter)  # noqa: S311 - no secret
    return Verdict("ready", due_in=max(planned, pause), pause=pause, refusals=refused, counts=counts)


def meaning_of(outcome: Outcome) -> Meaning:
    """Look an outcome up in the table."""
    key = outcome.error if outcome.status is None else outcome.status
    return MEANINGS.get(key, Meaning.FAILED)


def retry_after(text: str, *, now: float) -> float | None:
    """Read a Retry-After: seconds, or an HTTP date. Return the seconds from now; None for junk or what is past."""
    value = text.strip()
    if value.isascii() and value.isdigit():
        return float(value[:_LONGEST_DIGITS]) or None
    try:
        date = parsedate_to_datetime(value)
        when = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (when - datetime.fromtimestamp(now, UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds > 0 else None


def _pause(outcome: Outcome, meaning: Meaning, policy: Policy) -> float:
    if meaning in (Meaning.BUSY, Meaning.OVERLOADED):
        asked = retry_after(outcome.retry_after, now=outcome.started_at + outcome.ms / 1000)
        if asked is not None:
            return min(asked, policy.longest_pause)
    return policy.outage_pause if meaning in (Meaning.OUTAGE, Meaning.OVERLOADED) else 0.0


def _refusals(outcome: Outcome, meaning: Meaning, before: int, last_status: int | None) -> int:
    """Count refusals in a row with the same 4xx; anything else starts anew."""
    status = outcome.status or 0
    if meaning is not Meaning.FAILED or not 400 <= status < 500:
        return 0
    return before + 1 if status == last_status else 1
