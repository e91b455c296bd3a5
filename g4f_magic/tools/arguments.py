"""The arguments of a call: read and checked, shown as the Python that would run, and read back from it. No I/O."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any, NoReturn
from unicodedata import normalize

from g4f_magic.schemas.fitting import problems
from g4f_magic.syntax import expression_of
from g4f_magic.tools.signature import Tool
from g4f_magic.visible import make_visible

MOST_CHARACTERS = 200_000
_LONGEST_SHOWN = 20_000


class ArgumentsError(ValueError):
    """Arguments that a function does not take; the words are for the model."""


def read(tool: Tool, text: str) -> dict[str, Any]:
    """Return the arguments of a call, as JSON values.

    Raises:
        ArgumentsError: they are no JSON object, or not what the function takes.
    """
    if len(text) > MOST_CHARACTERS:
        raise ArgumentsError(f"The arguments have {len(text):,} characters, more than {MOST_CHARACTERS:,}.")
    try:
        value = json.loads(text or "{}", parse_constant=_refuse)
    except (ValueError, RecursionError) as exc:
        raise ArgumentsError(f"The arguments are not JSON ({str(exc)[:120]}). Give a JSON object.") from None
    if isinstance(value, str):  # some models write the object as a text
        try:
            value = json.loads(value, parse_constant=_refuse)
        except (ValueError, RecursionError):
            value = None
    if value is None and not tool.order:
        value = {}
    if not isinstance(value, dict):
        raise ArgumentsError(
            "The arguments are not a JSON object. Give one, with a member for each argument."
        )
    check(tool, value)
    return value


def check(tool: Tool, arguments: Mapping[str, Any]) -> None:
    """Make sure that a function takes the arguments.

    Raises:
        ArgumentsError: it does not.
    """
    if wrong := problems(dict(arguments), tool.parameters):
        raise ArgumentsError(f"{tool.name} does not take these arguments: {'; '.join(wrong)}.")


def made(tool: Tool, arguments: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the values that the function is called with: by place, and by name.

    Raises:
        ArgumentsError: one cannot be made.
    """
    values: dict[str, Any] = {}
    for name, value in arguments.items():
        fit = tool.fits.get(name)
        try:
            values[name] = value if fit is None else fit(value)
        except Exception as exc:  # whatever the person's own class raises
            raise ArgumentsError(
                f"{name} of {tool.name} cannot be made of what was given: {str(exc)[:300]}"
            ) from None
    given = [name for name in tool.positional if name in values]
    return [values.pop(name) for name in given], values


def python_of(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Return a call as the Python that would run."""
    ordered = sorted(arguments, key=lambda name: tool.order.index(name) if name in tool.order else 10_000)
    return code_of(tool.name, {name: arguments[name] for name in ordered}, tool.positional)


def code_of(name: str, arguments: Mapping[str, Any], positional: tuple[str, ...] = ()) -> str:
    """Return a call of a function of that name as Python, with nothing in it that a terminal or a page would obey.

    A name that Python has no word for, which a server of MCP or a model chose, stands in quotes: none can pass for more of the call.
    """
    parts = [
        repr(value)
        if one in positional
        else f"{one}={value!r}"
        if _is_word(one)
        else f"**{{{one!r}: {value!r}}}"
        for one, value in arguments.items()
    ]
    return make_visible(f"{name}({', '.join(parts)})")


def _is_word(name: str) -> bool:
    return name.isidentifier() and not iskeyword(name) and name == normalize("NFKC", name)


def without_middle(code: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return code with what is too long left out in its middle, and said."""
    if len(code) <= longest:
        return code
    half = longest // 2
    return f"{code[:half]} … {len(code) - longest:,} more characters … {code[-half:]}"


def edited(tool: Tool, code: str) -> dict[str, Any]:
    """Return the arguments of a call that the person wrote in place of the model's.

    Raises:
        ArgumentsError: it is no call of that function with plain values, or the function does not take them.
    """
    how = f"Write {tool.name}(...) with texts, numbers, lists and dicts."
    call = expression_of(code)
    if call is None:
        raise ArgumentsError(f"That is not a call. {how}")
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == tool.name):
        raise ArgumentsError(f"That is not a call of {tool.name}. {how}")
    if len(call.args) > len(tool.order):
        raise ArgumentsError(f"That is not what {tool.name} takes. {how}")
    try:
        given = dict(zip(tool.order, map(ast.literal_eval, call.args), strict=False))
        for one in call.keywords:
            value = ast.literal_eval(one.value)
            given |= value if one.arg is None else {one.arg: value}
        plain: dict[str, Any] = json.loads(json.dumps(given, allow_nan=False))
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise ArgumentsError(f"Only plain values can stand there. {how}") from None
    check(tool, plain)
    return plain


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
