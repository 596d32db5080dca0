import pytest
import time_machine

from kbtui.core.events import log
from kbtui.core.projects import users
from kbtui.core.tasks import comments, removals, tasks
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id

NOW = 2_000_000_000


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


def test_a_comment_keeps_what_it_was_given_and_when(task: int) -> None:
    mika = users.add_user("mika", name="Mika", email="mika@example.com", role="app-manager")

    with time_machine.travel(NOW + 0.5, tick=False), log.authored_by(mika):
        comment_id = comments.add_comment(task, "One", user_id=mika, reference="R-1", visibility="app-manager")
    plain = comments.get_comment(comments.add_comment(task, "Two"))

    assert comments.get_comment(comment_id) == comments.Comment(
        comment_id, task, mika, NOW, NOW, "One", "R-1", "app-manager", "mika", "Mika", "mika@example.com"
    )
    assert (plain.reference, plain.visibility, plain.name, plain.email) == ("", "app-user", None, None)


def test_an_edit_changes_one_comment_and_when_it_was_edited(task: int) -> None:
    with time_machine.travel(NOW, tick=False):
        first, second = comments.add_comment(task, "One"), comments.add_comment(task, "Two")
    before = [comments.get_comment(each) for each in (first, second)]

    with time_machine.travel(NOW + 60.5, tick=False):
        changed = comments.update_comment(first, "Uno")

    edited = before[0]._replace(comment="Uno", date_modification=NOW + 60)
    assert changed == (before[0], edited)
    assert comments.list_comments(task) == [edited, before[1]]


def test_a_comment_of_the_application_is_nobodys(task: int) -> None:
    with log.authored_by(0):
        comment_id = comments.add_comment(task, "One")

    (comment,) = comments.list_comments(task)

    assert (comment.id, comment.user_id, comment.username, comment.name) == (comment_id, 0, None, None)


def test_a_removal_removes_one_comment(task: int) -> None:
    first, second = comments.add_comment(task, "One"), comments.add_comment(task, "Two")

    comments.remove_comment(first)

    assert [each.id for each in comments.list_comments(task)] == [second]


def test_comments_are_those_of_the_task_by_time_and_then_by_number(task: int, project: int) -> None:
    for text in ("One", "Two", "Three"):
        comments.add_comment(task, text)
    comments.add_comment(tasks.create_task(project, "Other"), "Elsewhere")
    sql.execute("UPDATE comments SET date_creation = CASE id WHEN 2 THEN 5 ELSE 7 END")

    assert [each.comment for each in comments.list_comments(task)] == ["Two", "One", "Three"]


def test_every_event_of_a_comment_is_one_of_its_task_and_tells_the_comment(task: int, project: int) -> None:
    last = last_event_id()
    comment_id = comments.add_comment(task, "One")
    first = comments.get_comment(comment_id)
    comments.update_comment(comment_id, "Two")
    second = comments.get_comment(comment_id)
    comments.restore_comment(comments.remove_comment(comment_id))

    assert [(name, facts["comment"], facts["task"]["id"]) for name, facts in facts_after(last)] == [
        ("comment.create", first._asdict(), task),
        ("comment.update", second._asdict(), task),
        ("comment.delete", second._asdict(), task),
        ("comment.create", second._asdict(), task),
    ]
    assert sql.fetch_all("SELECT DISTINCT project_id, task_id FROM events WHERE id > ?", (last,)) == [(project, task)]


@pytest.mark.parametrize(
    ("visibility", "readers"),
    [
        ("app-user", ["app-admin", "app-manager", "app-user"]),
        ("app-manager", ["app-admin", "app-manager"]),
        ("app-admin", ["app-admin"]),
        ("nobody", []),
    ],
)
def test_a_comment_is_read_from_a_role_upwards(visibility: str, readers: list[str]) -> None:
    roles = ("app-admin", "app-manager", "app-user", "guest")

    assert [role for role in roles if comments.can_read(role, visibility)] == readers


def test_whose_comment_it_is_that_cannot_be_changed_is_said(task: int) -> None:
    named, gone, other = users.add_user("mika", name="Mika"), users.add_user("gone"), users.add_user("noor")
    made = []
    for author in (named, gone):
        with log.authored_by(author):
            made.append(comments.add_comment(task, "Mine"))
    users.remove_user(gone)

    with log.authored_by(other):
        with pytest.raises(InvalidError, match="Comment #1 is by Mika; only its author"):
            comments.remove_comment(made[0])
        with pytest.raises(InvalidError, match="Comment #2 is another user's; only its author"):
            comments.remove_comment(made[1])
