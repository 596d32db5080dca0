"""The feed: what has changed since one last asked, by this process or any other."""

from collections.abc import Iterable
from typing import NamedTuple

from peewee import BaseQuery, fn

from kbtui.core.db.engine import database
from kbtui.core.db.models import Activity
from kbtui.core.db.prepared import prepared, scalar


class Change(NamedTuple):
    """Something that happened: enough to know what to read again, not what it was.

    ``column_id`` and ``swimlane_id`` are the task's cell after it, ``src_column_id`` and ``src_swimlane_id`` the one
    before where it was another one, in another project perhaps.
    """

    id: int
    name: str
    project_id: int | None
    task_id: int | None
    column_id: int | None
    swimlane_id: int | None
    src_column_id: int | None
    src_swimlane_id: int | None
    author_id: int


@prepared(scalar)
def _last_id() -> BaseQuery:
    return Activity.select(fn.coalesce(fn.max(Activity.id), 0))


@prepared(Change._make)
def _since(last_id: int, limit: int) -> BaseQuery:
    return (
        Activity.select(
            Activity.id,
            Activity.name,
            Activity.project_id,
            Activity.task_id,
            Activity.column_id,
            Activity.swimlane_id,
            Activity.src_column_id,
            Activity.src_swimlane_id,
            Activity.author_id,
        )
        .where(Activity.id > last_id)
        .order_by(Activity.id)
        .limit(limit)
    )


class Feed:
    """Follow the changes as they are committed. Belongs to one thread.

    SQLite has one writer, so ids are in the order of the commits: whoever has read up to ``n`` and reads ``id > n``
    misses nothing.
    """

    def __init__(self) -> None:
        self._commits = self._seen = database.commits()
        self.last_id: int = _last_id.one()
        self._taken: set[int] = set()

    def others_committed(self) -> bool:
        """Return cheaply whether another connection has committed since what was last read."""
        self._seen = database.commits()
        return self._seen != self._commits

    def read(self, limit: int = 1000) -> list[Change]:
        """Return the changes since the last call, oldest first, at most ``limit`` of them."""
        changes = _since.all(self.last_id, limit)
        if changes:
            self.last_id = changes[-1].id
        if len(changes) < limit:
            self.mark_read()
        fresh = [change for change in changes if change.id not in self._taken]
        self._taken = {taken for taken in self._taken if taken > self.last_id}
        return fresh

    def take(self, changes: Iterable[Change]) -> list[Change]:
        """Return those changes, handed over by who committed them, that were not read; they are not read again.

        What others committed before them comes with the next :meth:`read`.
        """
        fresh = [change for change in changes if change.id > self.last_id and change.id not in self._taken]
        for change in fresh:
            if change.id == self.last_id + 1:
                self.last_id = change.id
            else:
                self._taken.add(change.id)
        return fresh

    def mark_read(self) -> None:
        """Take what :meth:`others_committed` has told of for read: until then it tells of it again."""
        self._commits = self._seen
