"""A function as a model is told of it: from its signature, type hints and docstring to a JSON Schema. No I/O.

The schema of a function is the same wherever it is made, as recordings are found by it: types are read by `schemas`,
whether pydantic is installed or not; its own models are told by pydantic.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.schemas import schema_of
from g4f_magic.secret import redact
from g4f_magic.tools.docstring import words_of
from g4f_magic.tools.marks import marks_of

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_HINT = "Write its type: def {name}({parameter}: str), or int, list[str], Literal[...], a dataclass."

Fit = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Tool:
    """One function that a model may ask for."""

    name: str
    description: str
    parameters: Mapping[str, Any]
    """The JSON Schema of its arguments, which are an object."""
    function: Callable[..., Any] = field(repr=False)
    asks: bool = True
    """Whether the person is asked before it runs."""
    fits: Mapping[str, Fit] = field(default_factory=dict, repr=False)
    """What makes the values of those parameters that are not plain JSON."""
    positional: tuple[str, ...] = ()
    """Those that are given by their place alone."""
    origin: str = ""
    """Whose it is where it is none of the notebook's: `mcp:NAME`."""

    @property
    def told(self) -> dict[str, Any]:
        """Return what a model is told of it."""
        return {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}

    @property
    def order(self) -> tuple[str, ...]:
        """Return the names of its parameters, as it takes them."""
        return tuple(self.parameters["properties"])


def tool_of(name: str, function: Any) -> Tool:
    """Return a function of that name as a model is told of it.

    Raises:
        InputError: it is no function, or one that cannot be described, and why.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"--tools: {name[:80]!r} is not a name that services take",
            hint="Give it a name of letters without accents, digits and underscores.",
        )
    if isinstance(function, type) or not callable(function):
        what = f"the class {name}" if isinstance(function, type) else f"{name}, a {type(function).__name__},"
        raise InputError(
            f"--tools: {what} is not a function", hint="Write a function around it, and name that."
        )
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        raise InputError(
            f"--tools: Python does not tell what {name} takes", hint="Write a function around it."
        ) from None
    marks, words = marks_of(function), words_of(redact(_docstring(function) or ""))
    hints = _hints(name, function)
    properties: dict[str, Any] = {}
    defs: dict[str, Any] = {}
    fits: dict[str, Fit] = {}
    for parameter in parameters.values():
        json_schema, fit = _parameter(name, parameter, hints.get(parameter.name, parameter.annotation), defs)
        if note := words.of_parameters.get(parameter.name, ""):
            json_schema.setdefault("description", note)
        properties[parameter.name] = json_schema
        if fit is not None:
            fits[parameter.name] = fit
    required = [one.name for one in parameters.values() if one.default is inspect.Parameter.empty]
    return Tool(
        name,
        marks.description or words.of_function,
        {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
            **({"$defs": defs} if defs else {}),
        },
        function,
        marks.asks,
        fits,
        tuple(one.name for one in parameters.values() if one.kind is inspect.Parameter.POSITIONAL_ONLY),
    )


def _parameter(
    name: str, parameter: inspect.Parameter, hint: Any, defs: dict[str, Any]
) -> tuple[dict[str, Any], Fit | None]:
    """Return the schema of a parameter, and what makes its value."""
    if parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
        stars = "*" if parameter.kind is inspect.Parameter.VAR_POSITIONAL else "**"
        raise InputError(
            f"--tools: {name} takes {stars}{parameter.name}, which no model can be told of",
            hint="Write a function around it that names what it takes.",
        )
    default = parameter.default
    if hint is inspect.Parameter.empty:
        if type(default) not in (str, int, float, bool):
            raise InputError(
                f"--tools: {name} does not say what type {parameter.name} has",
                hint=_HINT.format(name=name, parameter=parameter.name),
            )
        hint = type(default)
    try:
        made = schema_of(_unquoted(hint))
    except InputError as exc:
        raise InputError(
            f"--tools: {parameter.name} of {name} cannot be described: {exc}", hint=exc.hint
        ) from None
    json_schema = dict(made.json)
    for place, one in dict(json_schema.pop("$defs", {})).items():
        if defs.setdefault(place, one) != one:
            raise InputError(
                f"--tools: {name} takes two models that are both called {place}", hint="Rename one of them."
            )
    return (
        json_schema,
        made.fit,
    )  # without its default: that is a value of the notebook, and none asked for it


def _unquoted(hint: Any) -> Any:
    """Return a type; a text would be read as a line of fields."""
    if isinstance(hint, str):
        raise InputError(
            f"its type {hint[:80]!r} is not known", hint="Run the cell that defines the type first."
        )
    return hint


def _hints(name: str, function: Any) -> dict[str, Any]:
    while isinstance(function, functools.partial):
        function = function.func
    target = function if inspect.isroutine(function) else type(function).__call__
    try:
        return typing.get_type_hints(target, include_extras=True)
    except (NameError, TypeError, SyntaxError, AttributeError) as exc:
        raise InputError(
            f"--tools: the types of {name} cannot be told ({str(exc)[:120]})",
            hint="Run the cell that defines them first.",
        ) from None


def _docstring(function: Any) -> str | None:
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.getdoc(function) if inspect.isroutine(function) else inspect.getdoc(type(function))
