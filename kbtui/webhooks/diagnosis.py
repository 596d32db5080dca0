"""Diagnosis: what is wrong with a board's file, its deliveries and its endpoints, and what to do about it.

Everything here only reads. Each finding is a sentence; one that needs attention has another that says what to do.
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kbtui.core.db import files
from kbtui.core.db.engine import database
from kbtui.webhooks import endpoints
from kbtui.webhooks.health import Health, all_health
from kbtui.webhooks.policy import BUDGET_MS, HOUR, Policy
from kbtui.webhooks.redelivery import SKIPPED
from kbtui.webhooks.sender_lock import SenderLock

Level = Literal["good", "warning", "bad"]

LARGE_WAL = 64 * 1024 * 1024
LITTLE_SPACE = 100 * 1024 * 1024
MOST_PROBLEMS = 10

UNFINISHED = "state IN ('ready', 'sending', 'blocked')"
"""As the partial index has it, or SQLite would not use that."""

_STUCK = """SELECT owner, count(*) FROM deliveries INDEXED BY deliveries_leased
    WHERE state = 'sending' AND (leased_until <= ? OR leased_until > ?) GROUP BY owner"""
_OLDEST = f"""SELECT d.id, d.event_name, d.date_creation, d.state, e.name, e.is_enabled, e.is_paused
    FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id WHERE {UNFINISHED.replace("state", "d.state")}
    ORDER BY d.date_creation, d.id LIMIT 1"""
_HEADLESS = f"""SELECT d.id, e.id, e.name FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id
    WHERE {UNFINISHED.replace("state", "d.state")} AND d.state = 'blocked'
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = d.endpoint_id AND task_id = d.task_id
        AND state IN ('ready', 'sending'))
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE endpoint_id = d.endpoint_id AND task_id = d.task_id
        AND {UNFINISHED} AND id < d.id)
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = d.waits_for AND task_id IS NOT NULL AND {UNFINISHED})
    LIMIT 1"""
_DUE = f"""SELECT count(*) FROM (SELECT 1 FROM deliveries d JOIN endpoints e ON e.id = d.endpoint_id
    WHERE {UNFINISHED.replace("state", "d.state")} AND d.state = 'ready' AND d.due_at <= ? AND e.is_enabled = 1
    AND e.is_paused = 0 AND e.paused_until <= ? LIMIT 10000)"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    level: Level
    """``good``; ``warning`` it may become a problem, ``bad`` it is one: both need attention."""
    says: str
    advice: str = ""
    """What to do; empty when it is good."""


def examine(now: float | None = None) -> list[Finding]:
    """Look at the open board from all sides and return what was found, good or bad. Raises DatabaseError."""
    moment = time.time() if now is None else now
    checks: tuple[Callable[[float], Iterator[Finding]], ...] = (
        _file,
        _integrity,
        _senders,
        _leases,
        _lines,
        _oldest,
        _given_up,
        _endpoints,
    )
    return [finding for check in checks for finding in check(moment)]


def _file(now: float) -> Iterator[Finding]:
    path = Path(database.database)
    wal = path.with_name(path.name + "-wal")
    log = wal.stat().st_size if wal.exists() else 0
    yield Finding("file", "good", f"{path}: {_size_words(path.stat().st_size)}, and {_size_words(log)} in its log.")
    if log > LARGE_WAL:
        yield Finding(
            "log",
            "warning",
            f"The log {wal} has grown to {_size_words(log)}: nobody moves it into the database, or a program keeps an"
            " old view of it open.",
            "Close other programs that have the file open (also sqlite3), then let kbtui run for a few seconds.",
        )
    free = shutil.disk_usage(path.parent).free
    if free < LITTLE_SPACE:
        yield Finding("disk", "warning", f"Only {_size_words(free)} are free on the disk of {path}.", "Free some room.")
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        yield Finding(
            "permissions", "bad", f"{path} or its folder cannot be written.", "Give yourself the right to write both."
        )
    if files.is_readable_by_others(path):
        command = files.private_command(path)
        yield Finding(
            "privacy", "warning", f"Others on this computer may read {path}.", f"Keep it to yourself: {command}"
        )
    yield from _strays(path)


