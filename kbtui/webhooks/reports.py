"""Reports: what can be told about a finished attempt."""

from dataclasses import dataclass

from kbtui.webhooks.outbox import Settled
from kbtui.webhooks.policy import Policy


@dataclass(frozen=True, slots=True)
class Report:
    """One finished attempt, for who wants to tell about it; it holds no secret."""

    time: float
    delivery_id: int
    webhook_id: str
    event_name: str
    task_id: int | None
    endpoint_id: int
    endpoint: str
    attempt: int
    attempts: int
    """How many there can be."""
    state: str
    """``done``, ``ready`` (to be tried again) or ``dead``."""
    status: int | None
    error: str
    detail: str
    ms: float
    next_try: float | None


def report(settled: Settled, policy: Policy) -> Report:
    """Return what can be told about an attempt that has been written."""
    claimed, outcome, verdict = settled.claimed, settled.outcome, settled.verdict
    return Report(
        time=outcome.started_at,
        delivery_id=claimed.id,
        webhook_id=claimed.webhook_id,
        event_name=claimed.event_name,
        task_id=claimed.task_id,
        endpoint_id=claimed.endpoint["id"],
        endpoint=claimed.endpoint["name"],
        attempt=claimed.attempt,
        attempts=len(policy.steps(claimed.endpoint["schedule"])),
        state=verdict.state,
        status=outcome.status,
        error=outcome.error,
        detail=outcome.detail,
        ms=outcome.ms,
        next_try=settled.due_at if verdict.state == "ready" else None,
    )
