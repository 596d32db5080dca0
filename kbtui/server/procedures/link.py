"""Types of internal links."""

from typing import Any

from kbtui.core.db.lookup import get_row
from kbtui.core.db.models import Link
from kbtui.core.tasks import link_types
from kbtui.server import shapes
from kbtui.server.registry import changes, reads


@reads
def get_link_by_id(link_id: int) -> dict[str, Any]:
    """Return a type of link."""
    return shapes.link(get_row(Link, link_id, "link type"))


@reads
def get_link_by_label(label: str) -> dict[str, Any] | None:
    """Return the type of link with a label."""
    return next((shapes.link(row) for row in link_types.list_link_types() if row.label == label), None)


@reads
def get_opposite_link_id(link_id: int) -> int:
    """Return the type of link that the other task sees."""
    return link_types.opposite_of(link_id)


@reads
def get_all_links() -> list[dict[str, Any]]:
    """Return every type of link."""
    return [shapes.link(row) for row in link_types.list_link_types()]


@changes
def create_link(label: str, opposite_label: str = "") -> int:
    """Add a type of link, and its opposite, and return the id of the first."""
    return link_types.add_link_type(label, opposite_label)


@changes
def update_link(link_id: int, opposite_link_id: int, label: str) -> bool:
    """Give a type of link a label and an opposite."""
    link_types.update_link_type(link_id, label=label, opposite_id=opposite_link_id)
    return True


@changes
def remove_link(link_id: int) -> bool:
    """Remove a type of link that is on no task."""
    link_types.remove_link_type(link_id)
    return True
