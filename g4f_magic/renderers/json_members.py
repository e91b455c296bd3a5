"""JSON that is still coming, by the members of its outermost object or list: each once, when it is whole. No I/O.

Each character is looked at once, whatever the text is. Where one field holds all there is, its members are told.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_SIGN = re.compile(r'["{}\[\],]')
_IN_STRING = re.compile(r'["\\]')
_OPENING = re.compile(r"[{\[]")
_CLOSING = {"{": "}", "[": "]"}
_KEY = re.compile(r'\s*("(?:[^"\\]|\\.)*+")\s*:\s*', re.DOTALL)
_WRAPPERS = frozenset({"items", "value"})
"""Fields that hold a reply which is no object."""


@dataclass(frozen=True, slots=True)
class JsonMember:
    """One member: of a list without a name. `text` is its JSON, whole or as far as it has come."""

    name: str | None
    text: str

    def value(self) -> Any:
        """Return the value; of JSON that is still coming, as much as there is.

        Raises:
            ValueError: nothing can be told yet.
        """
        return _value(self.text)


class Members:
    """Finds the members in a text that comes in pieces."""

    def __init__(self) -> None:
        self._before: list[str] = []
        self._open: list[str] = []
        """The closing signs that are still to come."""
        self._member: list[str] = []
        self._in_string = self._is_escaped = False
        self._is_over = False
        self._depth = 1
        """How deep the members lie."""
        self._has_first = False

    @property
    def open_text(self) -> str:
        """Return the text of what is open: before the first bracket all there is."""
        return "".join(self._member if self._open or self._is_over else self._before)

    def feed(self, text: str) -> list[JsonMember]:
        """Return the members that the piece completes, in their order."""
        found: list[JsonMember] = []
        if not self._open and not self._is_over:
            opening = _OPENING.search(text)
            if opening is None:
                self._before.append(text)
                return []
            self._open.append(_CLOSING[opening[0]])
            text = text[opening.end() :]
        at = 0
        while at < len(text) and not self._is_over:
            at = self._string(text, at) if self._in_string else self._next(text, at, found)
        return found

    def open_member(self) -> JsonMember | None:
        """Return the member that is still coming; None where none has begun."""
        return self._named("".join(self._member)) if self._open else None

    def _string(self, text: str, at: int) -> int:
        """Go on within a string; return where it goes on after it."""
        if self._is_escaped:
            self._is_escaped = False
            self._member.append(text[at])
            return at + 1
        end = _IN_STRING.search(text, at)
        if end is None:
            self._member.append(text[at:])
            return len(text)
        self._member.append(text[at : end.end()])
        self._in_string = end[0] != '"'
        self._is_escaped = end[0] == "\\"
        return end.end()

    def _next(self, text: str, at: int, found: list[JsonMember]) -> int:
        """Go on to the next sign; return where it goes on after it."""
        sign = _SIGN.search(text, at)
        if sign is None:
            self._member.append(text[at:])
            return len(text)
        self._member.append(text[at : sign.start()])
        mark = sign[0]
        is_outermost = len(self._open) == self._depth
        if mark == '"':
            self._in_string = True
        elif mark in _CLOSING:
            if is_outermost and self._depth == 1 and self._wraps(mark):
                self._depth = 2
                self._member = []
                self._open.append(_CLOSING[mark])
                return sign.end()
            self._open.append(_CLOSING[mark])
        elif mark == "," and is_outermost:
            self._complete(found)
            return sign.end()
        elif mark != ",":
            if is_outermost:
                self._complete(found)
                self._is_over = True
                return len(text)
            self._open.pop()
        self._member.append(mark)
        return sign.end()

    def _wraps(self, mark: str) -> bool:
        """Say whether the list that begins here is all that the outermost object is there for."""
        if mark != "[" or self._open[0] != "}" or self._has_first:
            return False
        key = _KEY.fullmatch("".join(self._member))
        return key is not None and json.loads(key[1], strict=False) in _WRAPPERS

    def _complete(self, found: list[JsonMember]) -> None:
        text, self._member = "".join(self._member), []
        self._has_first = True
        if text.strip():
            found.append(self._named(text))

    def _named(self, text: str) -> JsonMember:
        if self._open and self._open[self._depth - 1] == "}" and (key := _KEY.match(text)):
            try:
                return JsonMember(json.loads(key[1], strict=False), text[key.end() :].strip())
            except ValueError:
                pass
        return JsonMember(None, text.strip())


def _value(text: str) -> Any:
    """Return the value of JSON that may lack its end.

    Raises:
        ValueError: it cannot be completed.
    """
    try:
        return json.loads(text)
    except ValueError:
        pass
    stack, in_string, is_escaped = _opened(text)
    if is_escaped:
        text = text[:-1]
    closing = "".join(reversed(stack))
    if in_string:
        # Cut within an escape of four digits, or after a key: what is incomplete is left out.
        texts = (text, _without_half(text))
        tries = [f"{one}{end}{closing}" for end in ('"', '":null') for one in texts]
    else:
        bare = text.rstrip()
        tries = [
            f"{bare}{closing}",
            f"{bare.rstrip(',')}{closing}",
            f"{bare}null{closing}",
            f"{bare}:null{closing}",
        ]
    for one in tries:
        try:
            return json.loads(one)
        except ValueError:
            continue
    end = len(text)
    while end and (text[end - 1].isalnum() or text[end - 1] in "+-."):  # a number or a word that is not whole
        end -= 1
    return json.loads(f"{text[:end].rstrip()}null{closing}")


def _without_half(text: str) -> str:
    """Return the text of a string without an escape of four digits that has not come whole."""
    start = text.rfind("\\", max(0, len(text) - 5))
    return text[:start] if start >= 0 else text


def _opened(text: str) -> tuple[list[str], bool, bool]:
    """Return the closing signs that are missing, and whether it ends within a string, or within an escape there."""
    stack: list[str] = []
    at, in_string = 0, False
    while True:
        sign = (_IN_STRING if in_string else _SIGN).search(text, at)
        if sign is None:
            return stack, in_string, False
        at = sign.end()
        mark = sign[0]
        if mark == '"':
            in_string = not in_string
        elif mark == "\\":
            if at >= len(text):
                return stack, True, True
            at += 1
        elif mark in _CLOSING:
            stack.append(_CLOSING[mark])
        elif mark != "," and stack:
            stack.pop()