def examine_missing(path: Path) -> list[Finding]:
    """Return what was found where there is no database: whoever still works on it, or its log."""
    found = list(_strays(path))
    log = path.with_name(f"{path.name}-wal")
    if not found and log.exists() and log.stat().st_size:
        says = f"{path} is not there, but the log {log} that belongs to it is."
        found.append(Finding("file", "bad", says, "Move the database back beside its log before anything else."))
    return found


def _strays(path: Path) -> Iterator[Finding]:
    for process in files.find_strays(path):
        yield Finding(
            "file",
            "bad",
            f"Process {process} works on a database that was at {path} and was removed or replaced: it writes nothing"
            " any more.",
            f"Move that file back to its place, or end the program and start it again: kill {process}",
        )


def _integrity(now: float) -> Iterator[Finding]:
    problems = [str(text) for (text,) in _rows(f"PRAGMA integrity_check({MOST_PROBLEMS})") if text != "ok"]
    problems += [f"{table} row {row} names a row of {parent} that is not there"
                 for table, row, parent, _ in _rows("PRAGMA foreign_key_check")[:MOST_PROBLEMS]]  # fmt: skip
    if not problems:
        yield Finding("integrity", "good", "The database is sound.")
        return
    yield Finding(
        "integrity",
        "bad",
        f"The database is damaged: {'; '.join(problems[:MOST_PROBLEMS])}.",
        "Close every kbtui, copy the file with its -wal away, then restore a backup, or rescue what can be read with:"
        f" sqlite3 {database.database} .recover | sqlite3 rescued.db",
    )


def _senders(now: float) -> Iterator[Finding]:
    lock = SenderLock()
    is_alone = lock.take_alone()
    lock.leave()
    if not is_alone:
        yield Finding("sender", "good", "A kbtui is running that sends what is due.")
        return
    row = _row(_DUE, (now, now))
    due = int(row[0]) if row else 0
    if not due:
        yield Finding("sender", "good", "No kbtui is sending now, and nothing is due.")
        return
    count = "1 delivery is" if due == 1 else f"{due:,}{'+' if due == 10000 else ''} deliveries are"
    yield Finding(
        "sender",
        "warning",
        f"{count} due, but no kbtui is running that sends.",
        "Run: kbtui deliver, or open the board.",
    )


def _leases(now: float) -> Iterator[Finding]:
    stuck = _rows(_STUCK, (now, now + Policy().longest_lease))
    for owner, count in stuck:
        host, _, rest = str(owner).partition(":")
        who = f"process {rest.partition(':')[0]} on {host}" if rest else "a process"
        what = "1 delivery is" if count == 1 else f"{count:,} deliveries are"
        yield Finding(
            "lease",
            "warning",
            f"{what} still held by {who}, which has ended or stands still.",
            "Any kbtui that sends takes them over at once: run kbtui deliver, or open the board. If that process hangs,"
            " end it.",
        )
    if not stuck:
        yield Finding("leases", "good", "No delivery is stuck with a process that is gone.")


def _lines(now: float) -> Iterator[Finding]:
    row = _row(_HEADLESS)
    if row is not None:
        delivery_id, endpoint_id, name = row
        yield Finding(
            "order",
            "bad",
            f"Delivery {delivery_id} to {name} waits for an earlier one of its task that is not there.",
            f"Let all that wait go, without order: kbtui webhook edit {endpoint_id} --ordered no (then --ordered yes).",
        )


def _oldest(now: float) -> Iterator[Finding]:
    row = _row(_OLDEST)
    if row is None:
        yield Finding("oldest waiting event", "good", "Nothing waits to be sent.")
        return
    delivery_id, event_name, created, state, name, is_enabled, is_paused = row
    age = _age_words(now - created)
    says = f"{event_name} for {name} (delivery {delivery_id}, {state}) has been waiting for {age}."
    if now - created < HOUR:
        yield Finding("oldest waiting event", "good", says)
        return
    if not is_enabled:
        advice = f"Enable the endpoint: kbtui webhook edit '{name}' --enabled yes; or give it up: kbtui deliveries skip"
    elif is_paused:
        advice = f"Resume the endpoint: kbtui webhook resume '{name}'; or give it up: kbtui deliveries skip"
    else:
        advice = f"See why: kbtui deliveries show {delivery_id}; try now: kbtui deliveries resend"
    yield Finding("oldest waiting event", "warning", says, f"{advice} {delivery_id}")


