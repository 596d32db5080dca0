import hashlib
import time

import pytest
import time_machine

from kbtui.core.db import models
from kbtui.core.events import log
from kbtui.core.projects import users
from kbtui.core.tasks import files, removals, tasks
from kbtui.errors import InvalidError, NotFoundError
from tests import sql
from tests.core.conftest import facts_after, last_event_id

NOW = 2_000_000_000


@pytest.fixture
def task(project: int) -> int:
    return tasks.create_task(project, "Task")


def test_a_file_is_kept_byte_for_byte_and_announced(task: int) -> None:
    content = bytes(range(256))
    last = last_event_id()

    file_id = files.add_file(task, "raw.bin", content)

    assert files.read_content(file_id) == content
    file = files.get_file(file_id)
    assert (file.name, file.size, file.is_image, file.user_id) == ("raw.bin", 256, 0, 1)
    [(name, facts)] = facts_after(last)
    assert (name, facts["file"]) == ("file.create", file._asdict())


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/home/mika/notes.txt", "notes.txt"),
        ("C:\\Documents\\notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("folder/", "folder"),
        ("a\nb\x1b.txt", "a b\ufffd.txt"),
        ("a: b.txt", "a: b.txt"),
        ("Screenshot taken May 19, 2015 at 10:56 AM", "Screenshot taken May 19, 2015 at 10:56 AM"),
        (".hidden", ".hidden"),
        ("x" * 255, "x" * 255),
    ],
)
def test_of_a_path_the_last_part_is_the_name(task: int, given: str, kept: str) -> None:
    assert files.get_file(files.add_file(task, given, b"")).name == kept


@pytest.mark.parametrize("name", ["", " ", "/", "..", "a/..", ".", "x" * 256])
def test_a_name_that_is_none_is_refused(task: int, name: str) -> None:
    with pytest.raises(InvalidError):
        files.add_file(task, name, b"x")

    assert files.list_files(task) == []


@pytest.mark.parametrize(("name", "is_image"), [("a.PNG", 1), ("a.jpeg", 1), ("a.png.txt", 0), ("png", 0)])
def test_images_are_known_by_their_names(task: int, name: str, is_image: int) -> None:
    assert files.get_file(files.add_file(task, name, b"")).is_image == is_image


def test_25_mib_can_be_attached_and_a_byte_more_is_refused_in_words(task: int) -> None:
    content = bytes(files.SIZE_LIMIT + 1)
    last = last_event_id()

    with pytest.raises(InvalidError, match=r"large\.bin has 25\.1 MiB; at most 25 MiB can be attached\."):
        files.add_file(task, "large.bin", content)
    assert last_event_id() == last

    file_id = files.add_file(task, "large.bin", content[:-1])
    assert files.get_file(file_id).size == files.SIZE_LIMIT


def test_a_removed_file_comes_back_with_its_bytes(task: int) -> None:
    file_id = files.add_file(task, "notes.txt", b"One")
    before, last = files.get_file(file_id), last_event_id()

    removed = files.remove_file(file_id)
    with pytest.raises(NotFoundError, match=r"There is no file 1\."):
        files.read_content(file_id)
    files.restore_file(removed)

    assert (files.get_file(file_id), files.read_content(file_id)) == (before, b"One")
    assert [name for name, _ in facts_after(last)] == ["file.destroy", "file.create"]


def test_what_is_not_there_is_refused(board: object) -> None:
    with pytest.raises(NotFoundError, match=r"There is no task #9\."):
        files.add_file(9, "a", b"")
    with pytest.raises(NotFoundError, match=r"There is no file 9\."):
        files.remove_file(9)


@pytest.mark.parametrize(
    ("clock", "name"),
    [
        ((2015, 5, 19, 10, 56), "Screenshot taken May 19, 2015 at 10:56 AM"),
        ((2027, 12, 1, 0, 5), "Screenshot taken December 1, 2027 at 12:05 AM"),
        ((2027, 1, 31, 12, 0), "Screenshot taken January 31, 2027 at 12:00 PM"),
        ((2027, 1, 31, 23, 59), "Screenshot taken January 31, 2027 at 11:59 PM"),
    ],
)
def test_a_screenshot_has_the_name_of_the_documentation(clock: tuple[int, int, int, int, int], name: str) -> None:
    assert files.screenshot_name(time.mktime((*clock, 0, 0, 0, -1))) == name


