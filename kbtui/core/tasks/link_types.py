"""Types of internal links, each with its opposite: what one task says of the other, and the other of the one."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from peewee import fn

from kbtui.core.db.database import transactional
from kbtui.core.db.lookup import check_unused, count_tasks, find_row, get_row
from kbtui.core.db.models import Link, TaskLink
from kbtui.core.db.prepared import rows
from kbtui.core.events import log
from kbtui.core.values.text import clean_line
from kbtui.errors import InUseError, NotFoundError


class LinkType(NamedTuple):
    """A type of link as it is stored; an ``opposite_id`` of 0 means that it is its own opposite."""

    id: int
    label: str
    opposite_id: int


def list_link_types() -> list[Link]:
    """Return the types of internal links, in Kanboard's order."""
    return list(Link.select().order_by(Link.id))


def find_link_type(ref: str) -> Link:
    """Return a link type by its id or label; raise NotFoundError that lists them."""
    return find_row(list_link_types(), ref, "link type", label="label")


def opposite_of(link_id: int) -> int:
    """Return the link type that the other task sees. Raises NotFoundError for an unknown type."""
    link = Link.get_or_none(Link.id == link_id)
    if link is None:
        raise NotFoundError(f"There is no link type {link_id}.")
    return int(link.opposite_id or link.id)


@transactional
def add_link_type(label: str, opposite_label: str = "") -> int:
    """Add a type of link and, under another label, its opposite; return the id of the first.

    Raises InvalidError for a label that is empty or there already.
    """
    link = Link.create(label=_clean_label(label), opposite_id=0)
    if opposite_label.strip():
        opposite = Link.create(label=_clean_label(opposite_label), opposite_id=link.id)
        _set_opposite(link.id, opposite.id)
        _record("create", opposite.id, opposite.label)
    _record("create", link.id, link.label)
    return int(link.id)


@transactional
def update_link_type(link_id: int, *, label: str, opposite_id: int) -> bool:
    """Give a type of link a label and an opposite (0: its own); return whether anything differed.

    Links that are there keep the type they have. Raises NotFoundError or InvalidError.
    """
    link = get_row(Link, link_id, "link type")
    if opposite_id:
        get_row(Link, opposite_id, "link type")
    cleaned, opposite = _clean_label(label, own_id=link_id), 0 if opposite_id == link_id else opposite_id
    if (cleaned, opposite) == (link.label, link.opposite_id):
        return False
    Link.update(label=cleaned, opposite_id=opposite).where(Link.id == link_id).execute()
    _record("update", link_id, cleaned)
    return True


@transactional
def remove_link_type(link_id: int) -> None:
    """Remove a type of link; its opposite becomes its own. Raises InUseError while tasks are linked by either."""
    link = get_row(Link, link_id, "link type")
    linked = TaskLink.link.in_((link_id, link.opposite_id))
    count = TaskLink.select(fn.count(TaskLink.task.distinct())).where(linked).scalar()
    if count:
        raise InUseError(f'The link type "{link.label}" is on {count_tasks(count)}; remove those links first.')
    Link.update(opposite_id=0).where(Link.opposite_id == link_id).execute()
    link.delete_instance()
    _record("remove", link_id, link.label)


def read_types(link_ids: Iterable[int]) -> tuple[LinkType, ...]:
    """Return some types and their opposites, for :func:`restore_link_types`."""
    ids = list(link_ids)
    opposites = Link.select(Link.opposite_id).where(Link.id.in_(ids))
    query = Link.select(Link.id, Link.label, Link.opposite_id)
    return tuple(rows(query.where(Link.id.in_(ids) | Link.id.in_(opposites)).order_by(Link.id), LinkType._make))


@transactional
def restore_link_types(types: Sequence[LinkType]) -> dict[int, int]:
    """Bring those types back that are gone; return the id that each has by now, by the one it had.

    Each comes back under its own id, and is the opposite again of a type that has none any more. Where another type
    has its label by now, that one takes its place.
    """
    labels = {link.label.casefold(): int(link.id) for link in list_link_types()}
    stored = {int(link.id): int(link.opposite_id) for link in list_link_types()}
    ids = {each.id: each.id if each.id in stored else labels.get(each.label.casefold(), each.id) for each in types}
    missing = [each for each in types if ids[each.id] not in stored]
    for each in missing:
        Link.insert(id=each.id, label=each.label, opposite_id=0).execute()
    back = {each.id for each in missing}
    for each in types:
        opposite = ids.get(each.opposite_id, 0)
        is_alone = each.id in back or (opposite in back and stored.get(each.id) == 0)
        if is_alone and opposite not in (0, each.id):
            _set_opposite(each.id, opposite)
            if each.id not in back:
                _record("update", each.id, each.label)
    for each in missing:
        _record("create", each.id, each.label)
    return ids


def _set_opposite(link_id: int, opposite_id: int) -> None:
    Link.update(opposite_id=opposite_id).where(Link.id == link_id).execute()


def _clean_label(label: str, *, own_id: int = 0) -> str:
    label = clean_line(label, "label")
    check_unused(list_link_types(), label, "link type", label="label", own_id=own_id)
    return label


def _record(action: str, link_id: int, label: str) -> None:
    log.record("link.change", {"action": action, "id": link_id, "name": label})
