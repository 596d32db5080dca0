"""The private names of Textual, peewee and argparse that kbtui uses are few, and each has its reason."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import kbtui

PACKAGE = Path(kbtui.__file__).parent
LIBRARIES = ("textual", "rich", "peewee", "playhouse", "argparse")

OF_TUPLES = ("_asdict", "_fields", "_make", "_replace")
"""What every NamedTuple has: public, and named so as not to be taken for a field."""

REASONS = {
    "_dispatch_message": "the one place through which every handler of a widget runs: what it raises is caught there",
    "_handle_exception": "what Textual calls with what timers and other callbacks raise, to end the program",
    "_message_queue": "whether a widget has handled all its messages; its public size does not count the one at work",
    "_waiters": "whether a widget waits for its next message, which is what asyncio's event knows of it",
    "_writer_thread": "whether Textual has taken the terminal over, which it does not in the background",
    "textual._context.active_message_pump": "which widget it is for which something is done that no handler runs",
    "textual._xterm_parser.XTermParser": "what is read from a terminal goes through it; our parser stands before it",
    "textual._xterm_parser.BRACKETED_PASTE_START": "as the parser knows it",
    "textual._xterm_parser.BRACKETED_PASTE_END": "as the parser knows it",
    "_connect": "peewee's Database is made for it to be overridden, so that a connection is opened in our own way",
    "_meta": "peewee documents it as the way to a model's table and fields; it has no other name",
    "_sender": "one handler for the changes of four kinds of fields: not each of these messages has a control",
    "textual.document._document.EditResult": "what TextArea.edit, which is public and overridden, returns",
    "textual.document._edit.Edit": "what TextArea.edit, which is public and overridden, takes",
    "textual.widgets._directory_tree.DirEntry": "what the nodes of the public DirectoryTree hold; it is not exported",
}
"""Private name, a module's path included → why there is no public one."""


def is_private(name: str) -> bool:
    """Return whether a name begins with one underscore."""
    return name.startswith("_") and not name.startswith("__")


@cache
def trees() -> dict[str, ast.Module]:
    """Return each module of kbtui by its dotted name, parsed."""
    names = {path: ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in PACKAGE.rglob("*.py")}
    return {name.removesuffix(".__init__"): ast.parse(path.read_text("utf-8")) for path, name in names.items()}


@cache
def own_names() -> frozenset[str]:
    """Return what kbtui itself defines: functions, classes, parameters, variables and attributes that it sets."""
    names = set()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
    return frozenset(names)


def private_attributes() -> Iterator[str]:
    """Return the private attributes that kbtui reads and does not define: they are somebody else's."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and is_private(node.attr)
                and node.attr not in {*own_names(), *OF_TUPLES}
            ):
                yield node.attr


def private_imports() -> Iterator[str]:
    """Return what is imported from a library under a private name, or from a private module."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(LIBRARIES):
                for name in (f"{node.module}.{alias.name}" for alias in node.names):
                    if any(map(is_private, name.split("."))):
                        yield name


def overridden() -> Iterator[str]:
    """Return the private names in bodies of kbtui's classes that a base class of a library has too."""
    for module_name, tree in trees().items():
        if module_name.endswith("__main__"):
            continue
        for node in [each for each in tree.body if isinstance(each, ast.ClassDef)]:
            names = {each.name for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
            names |= {each.attr for each in ast.walk(node) if is_set_on_self(each)}  # type: ignore[attr-defined]
            own = getattr(importlib.import_module(module_name), node.name)
            bases = [base for base in inspect.getmro(own) if base.__module__.partition(".")[0] in LIBRARIES]
            yield from {name for name in filter(is_private, names) if any(name in vars(base) for base in bases)}


def is_set_on_self(node: ast.AST) -> bool:
    """Return whether a node sets an attribute of ``self``."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == "self"
    )


def test_each_private_name_of_a_library_has_its_reason() -> None:
    used = {*private_attributes(), *private_imports(), *overridden()}

    assert used == set(REASONS)
