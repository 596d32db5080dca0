"""How long finished deliveries are kept, and that clearing them away holds nobody up."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from kbtui.core.db.models import RemovedItem
from kbtui.core.events.feed import Feed
from kbtui.core.projects import settings
from kbtui.errors import InvalidError
from kbtui.webhooks import endpoints, redelivery, retention
from kbtui.webhooks.engine import Engine
from kbtui.webhooks.listener import Listener
from kbtui.webhooks.policy import Policy
from kbtui.webhooks.retention import DAY, Pruning, Retention, Upkeep
from tests import sql
from tests.patience import PATIENCE
from tests.sql import fetch_all, fetch_one
from tests.webhooks.outgoing import announce, attempts, deliver, deliveries, plan, states

URL = "http://127.0.0.1:9/hook"

pytestmark = pytest.mark.usefixtures("board")


def finish(state: str, ages: Iterable[float]) -> list[int]:
    """Make a finished delivery with two attempts for each age in days, and return their ids."""
    now = time.time()
    ids = []
    for age in ages:
        announce(None)
        (delivery_id,) = fetch_one("SELECT max(id) FROM deliveries") or (0,)
        sql.execute(
            "UPDATE deliveries SET state = ?, finished_at = ? WHERE id = ?", (state, now - age * DAY, delivery_id)
        )
        for number in (1, 2):
            sql.execute(
                "INSERT INTO attempts (delivery_id, endpoint_id, number, started_at) VALUES (?, 1, ?, 0)",
                (delivery_id, number),
            )
        ids.append(delivery_id)
    return ids


def left() -> list[int]:
    return [row["id"] for row in deliveries()]


def test_what_was_delivered_is_kept_for_seven_days_and_what_was_given_up_for_thirty() -> None:
    endpoints.add_endpoint(URL)
    done = finish("done", (8, 7.1, 6.9, 0))
    dead = finish("dead", (31, 30.1, 29.9, 8))

    pruned = retention.prune()

    assert (pruned.done, pruned.dead) == (2, 2)
    assert left() == done[2:] + dead[2:]


def test_of_what_was_delivered_only_the_newest_are_kept() -> None:
    endpoints.add_endpoint(URL)
    done = finish("done", (5, 1, 3, 2, 4))
    dead = finish("dead", (6, 6))

    retention.prune(Retention(rows=3))

    assert left() == [done[1], done[2], done[3], *dead]


def test_those_finished_at_one_moment_are_counted_one_by_one() -> None:
    endpoints.add_endpoint(URL)
    done = finish("done", (1, 1, 1))
    sql.execute("UPDATE deliveries SET finished_at = 1000.0")

    retention.prune(Retention(days=36_500, rows=2))

    assert left() == done[1:]


def test_attempts_go_with_their_delivery_and_events_stay() -> None:
    endpoints.add_endpoint(URL)
    finish("done", (8, 1))
    feed = Feed()
    feed.last_id = 0

    retention.prune()

    assert {row["delivery_id"] for row in attempts()} == {2}
    assert [event.id for event in feed.read()] == [1, 2], "a screen that was slow to read misses nothing"


def grow_old(days: float) -> None:
    """Let all events have happened so long ago."""
    sql.execute("UPDATE events SET date_creation = ?", (int(time.time() - days * DAY),))


def events_left() -> list[int]:
    return [event_id for (event_id,) in fetch_all("SELECT id FROM events ORDER BY id")]


def test_an_event_goes_after_ninety_days_once_it_has_no_delivery_any_more() -> None:
    endpoints.add_endpoint(URL)
    finish("done", (95,))
    finish("dead", (20,))
    announce(1)
    grow_old(91)

    pruned = retention.prune()

    assert (pruned.done, pruned.dead, pruned.events) == (1, 0, 1)
    assert events_left() == [2, 3], "one can still be sent again, one waits"
    assert fetch_all("SELECT count(*) FROM activity") == [(3,)]


def test_a_younger_event_stays_and_how_long_is_a_setting() -> None:
    announce(1)
    grow_old(89)

    assert retention.prune().events == 0
    assert retention.prune(Retention(event_days=80)).events == 1


def test_more_events_than_a_batch_go_in_small_steps() -> None:
    sql.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
        " INSERT INTO events (name, date_creation, facts) SELECT 'task.update', i % 3, '{}' FROM n"
    )
    walk = Pruning(Retention(), time.time())
    counts = []
    while not walk.is_over:
        walk.step()
        counts.append(walk.pruned.events)

    assert counts == [200, 400, 500, 500]


def test_a_long_description_goes_with_the_last_event_that_tells_it() -> None:
    endpoints.add_endpoint(URL)
    sql.execute("INSERT INTO event_texts (digest, text) VALUES ('a', 'shared'), ('b', 'alone')")
    for text_id in (1, 1, 2):
        announce(1)
        sql.execute("UPDATE events SET text_id = ? WHERE id = (SELECT max(id) FROM events)", (text_id,))
    sql.execute("DELETE FROM deliveries WHERE event_id <> 2")
    grow_old(91)

    retention.prune()

    assert events_left() == [2]
    assert fetch_all("SELECT text FROM event_texts") == [("shared",)]


def test_what_was_removed_longer_than_a_day_ago_cannot_be_brought_back() -> None:
    for hours in (25, 23):
        date = int(time.time() - hours * 3600)
        sql.create(RemovedItem, kind="task", row_id=1, rows="{}", date_creation=date)

    retention.prune()

    assert fetch_all("SELECT id FROM removed_items") == [(2,)]


def test_what_waits_is_never_removed_however_old_it_is() -> None:
    endpoints.add_endpoint(URL)
    announce(1)
    announce(1)
    announce(2)
    sql.execute("UPDATE deliveries SET date_creation = 5, finished_at = 5")
    sql.execute("UPDATE deliveries SET state = 'sending' WHERE id = 3")

    retention.prune(Retention(days=0, rows=0, failed_days=0))

    assert states() == ["ready", "blocked", "sending"]


def test_one_that_was_sent_again_since_it_was_looked_at_stays() -> None:
    endpoints.add_endpoint(URL)
    finish("dead", (40,))
    walk = Pruning(Retention(), time.time())
    redelivery.resend(1)

    walk._remove([1])

    assert states() == ["ready"]


def test_a_walk_goes_in_small_steps_and_lets_others_write_in_between(board: Path) -> None:
    endpoints.add_endpoint(URL)
    announce(None)
    sql.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)"
        " INSERT INTO deliveries (webhook_id, event_id, endpoint_id, event_name, state, date_creation, scheduled_at,"
        " due_at, finished_at) SELECT 'old_' || i, 1, 1, 'task.update', iif(i % 3, 'done', 'dead'), 0, 0, 0, i FROM n"
    )
    other = sqlite3.connect(board, timeout=0, isolation_level=None)
    walk = Pruning(Retention(), time.time())
    counts = []
    while not walk.is_over:
        walk.step()
        other.execute("UPDATE settings SET value = value")
        counts.append(walk.pruned.done + walk.pruned.dead)
    other.close()

    assert counts == [200, 400, 600, 800, 1000, 1000]
    assert len(left()) == 1


def test_a_walk_needs_no_look_at_every_delivery() -> None:
    assert plan(retention._PAGE, 1, 2, 3, 4).startswith("SEARCH deliveries USING INDEX deliveries_finished")


def test_what_is_kept_can_be_set_and_nonsense_is_refused() -> None:
    assert retention.read_retention() == Retention(7, 10_000, 30, 90)

    retention.save_retention(Retention(days=1.5, rows=20, failed_days=0, event_days=400))

    assert retention.read_retention() == Retention(1.5, 20, 0, 400)
    for nonsense in (
        Retention(days=-1),
        Retention(event_days=-1),
        Retention(rows=-1),
        Retention(failed_days=1e9),
        Retention(days=float("nan")),
    ):
        with pytest.raises(InvalidError, match="kept"):
            retention.save_retention(nonsense)
        with pytest.raises(InvalidError, match="kept"):
            retention.prune(nonsense)
    assert settings.get("retention_rows") == "20"
    settings.put("retention_rows", "a few")
    assert retention.read_retention() == Retention(), "a damaged setting does not stop an engine"


async def test_an_engine_that_rests_prunes_as_the_board_is_set() -> None:
    endpoints.add_endpoint(URL)
    retention.save_retention(Retention(days=2))
    done = finish("done", (3, 1))
    engine = Engine(Policy(poll=0.01, checkpoint_after=0.05, prune_every=0.05))
    running = asyncio.create_task(engine.run())

    async with asyncio.timeout(PATIENCE):
        for _ in range(2):
            while left() != done[1:]:  # noqa: ASYNC110 - the engine tells nobody
                await asyncio.sleep(0.01)
            finish("done", (9,))

    engine.stop(0)
    await running


async def test_an_engine_that_ends_as_soon_as_nothing_is_due_does_not_prune() -> None:
    async with Listener() as listener:
        endpoints.add_endpoint(listener.url)
        finish("done", (9,))
        announce()

        await deliver()

    assert states() == ["done", "done"]


def test_upkeep_waits_for_idleness_but_not_for_ever() -> None:
    assert not Upkeep(3600.0).is_due(idle=False)
    assert Upkeep(3600.0).is_due(idle=True)
    assert Upkeep(3600.0, patience=0.0).is_due(idle=False)


def test_after_a_walk_there_is_none_for_a_while() -> None:
    endpoints.add_endpoint(URL)
    finish("done", (9,))
    upkeep = Upkeep(3600.0)

    assert upkeep.step(time.time())
    assert upkeep.is_due(idle=True)
    assert not upkeep.step(time.time())

    assert not upkeep.is_due(idle=True)
    assert fetch_all("SELECT 1 FROM deliveries") == []
