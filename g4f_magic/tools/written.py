"""Calls of functions that a model wrote into its text, in the tokens of its template, which its server did not read. No I/O.

A server is started without the parser of its model's calls (vLLM, SGLang), or does not know the model (MLX, older llama.cpp): then the
call comes as words. Only what ends the text, in a form that templates have, with the name of a function that was offered, is one:
of anything else, and of what stands in a fence of code, nobody can say whether it was meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from json import JSONDecoder
from typing import Any

_OPENING = re.compile(
    r"<(?:\w{1,20}:)?(?:tool_?calls?|function_?calls?)>|<function=|<(?:\w{1,20}:)?invoke name=|\[TOOL_CALLS\]|<\|python_tag\|>"
    r"|<[|｜](?:DSML[|｜])?(?:tool|function|invoke)[▁_]?|<\|tool_call(?:s_section)?_?(?:begin|start)?\|?>",
    re.I,
)
"""What stands before the first call: Hermes, Qwen, GLM, Kimi, DeepSeek, MiniMax, Mistral, Llama, Granite."""
_MOST_CHARACTERS = 100_000
MOST_CALLS = 64
_READ = JSONDecoder().raw_decode
_FILLER = re.compile(
    r"<[^<>{}]{0,80}>|\[/?[A-Z_]{3,20}\]|\b(?:functions?|json)\b|[\s,;:.`\[\]]{1,1000}|\d{1,3}(?=\s{0,8}<)",
    re.I,
)
"""What may stand around the names and the arguments of calls: tokens, numbers, signs."""
_MEMBER = re.compile(
    r"<(?P<prefix>(?:\w{1,20}:|[|｜]DSML[|｜])?)parameter(?:=| name=\"?)(?P<name>[\w.-]{1,64})\"?[^<>]{0,40}>"
    r"|<arg_key>(?P<key>[\w.-]{1,64})</arg_key>\s{0,8}<arg_value>"
)
"""The beginning of an argument as an element."""
_BLANK = re.compile(r"\s*")
_HEAD = re.compile(r"<(?:[^<>{}]{0,40})?(?:name=\"?|function=)")
"""The beginning of an element that names a function."""
_TAIL = re.compile(r"\"?\s?/?>")
_MOST_FAILURES = 256

Offered = Mapping[str, Mapping[str, Any]]
"""The schemas of the arguments, by the functions' names."""


def calls_in(text: str, offered: Offered) -> list[tuple[str, str]]:
    """Return the calls that `text` ends with, as names and JSON."""
    text = text.strip()
    if len(text) > _MOST_CHARACTERS or not offered:
        return []
    opening = _OPENING.search(text)
    if opening is None:
        return _of_json(text, offered) if text[:1] in "{[" else []
    if text[: opening.start()].count("```") % 2 or text[: opening.start()].rpartition("\n")[2].count("`") % 2:
        return []
    return _read(text[opening.start() :], offered)


def _of_json(text: str, offered: Offered) -> list[tuple[str, str]]:
    """Return the calls that a text of JSON and nothing else is: Llama's form."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [
        (name, given if isinstance(given, str) else _json(given))
        for name, given in _of_values(value, offered)
    ]


def _read(text: str, offered: Offered) -> list[tuple[str, str]]:
    """Return the calls in what stands behind the first opening; none where anything else stands there, too."""
    found: list[tuple[str, str]] = []
    names = re.compile(
        rf"(?<![\w-])({'|'.join(map(re.escape, sorted(offered, key=len, reverse=True)))})(?![\w-])"
    )
    at = failures = 0
    name = ""
    while (at := _after_blanks(text, at)) < len(text):
        value = _value_at(text, at) if text[at] in "{[" else None
        failures += value is None and text[at] in "{["
        if failures > _MOST_FAILURES:
            return []
        if value is not None:
            inner, at = value
            calls = [(name, inner)] if name and isinstance(inner, dict) else _of_values(inner, offered)
            if not calls:
                return []
            found += [(one, given if isinstance(given, str) else _json(given)) for one, given in calls]
            name = ""
        elif members := list(_members_at(text, at)):
            if not name:
                return []
            found.append((name, _json({key: _typed(told, offered[name], key) for key, told, _ in members})))
            name, at = "", members[-1][2]
        elif _MEMBER.match(text, at) or len(found) >= MOST_CALLS:
            return []
        elif named := names.match(text, at):
            found += [(name, "{}")] if name else []
            name, at = named[1], named.end()
        elif around := _HEAD.match(text, at) or _FILLER.match(text, at) or _TAIL.match(text, at):
            at = around.end()
        else:
            return []
    return [*found, (name, "{}")] if name else found


def _of_values(value: Any, offered: Offered) -> list[tuple[str, Any]]:
    """Return the calls that an object or a list of them is; none where one of them is none."""
    values = value if isinstance(value, list) else [value]
    found = [call for one in values if (call := _of_object(one, offered)) is not None]
    return found if len(found) == len(values) else []


def _members_at(text: str, at: int) -> Iterator[tuple[str, str, int]]:
    """Yield the members of an object that stands as elements at a place, and where each ends."""
    while True:
        found = _MEMBER.match(text, _after_blanks(text, at))
        if found is None:
            return
        closing = f"</{found['prefix']}parameter>" if found["name"] else "</arg_value>"
        end = text.find(closing, found.end())
        if end < 0:
            return
        at = end + len(closing)
        told = text[found.end() : end].removeprefix("\n").removesuffix("\n")
        yield found["name"] or found["key"], told, at


def _after_blanks(text: str, at: int) -> int:
    blanks = _BLANK.match(text, at)
    return blanks.end() if blanks else at


def _typed(value: str, schema: Mapping[str, Any], name: str) -> Any:
    """Return what an element says: its text where the argument is one, else the JSON that it is."""
    wanted = schema.get("properties", {}).get(name, {})
    if isinstance(wanted, Mapping) and wanted.get("type") == "string":
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _of_object(value: Any, offered: Offered) -> tuple[str, Any] | None:
    """Return the call that an object is: a name, and arguments under one of their names."""
    if not isinstance(value, dict):
        return None
    function = value.get("function", value)
    if isinstance(function, str):
        function = {**value, "name": function}
    if (
        not isinstance(function, dict)
        or not isinstance(name := function.get("name"), str)
        or name not in offered
    ):
        return None
    given = next((function[one] for one in ("arguments", "parameters", "args") if one in function), None)
    return (name, given) if isinstance(given, str | dict) else None


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _value_at(text: str, at: int) -> tuple[Any, int] | None:
    try:
        return _READ(text, at)
    except (ValueError, RecursionError):
        return None
