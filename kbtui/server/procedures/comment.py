"""Comments on tasks. Each is seen from one application role upwards, and changed by its author only."""

from typing import Any

from kbtui.core.projects import users
from kbtui.core.projects.users import ROLES
from kbtui.core.tasks import comments
from kbtui.core.tasks.comments import Comment
from kbtui.errors import InvalidError
from kbtui.server import shapes
from kbtui.server.callers import Call, ForbiddenError
from kbtui.server.registry import changes, reads


@reads
def get_comment(call: Call, comment_id: int) -> dict[str, Any]:
    """Return a comment."""
    return shapes.comment(_visible(call, comment_id))


@reads
def get_all_comments(call: Call, task_id: int) -> list[dict[str, Any]]:
    """Return the comments of a task that the caller may see, oldest first."""
    return [shapes.comment(row) for row in comments.list_comments(task_id) if call.caller.can_see(row.visibility)]


@changes
def remove_comment(call: Call, comment_id: int) -> bool:
    """Remove a comment of the caller's."""
    _check_own(call, comment_id)
    comments.remove_comment(comment_id)
    return True


@changes
def create_comment(task_id: int, user_id: int, content: str, reference: str = "", visibility: str = "app-user") -> int:
    """Comment on a task and return the comment's id.

    A user comments in no other's name, and nothing that the user could not read.
    """
    if visibility not in ROLES:
        raise InvalidError(f'There is no role "{visibility}".')
    if user_id:
        users.get_user(user_id)
    return comments.add_comment(task_id, content, user_id=user_id, reference=reference, visibility=visibility)


@changes
def update_comment(call: Call, id_: int, content: str) -> bool:
    """Change what a comment of the caller's says."""
    _check_own(call, id_)
    comments.update_comment(id_, content)
    return True


def _visible(call: Call, comment_id: int) -> Comment:
    """Return a comment that the caller may see; raise ForbiddenError for another."""
    comment = comments.get_comment(comment_id)
    if not call.caller.can_see(comment.visibility):
        raise ForbiddenError
    return comment


def _check_own(call: Call, comment_id: int) -> None:
    """Raise ForbiddenError unless the caller is the comment's author or the application."""
    comment = _visible(call, comment_id)
    if not call.caller.is_application and comment.user_id != call.caller.user_id:
        raise ForbiddenError
