"""Run a command on the open board: who is at work, what it changes, and that its events are sent."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace

from peewee import fn

from kbtui.cli.output import Answer, counted, print_note, print_text
from kbtui.cli.progress import print_notice
from kbtui.config import Settings
from kbtui.core.db import database
from kbtui.core.db.models import UNFINISHED, Delivery
from kbtui.core.db.prepared import among, rows
from kbtui.core.events import log
from kbtui.core.projects import users
from kbtui.errors import NotFoundError

BUSY_SECONDS = 5.0
"""How long to wait for another program's lock."""

DELIVER_SECONDS = 2.0
"""How long a command that changed something sends events before it leaves the rest queued."""


def run_on_board(command: Callable[[Namespace, Settings], Answer], arguments: Namespace, settings: Settings) -> Answer:
    """Run a command on the open board, and send what it recorded; return what of its answer is left to print."""
    database.connect(settings.database, busy_timeout=BUSY_SECONDS, tell=print_notice)
    recorded: list[log.Recorded] = []
    stop_listening = log.on_commit(recorded.append)
    try:
        with log.authored_by(_author_id(settings, arguments)):
            answer = command(arguments, settings)
        return _deliver(answer, recorded, arguments) if answer.changed else answer
    finally:
        stop_listening()
        database.close()


def _deliver(answer: Answer, recorded: Sequence[log.Recorded], arguments: Namespace) -> Answer:
    """Send the events that were recorded, and say how many of their deliveries are left."""
    if not arguments.json:
        # The change is made: a person need not wait for the receiver to read so.
        print_text(answer.text)
        answer = replace(answer, text="")
    waiting = sum(each.deliveries for each in recorded) + len(answer.resent)
    if waiting and arguments.deliver:
        from kbtui.webhooks.delivery import deliver_until_idle  # needed only when something waits

        deliver_until_idle(DELIVER_SECONDS)
        waiting = _count_queued([number for each in recorded for number in each.event_ids], answer.resent)
    if waiting and not arguments.json:
        whom = " for the kbtui that is delivering" if _others_deliver() else "; send with: kbtui deliver"
        print_note(f"{counted(waiting, 'delivery', 'deliveries')} left queued{whom}")
    return replace(answer, document={**answer.document, "queued": waiting})


def _count_queued(event_ids: Sequence[int], resent: tuple[int, ...]) -> int:
    """Return how many deliveries are unfinished, of those of these events and those sent again."""
    wanted = Delivery.event.in_(among(event_ids)) | Delivery.id.in_(among(resent))
    query = Delivery.select(fn.count(Delivery.id)).where(wanted & Delivery.state.in_(UNFINISHED))
    ((count,),) = rows(query, tuple)
    return int(count)


def _others_deliver() -> bool:
    from kbtui.webhooks.sender_lock import SenderLock  # needed only when something waits

    lock = SenderLock()
    is_alone = lock.take_alone()
    lock.leave()
    return not is_alone


def _author_id(settings: Settings, arguments: Namespace) -> int:
    """Return who does what the command does; while users are edited, the settings may name one still to come."""
    try:
        return users.find_author_id(settings.user)
    except NotFoundError:
        if arguments.edits_users:
            return users.ADMIN_ID
        raise