def _given_up(now: float) -> Iterator[Finding]:
    row = _row(
        "SELECT count(*), max(finished_at) FROM deliveries INDEXED BY deliveries_finished"
        " WHERE state IN ('done', 'dead') AND state = 'dead' AND finished_at >= ? AND last_error <> ?",
        (now - 7 * 24 * HOUR, SKIPPED),
    )
    count, last = row or (0, None)
    if not count:
        yield Finding("given up", "good", "No event was given up in the last 7 days.")
        return
    what = "1 event was" if count == 1 else f"{count:,} events were"
    yield Finding(
        "given up",
        "warning",
        f"{what} given up in the last 7 days, the last one {_age_words(now - last)} ago.",
        "See them: kbtui deliveries list --state dead; send them again: kbtui deliveries resend --failed --since 1w",
    )


def _endpoints(now: float) -> Iterator[Finding]:
    there = all_health()
    if not there:
        yield Finding("endpoints", "good", "There is no webhook endpoint; add one with: kbtui webhook add URL")
    for health in there:
        yield _endpoint(health, now)
        ca_file = endpoints.get_endpoint(health.endpoint_id).ca_file
        if ca_file and not Path(ca_file).is_file():
            yield Finding(
                f"endpoint {health.name}",
                "bad",
                f"Its CA file {ca_file} is not there.",
                f"Put it back, or choose another: kbtui webhook edit {health.endpoint_id} --ca-file FILE",
            )


def _endpoint(health: Health, now: float) -> Finding:
    ref = health.endpoint_id
    waiting = f" {health.waiting_text} waiting." if health.waiting else ""
    level: Level = "good"
    advice = ""
    match health.state:
        case "idle":
            says = "Nothing has been sent to it yet."
        case "ok":
            says = f"It answers, the last time in {health.last_ms or 0:,.0f} ms."
        case "slow":
            level, says = "warning", f"It answers, but took {health.last_ms or 0:,.0f} ms the last time."
            advice = f"The receiver should answer within {BUDGET_MS:,.0f} ms and do its work afterwards."
        case "resting":
            says = f"It asked to be left alone, and is tried again {_when(health, now)}."
        case "paused":
            level = "warning" if health.waiting else "good"
            says = "It is paused; its events are kept."
            advice = f"Send them: kbtui webhook resume {ref}" if health.waiting else ""
        case "disabled":
            level = "bad" if health.reason else "warning" if health.waiting else "good"
            says = f"It is disabled and gets no events. {health.reason}".strip()
            advice = f"When it is ready again: kbtui webhook edit {ref} --enabled yes" if level != "good" else ""
        case _:
            level = "bad"
            times = "attempt" if health.failures == 1 else f"{health.failures} attempts"
            says = f"The last {times} failed: {health.reason} It is tried again {_when(health, now)}."
            advice = f"Mend the receiver, then try at once: kbtui webhook test {ref}, kbtui webhook resume {ref}"
    return Finding(f"endpoint {health.name}", level, says + waiting, advice)


def _when(health: Health, now: float) -> str:
    if health.next_try is None:
        return "with its next event"
    return f"in {_age_words(health.next_try - now)}" if health.next_try > now else "as soon as a kbtui sends"


def _size_words(size: int) -> str:
    """Return a number of bytes in words."""
    return f"{size / 1024:,.0f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:,.1f} MiB"


def _age_words(seconds: float) -> str:
    """Return a span in words: ``5 seconds``, ``3 minutes``, ``2 hours``, ``4 days``."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length or (seconds >= length and unit != "minute"):
            count = int(seconds // length)
            return f"{count:,} {unit}{'' if count == 1 else 's'}"
    return f"{max(int(seconds), 0)} seconds"


def _rows(sql: str, params: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = database.execute_sql(sql, params).fetchall()
    return rows


def _row(sql: str, params: tuple[Any, ...] = ()) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = database.execute_sql(sql, params).fetchone()
    return row
