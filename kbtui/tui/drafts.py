"""What a person typed and did not save, kept as long as the program runs."""

from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App

DraftKey = tuple[str, int, int | str]
"""The section, the task and the row; or "new", the project and "" for the form of a new task."""

Drafts = dict[DraftKey, Any]

_drafts: WeakKeyDictionary[App[Any], Drafts] = WeakKeyDictionary()


def drafts(app: App[Any]) -> Drafts:
    """Return the drafts of a running application."""
    return _drafts.setdefault(app, {})
