"""JSON as a tree to unfold, which grows while it comes. No I/O."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from typing import Any

from g4f_magic import stopping
from g4f_magic.errors import UnfitReplyError
from g4f_magic.renderers.allowance import room_for
from g4f_magic.renderers.document import LONGEST_PART
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.formats import TextView, fences, language_name, unfenced, wrapped
from g4f_magic.renderers.json_members import JsonMember, Members
from g4f_magic.renderers.parsing import TooMuchError
from g4f_magic.renderers.renderer import Part

_OPENING = re.compile(r"^[ \t]*+[{\[]", re.MULTILINE)
_LINE_END = re.compile(r"[ \t]*+$", re.MULTILINE)
_MOST_TRIES = 30
"""Lines of a reply at which a value is looked for."""


class JsonView(TextView):
    """Shows JSON as a tree to unfold; `problem` says after `parts` why it is none."""

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""
        self._members = Members()
        self._read = self._made = 1

    def feed(self, text: str) -> None:
        """Take the next piece of the reply."""
        self._read += len(text)
        if whole := [_member(member) for member in self._members.feed(text)]:
            self._finished.append(_monospace("".join(whole)))
            self._made += len(self._finished[-1])

    @property
    def growth(self) -> float:  # type: ignore[override]  # a constant where nothing is measured
        """Return how many characters of HTML a character of text makes: many, where a list has small items."""
        return max(4.0, self._made / self._read)

    def tail(self) -> str:
        """Return the member that is still open, as far as it has come."""
        member = self._members.open_member()
        return wrapped(self.tail_text) if member is None else _monospace(_member(member))

    @property
    def tail_text(self) -> str:
        """Return the text behind it."""
        return self._members.open_text

    def parts(self, reply: str) -> list[Part]:
        """Return the tree, or the text as it came with what is wrong with it."""
        try:
            value, text = json_of(reply)
        except ValueError as exc:
            self.problem = f"the reply is not valid JSON: {exc}"
            first, *others = super().parts(reply)
            said = f"<p><strong>T{escaped(self.problem[1:])}</strong></p>"
            return [Part(said + first.html, first.plain), *others]
        return self._shown(value, text)

    def _shown(self, value: Any, text: str) -> list[Part]:
        indented = _indented(value, room_for(len(text)))
        try:
            tree = Tree(room_for(len(text))).show(value) if len(text) <= LONGEST_PART else ""
        except TooMuchError:
            tree = ""
        if not tree:
            return super().parts(indented or text)
        return [Part(_monospace(tree), indented or text)]


class TypedView(JsonView):
    """Shows a typed reply: its value as a tree, or where it does not fit, the text as it came."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        super().__init__()
        self._schema = schema

    def parts(self, reply: str) -> list[Part]:
        """Return the tree of the value; what does not fit is said by the error of the cell."""
        from g4f_magic.schemas import Schema

        try:
            value = Schema.of_json(dict(self._schema)).validate(reply)
        except UnfitReplyError:
            return super(JsonView, self).parts(reply)
        return self._shown(value, reply)


def _member(member: JsonMember) -> str:
    label = "" if member.name is None else f"{escaped(json.dumps(member.name, ensure_ascii=False))}: "
    try:
        return Tree(room_for(len(member.text))).show(member.value(), label=label)
    except (ValueError, RecursionError, TooMuchError):
        return f"<div>{label}</div>{wrapped(member.text)}"


def _monospace(html: str) -> str:
    return f'<div style="font-family:var(--jp-code-font-family,monospace)">{html}</div>'


def json_of(reply: str) -> tuple[Any, str]:
    """Return the value that a reply gives as JSON, and its text: all of the reply, or what stands alone among words.

    Alone are the one fence of JSON, or without fences the one value that begins and ends with a line.

    Raises:
        ValueError: it gives none, or several.
    """
    text = unfenced(reply).strip().removeprefix("\ufeff")
    try:
        return _value_of(text), text
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except ValueError:
        found = _fenced(reply) if "```" in reply or "~~~" in reply else _on_lines(text)
        if len(found) != 1:
            raise
        return found[0]


def _fenced(reply: str) -> list[tuple[Any, str]]:
    found = []
    for code, language in fences(reply):
        if language_name(language) in ("json", ""):
            with contextlib.suppress(ValueError, RecursionError):
                found.append((_value_of(code), code))
    return found


def _on_lines(text: str) -> list[tuple[Any, str]]:
    decoder = json.JSONDecoder(parse_constant=_refuse)
    found = []
    at = 0
    for _ in range(_MOST_TRIES):
        if (opening := _OPENING.search(text, at)) is None:
            break
        start, at = opening.end() - 1, opening.end()
        with contextlib.suppress(ValueError, RecursionError):
            value, end = decoder.raw_decode(text, start)
            if _LINE_END.match(text, end):
                found.append((value, text[start:end]))
                at = end
    return found


def _value_of(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


def _indented(value: Any, room: int) -> str:
    """Return JSON in lines; empty where that is longer than `room`, as each line of a deep value begins with blanks."""
    pieces: list[str] = []
    try:
        for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
            room -= len(piece)
            if room < 0 or stopping.is_over():
                return ""
            pieces.append(piece)
    except RecursionError:
        return ""
    return "".join(pieces)


class Tree:
    """A value as elements to unfold, of at most so many characters."""

    _OPEN_LEVELS = 2
    _DEEPEST = 50

    def __init__(self, room: int) -> None:
        self._room = room

    def show(self, value: Any, *, label: str = "", depth: int = 0) -> str:
        """Return the elements.

        Raises:
            TooMuchError: they are longer.
        """
        if not isinstance(value, dict | list) or not value:
            return self._taken(f"<div>{label}{escaped(json.dumps(value, ensure_ascii=False))}</div>")
        if depth > self._DEEPEST:
            raise TooMuchError
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        of = f"{len(value)} {'key' if isinstance(value, dict) else 'item'}{'s' * (len(value) != 1)}"
        sign = f"{{{of}}}" if isinstance(value, dict) else f"[{of}]"
        opened = " open" if depth < self._OPEN_LEVELS else ""
        head = self._taken(
            f'<details{opened}><summary>{label}{sign}</summary><div style="padding-left:1.5em">'
        )
        inside = "".join(
            self.show(item, label=f"{escaped(json.dumps(name, ensure_ascii=False))}: ", depth=depth + 1)
            for name, item in pairs
        )
        return f"{head}{inside}</div></details>"

    def _taken(self, html: str) -> str:
        self._room -= len(html) + 20
        if self._room < 0:
            raise TooMuchError
        return html
