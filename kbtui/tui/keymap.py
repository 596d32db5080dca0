"""What is wrong with the keys that a person has put into config.toml."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character
from textual.screen import Screen

MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})

NAMED_KEYS = frozenset({*(key.value for key in Keys), *KEY_NAME_REPLACEMENTS.values()})


def complaint(keymap: Mapping[str, str], board: Screen[None]) -> str:
    """Return a sentence about the first mistake in a keymap as it is in force on the board, "" when there is none."""
    bindings = [binding for node in (type(board.app), type(board), *_widgets(board)) for binding in _bindings(node)]
    known = {binding.id for binding in bindings}
    for binding_id, keys in keymap.items():
        if binding_id not in known and binding_id not in _all_ids():
            return f'config.toml: there is no binding "{binding_id}"; ? lists all.'
        for key in keys.split(","):
            if not key.strip():
                return f'config.toml: "{binding_id}" has an empty key; a comma is written as comma.'
            if not _is_key(key.strip()):
                return f'config.toml: "{binding_id}" has no key "{key.strip()}"; try one such as f5, ctrl+t or >.'
    return _lost(bindings, board)


def _lost(bindings: list[Binding], board: Screen[None]) -> str:
    """Return which binding of the board has no key left, because others were given all it had."""
    active = {each.binding.id for each in board.active_bindings.values()}
    for binding in bindings:
        if binding.id not in active:
            return f'config.toml leaves "{binding.id}" without a key: another has been given it.'
    return ""


def _widgets(board: Screen[None]) -> list[type[DOMNode]]:
    return [type(widget) for widget in board.children]


def _bindings(node: type[DOMNode]) -> Iterator[Binding]:
    """Return the bindings of a class itself, one for each key."""
    for binding in Binding.make_bindings(node.BINDINGS):
        if binding.id:
            yield binding


def _is_key(key: str) -> bool:
    modifiers, _, name = key[:-1].rpartition("+")
    name += key[-1]
    if not MODIFIERS.issuperset(modifiers.split("+") if modifiers else ()):
        return False
    return len(name) == 1 or name in NAMED_KEYS or key_to_character(name) is not None


def _all_ids() -> set[str]:
    """Return the ids of all bindings there are, for which every screen is loaded."""
    from kbtui.tui import screens  # what is here is wanted only by who has bound a key of another screen

    for module in iter_modules(screens.__path__):
        import_module(f"{screens.__name__}.{module.name}")
    ids = set[str]()
    nodes: list[type[DOMNode]] = [DOMNode]
    while nodes:
        node = nodes.pop()
        nodes += node.__subclasses__()
        ids.update(binding.id for binding in _bindings(node) if binding.id)
    return ids
