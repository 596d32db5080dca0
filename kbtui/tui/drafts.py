"""What a person typed and did not save, kept as long as the program runs."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from textual.app import App

from kbtui.core.projects import projects
from kbtui.core.tasks import comments, subtasks, tasks
from kbtui.errors import DatabaseError, NotFoundError

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


def reachable(app: App[Any]) -> dict[DraftKey, str]:
    """Return the drafts that can still be gone to, each in words, the latest first.

    What a draft belongs to may have been removed; undo may bring it back, and the draft with it.
    """
    named: dict[DraftKey, str] = {}
    for key in reversed(drafts(app)):
        try:
            named[key] = _in_words(key)
        except NotFoundError:
            continue
        except DatabaseError:
            named[key] = "a draft"
    return named


def _in_words(key: DraftKey) -> str:
    """Return what a draft is of. Raises NotFoundError when that is gone."""
    noun, number, row = key
    if noun == "new":
        return f"a new task in “{projects.get_project(number).name}”"
    tasks.get_task(number)
    if noun == "task":
        return f"changes of #{number}"
    if isinstance(row, int):
        (comments.get_comment if noun == "comments" else subtasks.get_subtask)(row)
    what = {"comments": "a comment on", "subtasks": "a subtask of", "description": "the description of"}
    return f"{what.get(noun, 'a field of')} #{number}"
