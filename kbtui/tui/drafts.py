"""What a person typed and did not save, kept as long as the program runs."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from textual.app import App

DraftKey = tuple[str, int, int | str]
"""The section, the task and the row; for the forms "new", the project and "", or "task", the task and ""."""


class FormDraft(NamedTuple):
    """What was changed in a form, and what stood in those fields before: others may change it meanwhile."""

    touched: Mapping[str, Any]
    base: Mapping[str, Any]


Drafts = dict[DraftKey, Any]

_drafts: WeakKeyDictionary[App[Any], Drafts] = WeakKeyDictionary()


def drafts(app: App[Any]) -> Drafts:
    """Return the drafts of a running application."""
    return _drafts.setdefault(app, {})
