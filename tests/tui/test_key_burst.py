"""Keys that arrive all at once, as over a slow line: none is lost, and none means something else."""

from pathlib import Path

from kbtui.core.db import database
from kbtui.core.projects import projects
from tests.boards import make_board
from tests.tui.test_board_pty import fetch, open_terminal


def test_what_is_typed_in_one_go_with_the_key_of_a_form_lands_in_the_form(tmp_path: Path) -> None:
    path = tmp_path / "board.db"
    make_board(path, 6)
    before = fetch(path, "SELECT id, column_id FROM tasks ORDER BY id")

    with open_terminal(path) as terminal:
        terminal.send(b"nHello LJx title")
        terminal.wait_for_text("Hello LJx title")
        terminal.send(b"\r")
        terminal.wait_for(lambda: fetch(path, "SELECT id FROM tasks WHERE title = 'Hello LJx title'"))

    assert fetch(path, "SELECT id, column_id FROM tasks ORDER BY id")[: len(before)] == before


def test_a_project_whose_name_is_typed_in_one_go_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "board.db"
    make_board(path, 6)
    database.connect(path)
    projects.create_project("Garden round")
    projects.create_project("Other")
    database.close()

    with open_terminal(path) as terminal:
        terminal.press("p")
        terminal.wait_for_text("Filter")
        terminal.send(b"Garden round\r")
        terminal.wait_for(lambda: "Garden round  0 tasks" in terminal.lines[-2] and "Filter" not in terminal.text)

    assert len(fetch(path, "SELECT id FROM projects")) == 3
