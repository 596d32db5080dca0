from pathlib import Path

import pytest

from tests.pictures import FOLDER, PICTURES, draw


@pytest.mark.parametrize("name", PICTURES)
async def test_the_program_looks_as_in_its_pictures(name: str, tmp_path: Path) -> None:
    drawn = await draw(PICTURES[name], tmp_path / "board.db")

    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")

    assert drawn == kept, f"{name} looks different: draw it with `python -m tests.pictures {name}`, and look at it"


def test_there_is_no_picture_that_nothing_draws() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} == set(PICTURES)
