"""Search: find tasks by what a person typed."""

from kbtui.core.database import fetch_all, fetch_one
from kbtui.core.rows import read_number
from kbtui.errors import InvalidError, NotFoundError


def find_task(ref: str) -> int:
    """Return the id of the task that ``ref`` means: an id (``12``, ``#12``) or a whole title, whatever its case.

    An open task goes before closed ones of the same title. Raises NotFoundError, or InvalidError when several match.
    """
    wanted = ref.strip()
    number = read_number(ref)
    if number is not None and fetch_one("SELECT 1 FROM tasks WHERE id = ?", (number,)):
        return number
    title = wanted.casefold()
    titled: list[tuple[int, int]] = [
        (is_active, task_id)
        for task_id, is_active, each in fetch_all("SELECT id, is_active, title FROM tasks ORDER BY id")
        if each.casefold() == title
    ]
    found = [task_id for is_active, task_id in titled if is_active] or [task_id for _, task_id in titled]
    if len(found) > 1:
        numbers = ", ".join(f"#{task_id}" for task_id in found[:20])
        raise InvalidError(f'"{ref}" is the title of several tasks; choose by number: {numbers}.')
    if not found:
        if number is not None:
            raise NotFoundError(f"There is no task #{number}.")
        raise NotFoundError(f'There is no task "{ref}"; give its number or whole title.')
    return found[0]
