"""Steps: what one person did in one session, how to take it back and how to do it again.

Undoing is a change like any other: it goes through the same functions and records the same events. A step that
has become impossible, since somebody else changed all that it touched, is dropped and says why; of an edit, what
somebody else changed stays as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kbtui.errors import InvalidError, NotFoundError

Gone = TypeVar("Gone")
"""What a removal returns, and a restoration takes."""

STEPS = 200
"""How many steps can be undone."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done: in words ("moved #3"), the task it concerns, and how to take it back and do it again."""

    what: str
    task_id: int
    undo: Callable[[], object]
    redo: Callable[[], object]


def left_alone(values: Mapping[str, Any], instead_of: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that are to be put back whose place still holds what the step left there.

    Raises InvalidError when somebody else has changed every one of them since.
    """
    own = {name: value for name, value in values.items() if now[name] == instead_of[name]}
    if values and not own:
        raise InvalidError("somebody else has changed it since.")
    return own


class Steps:
    """Those that were done and those that were undone, the last ones first to be taken."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def add(self, step: Step) -> None:
        """Remember a step that was done, which makes what was undone before unreachable."""
        self._done = [*self._done[1 - STEPS :], step]
        self._undone.clear()

    def undo(self) -> Step:
        """Take back the last step and return it. Raises InvalidError when there is none or it is impossible by now."""
        return self._take(self._done, self._undone, "undo", lambda step: step.undo)

    def redo(self) -> Step:
        """Do the last undone step again and return it. Raises InvalidError like :meth:`undo`."""
        return self._take(self._undone, self._done, "redo", lambda step: step.redo)

    def _take(
        self, source: list[Step], target: list[Step], verb: str, choose: Callable[[Step], Callable[[], object]]
    ) -> Step:
        if not source:
            raise InvalidError(f"There is nothing to {verb}.")
        step = source.pop()
        try:
            choose(step)()
        except (InvalidError, NotFoundError) as error:
            raise InvalidError(f"Cannot {verb} “{step.what}”: {error}") from error
        except Exception:
            source.append(step)
            raise
        target.append(step)
        return step

    def _came(self, what: str, task_id: int, remove: Callable[[], Gone], restore: Callable[[Gone], object]) -> None:
        """Remember something that came into being."""
        trash = Trash(remove, restore)
        self.add(Step(what, task_id, trash.throw, trash.take_back))

    def _went(self, what: str, task_id: int, remove: Callable[[], Gone], restore: Callable[[Gone], object]) -> None:
        """Remove something, and remember it."""
        trash = Trash(remove, restore)
        trash.throw()
        self.add(Step(what, task_id, trash.take_back, trash.throw))


class Trash(Generic[Gone]):
    """Something that comes and goes under one id."""

    def __init__(self, remove: Callable[[], Gone], restore: Callable[[Gone], object]) -> None:
        self._remove = remove
        self._restore = restore
        self._gone: list[Gone] = []

    def throw(self) -> None:
        """Remove it, and keep what it was."""
        self._gone.append(self._remove())

    def take_back(self) -> None:
        """Put it back as it was."""
        self._restore(self._gone[-1])
        self._gone.clear()
