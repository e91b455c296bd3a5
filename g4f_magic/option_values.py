"""Names of the notebook in the values of options, as everywhere in IPython: `-m $model`, `--base-url {url}/v1`. No I/O."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from g4f_magic.errors import InputError

_NAME = r"[^\W\d]\w{0,200}"
_NAMED = re.compile(rf"\$\$|\{{\{{|\}}\}}|\$({_NAME})|\$?\{{({_NAME})\}}")
_WHOLE = re.compile(rf"\$({_NAME})|\$?\{{({_NAME})\}}")
_LITERAL = frozenset({"-s", "--system", "-w", "--with", "-o", "--out", "--schema", "--tools", "--approve"})
"""Options whose values are no name's: a prompt, which has braces of its own, and what is a name already."""
_JSON = frozenset({"--param"})
"""Options whose values may be JSON: braces are a name's only where they are all of it."""


def filled(words: Sequence[str], names: Mapping[str, Any], *, valued: Sequence[str]) -> list[str]:
    """Return the words of a line with the names in its options' values filled in; `valued` are those that take one.

    `$$` and `{{` stand for the signs themselves.

    Raises:
        InputError: there is no such name, or it holds nothing that can be written on a line.
    """
    found: list[str] = []
    option = ""
    for word in words:
        if option:
            found.append(_value(option, word, names))
            option = ""
        elif word in valued:
            found.append(word)
            option = word
        elif word.startswith("--") and "=" in word:
            name, _, value = word.partition("=")
            found.append(f"{name}={_value(name, value, names)}")
        else:
            found.append(word)
    return found


def holds_names(words: Sequence[str], *, valued: Sequence[str]) -> bool:
    """Say whether a value names something of the notebook."""
    try:
        return filled(words, {}, valued=valued) != list(words)
    except InputError:
        return True


def _value(option: str, value: str, names: Mapping[str, Any]) -> str:
    if option in _LITERAL or ("$" not in value and "{" not in value):
        return value
    if option in _JSON:
        key, equals, rest = value.partition("=")
        whole = _WHOLE.fullmatch(rest)
        return value if whole is None else f"{key}{equals}{_text(option, whole[1] or whole[2], names)}"

    def text(match: re.Match[str]) -> str:
        if name := match[1] or match[2]:
            return _text(option, name, names)
        return match[0][0]

    return _NAMED.sub(text, value)


def _text(option: str, name: str, names: Mapping[str, Any]) -> str:
    if name not in names:
        import difflib

        near = difflib.get_close_matches(name, [one for one in names if not one.startswith("_")], n=1)
        raise InputError(
            f"{option}: there is no {name} in the notebook",
            hint=(f"Did you mean {near[0]}? " if near else "")
            + "Set it first; $$ and {{ stand for the signs themselves.",
        )
    value = names[name]
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if not isinstance(value, str | int | float):
        raise InputError(
            f"{option}: {name} is a {type(value).__name__}, which cannot stand on the line",
            hint="Give a text or a number.",
        )
    return str(value)
