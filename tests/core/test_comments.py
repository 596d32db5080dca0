import pytest

from kbtui.core.events import log
from kbtui.core.projects import users
from kbtui.core.tasks import comments, removals, tasks
from kbtui.errors import InvalidError, NotFoundError
from tests.core.conftest import facts_after, last_event_id


@pytest.fixture
def task(project: int) -> int:
    return tasks.create_task(project, "Task")


def test_a_comment_is_its_authors_and_is_announced(task: int) -> None:
    last = last_event_id()

    with log.authored_by(users.add_user("mika", name="Mika")):
        comment_id = comments.add_comment(task, " One\r\nTwo\x07 \n")

    comment = comments.get_comment(comment_id)
    assert (comment.comment, comment.username, comment.name) == ("One\nTwo\ufffd", "mika", "Mika")
    name, facts = facts_after(last)[-1]
    assert (name, facts["comment"], facts["task"]["id"]) == ("comment.create", comment._asdict(), task)


def test_comments_are_listed_oldest_first(task: int) -> None:
    for text in ("One", "Two", "Three"):
        comments.add_comment(task, text)

    assert [comment.comment for comment in comments.list_comments(task)] == ["One", "Two", "Three"]


def test_an_edit_tells_before_and_after_and_one_that_changes_nothing_is_not_facts_after(task: int) -> None:
    comment_id = comments.add_comment(task, "One")
    last = last_event_id()

    assert comments.update_comment(comment_id, "Two")
    assert not comments.update_comment(comment_id, "Two\n")

    [(name, facts)] = facts_after(last)
    assert (name, facts["changes"], facts["before"]) == ("comment.update", {"comment": "Two"}, {"comment": "One"})
    assert facts["comment"]["comment"] == "Two"


def test_a_removed_comment_comes_back_under_its_id(task: int) -> None:
    comment_id = comments.add_comment(task, "One")
    before = comments.get_comment(comment_id)

    removed = comments.remove_comment(comment_id)
    assert comments.list_comments(task) == []
    comments.restore_comment(removed)

    assert comments.get_comment(comment_id) == before
    assert [name for name, _ in facts_after(0)][-3:] == ["comment.create", "comment.delete", "comment.create"]


@pytest.mark.parametrize("text", ["", " \n\t", "\r\n"])
def test_an_empty_comment_is_refused(task: int, text: str) -> None:
    comment_id = comments.add_comment(task, "One")
    last = last_event_id()

    with pytest.raises(InvalidError, match="The comment is empty"):
        comments.add_comment(task, text)
    with pytest.raises(InvalidError, match="The comment is empty"):
        comments.update_comment(comment_id, text)

    assert last_event_id() == last


def test_what_is_not_there_is_refused(task: int) -> None:
    removed = comments.remove_comment(comments.add_comment(task, "One"))
    removals.remove_task(task)

    with pytest.raises(NotFoundError, match=r"There is no comment 1\."):
        comments.update_comment(1, "Two")
    with pytest.raises(NotFoundError, match=r"There is no task #1\."):
        comments.add_comment(task, "Two")
    with pytest.raises(NotFoundError, match=r"There is no task #1\."):
        comments.restore_comment(removed)


def test_nobody_but_its_author_and_an_administrator_changes_a_comment(task: int) -> None:
    mika, noor, chief = users.add_user("mika"), users.add_user("noor"), users.add_user("chief", role="app-admin")
    with log.authored_by(mika):
        comment_id = comments.add_comment(task, "Mine")
    last = last_event_id()

    with log.authored_by(noor):
        with pytest.raises(InvalidError, match="Comment #1 is by mika; only its author"):
            comments.update_comment(comment_id, "Theirs")
        with pytest.raises(InvalidError, match="Comment #1 is by mika; only its author"):
            comments.remove_comment(comment_id)

    assert (comments.get_comment(comment_id).comment, last_event_id()) == ("Mine", last)
    with log.authored_by(chief):
        assert comments.update_comment(comment_id, "Mended")
    with log.authored_by(0):
        assert comments.update_comment(comment_id, "By the application")
    with log.authored_by(mika):
        comments.remove_comment(comment_id)


def test_nobody_comments_in_anothers_name_or_what_they_could_not_read(task: int) -> None:
    mika = users.add_user("mika")

    with log.authored_by(mika):
        with pytest.raises(InvalidError, match="in another user's name"):
            comments.add_comment(task, "Hello", user_id=1)
        with pytest.raises(InvalidError, match="could not be read by its author"):
            comments.add_comment(task, "Hello", visibility="app-manager")
    assert comments.list_comments(task) == []

    with log.authored_by(0):
        comments.add_comment(task, "Hello", user_id=mika, visibility="app-admin")
    assert [comment.user_id for comment in comments.list_comments(task)] == [mika]
