"""Where SQL is written by hand, and why there: everything else is asked for in peewee."""

import ast
import re
from pathlib import Path

import kbtui

HOUSE = Path(kbtui.__file__).parent

REASONS = {
    "core/db/engine": "what differs from one database to the other",
    "core/db/migrations.py": "steps that have shipped and never change, whatever the models become",
    "core/db/old_events.py": "a step of the migrations",
    "core/db/upgrade.py": "how a file is copied and changed, which is SQLite's own affair",
    "core/db/prepared.py": "runs what peewee has compiled",
    "core/db/models": "defaults and constraints for which peewee has no word",
    "webhooks/diagnosis.py": "looks at a file that may be damaged, by the engine's own means",
    "webhooks/retention.py": "walks over a long history: how it is read is the point",
}
"""Module or folder → why its statements are text."""

_STATEMENT = re.compile(
    r"\s*(SELECT\s.+\sFROM|SELECT\s+(count|max|min|EXISTS)\b|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM"
    r"|PRAGMA\s|(CREATE|ALTER|DROP)\s+(TABLE|(UNIQUE\s+)?INDEX|TRIGGER|VIRTUAL)|WITH\s+(RECURSIVE\s+)?\w+.*\bAS\s*\()",
    re.DOTALL,
)
_CALLS = {"execute_sql", "SQL"}


def modules_with_raw_sql() -> set[str]:
    """Return the modules of kbtui that hold a statement as a text, or run one."""
    return {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if any(map(_is_raw, ast.walk(ast.parse(path.read_text()))))
    }


def _is_raw(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _STATEMENT.match(node.value) is not None
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    return name in _CALLS


def _reason(module: str) -> str:
    return next((reason for place, reason in REASONS.items() if module.startswith(place)), "")


def test_sql_is_written_by_hand_only_where_there_is_a_reason_for_it() -> None:
    assert {module for module in modules_with_raw_sql() if not _reason(module)} == set()


def test_no_reason_is_kept_for_a_module_that_needs_none_any_more() -> None:
    raw = modules_with_raw_sql()

    assert [place for place in REASONS if not any(module.startswith(place) for module in raw)] == []
