"""Steps: what one person did in one session, how to take it back and how to do it again.

Undoing is a change like any other: it goes through the same functions and records the same events, and what it looks
at, it reads in the transaction that changes it. A step that has become impossible, since somebody else changed all
that it touched, is dropped and says why; of an edit, what somebody else changed stays as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from kbtui.core.db.database import transaction
from kbtui.core.tasks.files import RemovedFile
from kbtui.core.tasks.removals import RemovedTask, forget_removed
from kbtui.errors import DatabaseError, InvalidError, NotFoundError

Removed = TypeVar("Removed")
"""What a removal returns, and a restoration takes."""

STEPS = 200
"""How many steps can be undone."""


def no_items() -> tuple[int, ...]:
    """Return what a step that removes nothing keeps in the database."""
    return ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done: in words ("moved #3"), the task it concerns, and how to take it back and do it again.

    ``items`` returns where what it removed waits in the database.
    """

    what: str
    task_id: int
    undo: Callable[[], object]
    redo: Callable[[], object]
    items: Callable[[], tuple[int, ...]] = no_items


def left_alone(values: Mapping[str, Any], instead_of: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of the values that are to be put back whose place still holds what the step left there.

    Raises InvalidError when somebody else has changed every one of them since.
    """
    own = {name: value for name, value in values.items() if now[name] == instead_of[name]}
    if values and not own:
        raise InvalidError("somebody else has changed it since.")
    return own


class StepStack:
    """Those that were done and those that were undone, the last ones first to be taken."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    def add(self, step: Step) -> None:
        """Remember a step that was done, which makes what was undone before unreachable."""
        _forget([*self._done[: 1 - STEPS], *self._undone])
        self._done = [*self._done[1 - STEPS :], step]
        self._undone = []

    def undo(self) -> Step:
        """Take back the last step and return it. Raises InvalidError when there is none or it is impossible by now."""
        return self._take(self._done, self._undone, "undo", lambda step: step.undo)

    def redo(self) -> Step:
        """Do the last undone step again and return it. Raises InvalidError like :meth:`undo`."""
        return self._take(self._undone, self._done, "redo", lambda step: step.redo)

    def clear(self) -> None:
        """Forget every step, as at the end of the session."""
        _forget([*self._done, *self._undone])
        self._done, self._undone = [], []

    def _take(
        self, source: list[Step], target: list[Step], verb: str, choose: Callable[[Step], Callable[[], object]]
    ) -> Step:
        if not source:
            raise InvalidError(f"There is nothing to {verb}.")
        step = source[-1]
        try:
            with transaction():
                choose(step)()
        except (InvalidError, NotFoundError) as error:
            source.pop()
            _forget([step])
            raise InvalidError(f"Cannot {verb} “{step.what}”: {error}") from error
        target.append(source.pop())
        return step

    def _came(
        self, what: str, task_id: int, remove: Callable[[], Removed], restore: Callable[[Removed], object]
    ) -> None:
        """Remember something that came into being."""
        removal = Removal(remove, restore)
        self.add(Step(what, task_id, removal.remove, removal.restore, removal.items))

    def _went(self, what: str, task_id: int, removal: "Removal[Any]") -> None:
        """Remember something that was removed."""
        self.add(Step(what, task_id, removal.restore, removal.remove, removal.items))


class Removal(Generic[Removed]):
    """Something that comes and goes under one id.

    What it was is never cleared: where a transaction fails, the step stays where it is and the same is done again.
    """

    def __init__(self, remove: Callable[[], Removed], restore: Callable[[Removed], object]) -> None:
        self._remove = remove
        self._restore = restore
        self._removed: list[Removed] = []

    def remove(self) -> Removed:
        """Remove it; return and keep what it was."""
        removed = self._remove()
        self._removed = [removed]
        return removed

    def restore(self) -> None:
        """Put it back as it was."""
        self._restore(self._removed[0])

    def items(self) -> tuple[int, ...]:
        """Return where what was removed waits in the database."""
        return tuple(each.item_id for each in self._removed if isinstance(each, RemovedTask | RemovedFile))


def _forget(steps: Iterable[Step]) -> None:
    """Drop from the database what waits there for steps that cannot be reached any more."""
    items = [item for step in steps for item in step.items()]
    if not items:
        return
    try:
        forget_removed(items)
    except DatabaseError:
        return  # it goes a day after its removal
