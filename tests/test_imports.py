"""What may import what: the contracts hold, and a process that loads the core has loaded no screen and no socket."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kbtui

ROOT = Path(kbtui.__file__).parent.parent
CORE = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "kbtui/core").rglob("[!_]*.py")
)

ON_DEMAND = "kbtui.core.db.engine.postgres"
"""Brings psycopg, and asyncio with it, so it is loaded only when a server is opened."""

HEAVY = {"textual", "rich", "httpx", "httpcore", "starlette", "asyncio"}
FORBIDDEN_IN_FORMATS = {"peewee", "httpx", "kbtui.core.db.database", "kbtui.core.db.models"}


def loaded_by(*modules: str) -> set[str]:
    """Return the names of all modules of a process that imported these."""
    script = f"import sys, {', '.join(modules)}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_dependencies_point_down() -> None:
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("the contracts are in the source tree")
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    assert command is not None, "pip install import-linter"

    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert " 0 broken" in done.stdout


def test_the_core_knows_no_screen_and_no_socket() -> None:
    assert "kbtui.core.tasks.moves" in CORE

    loaded = loaded_by(*(module for module in CORE if module != ON_DEMAND))

    assert set(CORE) - loaded == {ON_DEMAND}
    assert not loaded & HEAVY
    assert not {name for name in loaded if name.startswith(("kbtui.tui", "kbtui.webhooks", "kbtui.cli"))}


def test_the_formats_are_pure() -> None:
    loaded = loaded_by("kbtui.webhooks.formats")

    assert "kbtui.webhooks.formats.kanboard_1_0" in loaded
    assert not loaded & FORBIDDEN_IN_FORMATS


def test_the_package_itself_imports_nothing() -> None:
    bare = loaded_by("builtins")

    assert loaded_by("kbtui") - bare == {"kbtui"}
