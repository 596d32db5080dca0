"""A delivery in full: what it is, what is sent, and what every attempt brought."""

from textual.content import Content

from kbtui.tui.glyphs import drawable
from kbtui.tui.widgets.delivery_table import moment, next_try
from kbtui.tui.words import escaped
from kbtui.webhooks import deliveries
from kbtui.webhooks.deliveries import DeliveryRow


def describe(row: DeliveryRow) -> Content:
    """Return a delivery in full; raise NotFoundError when it is gone.

    Token and secrets are masked, and what a terminal would obey is written out.
    """
    url, headers, body = deliveries.read_request(row.id)
    lines: list[Content] = [
        Content.assemble(
            (f"{row.event_name}", "bold"),
            f"  delivery {row.id}, {row.state}, attempt {row.attempt} of {row.max_attempts}",
        ),
        Content(f"{row.webhook_id}  created {moment(row.date_creation)}  to {drawable(row.endpoint)}"),
    ]
    if row.next_try is not None:
        lines.append(Content(f"next try {next_try(row)}"))
    elif row.held and row.state in ("ready", "blocked"):
        lines.append(Content(f"kept, since {drawable(row.endpoint)} is {row.held}"))
    if row.state == "blocked":
        lines.append(Content("waits for an earlier delivery of its task"))
    for attempt in reversed(deliveries.list_attempts(row.id)):
        status = f"status {attempt.status}" if attempt.status else attempt.error or "no answer"
        ms = f" in {attempt.ms:,.0f} ms" if attempt.ms is not None else ""
        lines += [
            Content(""),
            Content.assemble((f"Attempt {attempt.number}", "bold"),
                             f" at {moment(attempt.started_at)}: {status}{ms}"),
        ]  # fmt: skip
        lines += [Content(drawable(attempt.detail))] if attempt.detail else []
        head = attempt.answer_headers.splitlines()
        lines += [Content.assemble((drawable(escaped(line)), "dim")) for line in head]
        lines += [Content(drawable(escaped(line))) for line in attempt.answer.splitlines()]
    lines += [Content(""), Content.assemble(("Request", "bold")), Content(f"POST {url}")]
    lines += [Content.assemble((f"{name}: {value}", "dim")) for name, value in headers]
    lines += [Content(""), Content(drawable(body) or "The event is damaged: nothing can be sent.")]
    return Content("\n").join(lines)