def test_a_file_is_known_by_all_that_is_told_of_it(task: int) -> None:
    mika = users.add_user("mika")

    with time_machine.travel(NOW + 0.5, tick=False), log.authored_by(mika):
        file_id = files.add_file(task, "folder/a.webp", b"One")

    etag = hashlib.sha256(b"One").hexdigest()[:32]
    assert files.get_file(file_id) == files.File(file_id, "a.webp", 1, task, NOW, mika, 3, etag)


def test_files_are_those_of_the_task_oldest_first(task: int, project: int) -> None:
    first, second = files.add_file(task, "b", b"One"), files.add_file(task, "a", b"Two")
    files.add_file(tasks.create_task(project, "Other"), "c", b"Three")

    assert [file.id for file in files.list_files(task)] == [first, second]
    assert [files.get_file(each).name for each in (first, second)] == ["b", "a"]
    assert [files.read_content(each) for each in (first, second)] == [b"One", b"Two"]


def test_a_file_has_its_bytes_also_after_another_was_removed(task: int) -> None:
    files.remove_file(files.add_file(task, "a", b"One"))

    file_id = files.add_file(task, "b", b"Two")

    assert files.read_content(file_id) == b"Two"


def test_a_removal_removes_one_file(task: int) -> None:
    first, second = files.add_file(task, "a", b"One"), files.add_file(task, "b", b"Two")

    removed = files.remove_file(first)

    assert (removed.file.id, removed.file.name) == (first, "a")
    assert [(item.kind, item.row_id) for item in models.RemovedItem.select()] == [("file", first)]
    assert [file.id for file in files.list_files(task)] == [second]
    assert files.read_content(second) == b"Two"


def test_every_event_of_a_file_is_one_of_its_task_and_tells_the_file(task: int, project: int) -> None:
    last = last_event_id()
    file = files.get_file(files.add_file(task, "a", b"One"))
    files.restore_file(files.remove_file(file.id))

    assert [(name, facts["file"], facts["task"]["id"]) for name, facts in facts_after(last)] == [
        ("file.create", file._asdict(), task),
        ("file.destroy", file._asdict(), task),
        ("file.create", file._asdict(), task),
    ]
    assert sql.fetch_all("SELECT DISTINCT project_id, task_id FROM events WHERE id > ?", (last,)) == [(project, task)]


def test_a_file_that_is_not_to_be_kept_does_not_come_back(task: int) -> None:
    removed = files.remove_file(files.add_file(task, "a.txt", b"One"), keep=False)

    assert removed.item_id == 0
    assert models.RemovedItem.select().count() == models.RemovedContent.select().count() == 0
    with pytest.raises(NotFoundError, match=r'The file "a\.txt" was removed more than a day ago'):
        files.restore_file(removed)
    assert files.list_files(task) == []


def test_a_file_whose_task_is_gone_does_not_come_back(task: int) -> None:
    removed = files.remove_file(files.add_file(task, "a", b"One"))
    removals.remove_task(task)

    with pytest.raises(NotFoundError, match=f"There is no task #{task}"):
        files.restore_file(removed)


@pytest.mark.parametrize(
    ("over", "says"), [(1, "25.1"), (2**20, "26.0"), (2**20 + 1, "26.1"), (2000 * 2**20, "2,025.0")]
)
def test_a_size_is_told_in_tenths_that_are_rounded_up(over: int, says: str) -> None:
    with pytest.raises(InvalidError, match=f"a has {says} MiB; at most 25 MiB"):
        files.check_size("a", 25 * 2**20 + over)
    files.check_size("a", 25 * 2**20)


@pytest.mark.parametrize("suffix", ["png", "jpg", "JPEG", "gif", "webp", "bmp"])
def test_each_kind_of_image_is_one(task: int, suffix: str) -> None:
    assert files.get_file(files.add_file(task, f"a.{suffix}", b"")).is_image == 1


@pytest.mark.parametrize(("name", "folder"), [(".", "."), ("a/..", ".."), ("..\\\\", "..")])
def test_a_folder_is_named_in_the_complaint(name: str, folder: str) -> None:
    with pytest.raises(InvalidError) as refused:
        files.clean_name(name)

    assert str(refused.value) == f'"{folder}" is a folder, not the name of a file.'
