"""Types of internal links, each with its opposite: what one task says of the other, and the other of the one."""

from kbtui.core.db.database import fetch_one, transactional
from kbtui.core.db.engine import database
from kbtui.core.db.lookup import check_unused, count_tasks, get_row
from kbtui.core.db.models import Link
from kbtui.core.events import log
from kbtui.core.tasks.links import list_link_types
from kbtui.core.values.text import clean_line
from kbtui.errors import InUseError


@transactional
def add_link_type(label: str, opposite_label: str = "") -> int:
    """Add a type of link and, under another label, its opposite; return the id of the first.

    Raises InvalidError for a label that is empty or there already.
    """
    link = Link.create(label=_clean_label(label), opposite_id=0)
    if opposite_label.strip():
        opposite = Link.create(label=_clean_label(opposite_label), opposite_id=link.id)
        database.execute_sql("UPDATE links SET opposite_id = ? WHERE id = ?", (opposite.id, link.id))
        _record("create", opposite)
    _record("create", link)
    return int(link.id)


@transactional
def update_link_type(link_id: int, *, label: str, opposite_id: int) -> bool:
    """Give a type of link a label and an opposite (0: its own); tell whether anything differed.

    Links that are there keep the type they have. Raises NotFoundError or InvalidError.
    """
    link = get_row(Link, link_id, "link type")
    if opposite_id:
        get_row(Link, opposite_id, "link type")
    values = (_clean_label(label, own_id=link_id), 0 if opposite_id == link_id else opposite_id)
    if values == (link.label, link.opposite_id):
        return False
    database.execute_sql("UPDATE links SET label = ?, opposite_id = ? WHERE id = ?", (*values, link_id))
    _record("update", link)
    return True


@transactional
def remove_link_type(link_id: int) -> None:
    """Remove a type of link; its opposite becomes its own. Raises InUseError while tasks are linked by either."""
    link = get_row(Link, link_id, "link type")
    row = fetch_one(
        "SELECT count(DISTINCT task_id) FROM task_links WHERE link_id IN (?, ?)", (link_id, link.opposite_id)
    )
    if row and row[0]:
        raise InUseError(f'The link type "{link.label}" is on {count_tasks(row[0])}; remove those links first.')
    database.execute_sql("UPDATE links SET opposite_id = 0 WHERE opposite_id = ?", (link_id,))
    link.delete_instance()
    _record("remove", link)


def _clean_label(label: str, *, own_id: int = 0) -> str:
    label = clean_line(label, "label")
    check_unused(list_link_types(), label, "link type", label="label", own_id=own_id)
    return label


def _record(action: str, link: Link) -> None:
    log.record("link.change", {"action": action, "id": link.id, "name": link.label})
