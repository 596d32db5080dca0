"""The registry of procedures: Kanboard's name → a function, whose signature says which arguments it takes."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from kbtui.server.arguments import READERS, Reader
from kbtui.server.callers import Call

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)


class ArgumentError(Exception):
    """The arguments of a call do not fit its procedure; the text says how."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name in a call, how its value is read, and whether it can be left out."""

    name: str
    keyword: str
    read: Reader
    is_required: bool


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure that can be called. ``changes`` tells whether it writes: then it is one transaction."""

    name: str
    function: Function
    parameters: tuple[Parameter, ...]
    wants_call: bool
    changes: bool

    def bind(self, params: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments by keyword; raise ArgumentError when there are too few, too many or wrong ones.

        A named null, and a positional one where nothing need be given, is as good as nothing, as in Kanboard.
        """
        if len(params) > len(self.parameters):
            raise ArgumentError("Too many arguments")
        required = [parameter for parameter in self.parameters if parameter.is_required]
        if isinstance(params, Mapping) and params:
            given = {name: value for name, value in params.items() if value is not None}
            for parameter in required:
                if parameter.name not in given:
                    raise ArgumentError(f"Missing argument: {parameter.name}")
        else:
            if len(params) < len(required):
                raise ArgumentError("Wrong number of arguments")
            names = (parameter.name for parameter in self.parameters)
            given = dict(zip(names, params, strict=False))
        arguments: dict[str, Any] = {}
        for parameter in self.parameters:
            if parameter.name in given and (given[parameter.name] is not None or parameter.is_required):
                arguments[parameter.keyword] = self._read(parameter, given[parameter.name])
        return arguments

    @staticmethod
    def _read(parameter: Parameter, value: Any) -> Any:
        try:
            return parameter.read(value)
        except ValueError as error:
            raise ArgumentError(f"Wrong type of argument: {parameter.name}") from error


PROCEDURES: dict[str, Procedure] = {}
"""Every procedure by its name in small letters: Kanboard does not tell capitals apart."""


def reads(function: F) -> F:
    """Register a procedure that only reads."""
    return _register(function, changes=False)


def changes(function: F) -> F:
    """Register a procedure that changes something, all of it or nothing."""
    return _register(function, changes=True)


def _register(function: F, *, changes: bool) -> F:
    hints = typing.get_type_hints(function)
    wants_call = next(iter(hints.values()), None) is Call
    signature = list(inspect.signature(function).parameters.values())[int(wants_call) :]
    parameters = tuple(
        Parameter(
            name=each.name.rstrip("_"),
            keyword=each.name,
            read=_reader(hints[each.name]),
            is_required=each.default is inspect.Parameter.empty,
        )
        for each in signature
    )
    first, *rest = function.__name__.split("_")
    name = first + "".join(word.capitalize() for word in rest)
    PROCEDURES[name.lower()] = Procedure(name, function, parameters, wants_call, changes)
    return function


def _reader(hint: Any) -> Reader:
    """Return how a value of a type is read; ``| None`` is for what is left out, which is never read."""
    if isinstance(hint, types.UnionType):
        (hint,) = (each for each in typing.get_args(hint) if each is not type(None))
    return READERS[hint]
