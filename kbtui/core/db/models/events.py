"""The tables of what happened, and of what is sent of it."""

from peewee import SQL, BigIntegerField, Check, DoubleField, IntegerField, TextField, fn

from kbtui.core.db.models.base import BaseModel, Bytes, big, integer, owned, real, reference, text
from kbtui.core.db.models.board import Project


class Activity(BaseModel):
    """What happened, small and for ever: when, who, what, where, and the old and new values as JSON.

    The feed of changes reads it too: ``column_id`` and ``swimlane_id`` are the task's cell after the change,
    ``src_column_id`` and ``src_swimlane_id`` the one before, where that was another one.
    """

    name = TextField()
    project_id = BigIntegerField(null=True)
    task_id = BigIntegerField(null=True)
    column_id = BigIntegerField(null=True)
    swimlane_id = BigIntegerField(null=True)
    src_column_id = BigIntegerField(null=True)
    src_swimlane_id = BigIntegerField(null=True)
    author_id = big()
    author = TextField(null=True)
    date_creation = BigIntegerField()
    details = TextField()

    class Meta:
        """Name the table."""

        table_name = "activity"


Activity.add_index(Activity.task_id, Activity.id, name="activity_task")
Activity.add_index(Activity.project_id, Activity.id, name="activity_project")


class EventText(BaseModel):
    """A long description, kept once for all events that tell of it."""

    digest = TextField(constraints=[SQL("UNIQUE")])
    text = TextField()

    class Meta:
        """Name the table."""

        table_name = "event_texts"


class Event(BaseModel):
    """An event on its way to the receivers, with the snapshot that it tells. Written by ``log.record`` alone.

    ``facts`` is JSON; a long description stands in ``text`` instead of in it.
    """

    name = TextField()
    formats = TextField(null=True)
    project_id = BigIntegerField(null=True)
    task_id = BigIntegerField(null=True)
    author_id = big()
    author = TextField(null=True)
    date_creation = BigIntegerField()
    facts = TextField()
    text_id: int | None
    text = reference(EventText, "text_id", null=True)

    class Meta:
        """Name the table."""

        table_name = "events"


Event.add_index(Event.date_creation, Event.id, name="events_date")
Event.add_index(Event.text, where=Event.text.is_null(False), name="events_text")


class Endpoint(BaseModel):
    """Where events go: a URL, which events it wants, and how it has been answering."""

    name = TextField()
    url = TextField()
    format = text("kanboard-1.0")
    events = text("*")
    project_id: int | None
    project = owned(Project, "project_id", null=True)
    is_enabled = integer(1)
    disabled_reason = text()
    is_paused = integer()
    paused_until = real()
    failures = integer()
    failing_since = real()
    deadline = real(10)
    schedule = text()
    is_ordered = integer(1)
    concurrency = integer(4)
    secret = text()
    old_secret = text()
    old_secret_until = real()
    ca_file = text()
    headers = text("{}")
    use_proxy = integer()

    class Meta:
        """Name the table."""

        table_name = "endpoints"


Endpoint.add_index(fn.lower(Endpoint.name), unique=True, name="endpoints_name")

UNFINISHED = ("ready", "sending", "blocked")
"""The states of a delivery that is still to be made."""

FINISHED = ("done", "dead")
"""The states of a delivery that was made or given up."""


class Delivery(BaseModel):
    """One event on its way to one endpoint, under a stable ``webhook_id``.

    It is ``blocked`` while an earlier one of its task, or the one of another task in ``waits_for``, is unfinished.
    """

    webhook_id = TextField(constraints=[SQL("UNIQUE")])
    event_id: int
    event = reference(Event, "event_id")
    endpoint_id: int
    endpoint = owned(Endpoint, "endpoint_id")
    task_id = BigIntegerField(null=True)
    event_name = TextField()
    state = TextField(constraints=[Check("state IN ('ready', 'sending', 'blocked', 'done', 'dead')")])
    attempt = integer()
    date_creation = DoubleField()
    scheduled_at = DoubleField()
    due_at = DoubleField()
    leased_until = real()
    owner = text()
    refusals = integer()
    finished_at = real()
    last_status = IntegerField(null=True)
    last_error = text()
    last_ms = DoubleField(null=True)
    format = text()
    waits_for = BigIntegerField(null=True)

    class Meta:
        """Name the table."""

        table_name = "deliveries"


_IN_LINE = Delivery.state.in_(UNFINISHED)
Delivery.add_index(
    Delivery.endpoint, Delivery.due_at, Delivery.id, where=(Delivery.state == "ready"), name="deliveries_ready"
)
Delivery.add_index(Delivery.leased_until, where=(Delivery.state == "sending"), name="deliveries_leased")
Delivery.add_index(
    Delivery.endpoint, Delivery.task_id, Delivery.id, Delivery.state, where=_IN_LINE, name="deliveries_unfinished"
)
Delivery.add_index(
    Delivery.endpoint,
    Delivery.task_id,
    unique=True,
    where=Delivery.state.in_(("ready", "sending")),
    name="deliveries_in_flight",
)
Delivery.add_index(Delivery.finished_at, where=Delivery.state.in_(FINISHED), name="deliveries_finished")
Delivery.add_index(Delivery.endpoint, Delivery.id, name="deliveries_endpoint")
Delivery.add_index(Delivery.event, name="deliveries_event")
Delivery.add_index(Delivery.waits_for, where=Delivery.waits_for.is_null(False), name="deliveries_waiting")


class Attempt(BaseModel):
    """One POST of a delivery, and what came back."""

    delivery_id: int
    delivery = owned(Delivery, "delivery_id")
    endpoint_id: int
    endpoint = owned(Endpoint, "endpoint_id")
    number = IntegerField()
    started_at = DoubleField()
    ms = DoubleField(null=True)
    status = IntegerField(null=True)
    error = text()
    detail = text()
    answer_headers = text()
    answer = Bytes()

    class Meta:
        """Name the table."""

        table_name = "attempts"


Attempt.add_index(Attempt.delivery, Attempt.number, name="attempts_delivery")
Attempt.add_index(Attempt.endpoint, Attempt.id, name="attempts_endpoint")
