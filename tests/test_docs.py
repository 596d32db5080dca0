"""What the documents say is true of the program."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbtui import __version__
from kbtui.cli import main
from kbtui.cli.commands import build_parser
from kbtui.core.db import database
from kbtui.core.events import log
from kbtui.core.projects import projects, users
from kbtui.tui.app import KanboardApp
from kbtui.tui.screens.board import BoardScreen
from kbtui.tui.widgets.board_view import BoardView

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ENDLESS = ("kbtui listen", "kbtui demo", "kbtui serve")


def shell_lines() -> Iterator[str]:
    """Return the commands of the README that are kbtui's."""
    for block in re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL):
        for line in block.splitlines():
            command = line.split("  #")[0].strip()
            if command.startswith("kbtui "):
                yield command


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the board that the README's examples need."""
    path = tmp_path_factory.mktemp("example") / "board.db"
    database.connect(path)
    with log.authored_by(1):
        projects.create_project("Website")
        users.add_user("maria")
    database.close()
    for _ in range(12):
        assert main(["--database", str(path), "--no-deliver", "task", "add", "Something to do"]) == 0
    return path


@pytest.fixture
def board(example: Path, tmp_path: Path) -> Path:
    """Return a copy of that board."""
    return Path(shutil.copy(example, tmp_path))


@pytest.mark.parametrize("command", [line for line in shell_lines() if not line.startswith(ENDLESS)])
def test_the_commands_of_the_readme_work(
    command: str, board: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(board.parent)

    status = main([*shlex.split(command)[1:], "--database", str(board), "--no-deliver"])

    assert (status, capsys.readouterr().err) == (0, "")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`kbtui ([a-z]+(?: [a-z]+)?)", README))))
def test_every_command_that_the_readme_names_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args([*command.split(), "--help"])

    assert left.value.code == 0
    assert f"usage: kbtui {command}" in capsys.readouterr().out


def test_the_keys_of_the_readme_are_those_of_the_board() -> None:
    table = README.split("## Keys")[1].split("The mouse")[0]
    written = set(re.findall(r"<kbd>(.*?)</kbd>", table))

    bound = {key for each in (KanboardApp, BoardScreen, BoardView) for key in each._merge_bindings().key_to_bindings}

    names = {"{": "left_curly_bracket", "}": "right_curly_bracket", ",": "comma", "?": "question_mark"}
    assert {names.get(key, key) for key in written} <= bound


def test_the_readme_shows_pictures_that_exist() -> None:
    pictures = re.findall(r"\((screenshots/.*?)\)", README)

    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)


def test_the_version_is_told_alike_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0

    assert capsys.readouterr().out == f"kbtui {__version__}\n"
