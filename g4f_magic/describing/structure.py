"""Dicts, lists and other containers: their head, item by item, within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.scalars import LONGEST, holds_a_secret, is_scalar, scalar_text
from g4f_magic.describing.shape import fields_of, shape_of
from g4f_magic.describing.share import reaches
from g4f_magic.secret import MASK

CONTAINERS = (Mapping, list, tuple, Set, deque)
_DEPTH, _MOST_SORTED = 8, 10_000
_ITEMS, _ITEMS_INSIDE, _ENTRIES = 10, 5, 40
"""That are shown of a list, of one within something, and of a dict, at the level `sample`."""
_LINE = 100
"""Characters of a container that stands on one line."""

_SCHEMA = Scope(share="schema", limit=0)

Brief = Callable[[Any, Scope], str]


class _FullError(Exception):
    """The limit is reached."""


def is_container(value: Any) -> bool:
    """Say whether a thing has items or fields that can be gone through."""
    return isinstance(value, CONTAINERS) or fields_of(value) is not None


def container_body(value: Any, kind: str, scope: Scope, brief: Brief) -> Body:
    """Return the head of a container. `brief` says on one line what stands in it and is none."""
    fields = fields_of(value)
    size = len(value if fields is None else fields)
    facts = counted(
        size, "field" if fields is not None else "entry" if isinstance(value, Mapping) else "item"
    )
    if scope.share == "schema":
        return Body(kind=kind, text=shape_of(value, brief), facts=facts)
    writer = _Writer(scope, brief, scope.limit)
    with suppress(_FullError):
        writer.write(value, 0)
    part = (f"{writer.top:,} of {facts}",) if writer.top < size else ()
    told = (*part, *writer.cuts)
    return Body(
        kind=kind, text="".join(writer.parts), facts=facts, summary=(part or (facts,))[0], omitted=told
    )


def container_line(value: Any, scope: Scope, brief: Brief, longest: int) -> str:
    """Return the head of a container on one line of at most about `longest` characters."""
    if not reaches(scope.share, "sample"):
        return " ".join(shape_of(value, brief).split())
    writer = _Writer(scope, brief, longest, is_line=True)
    with suppress(_FullError):
        writer.write(value, 0)
        return "".join(writer.parts)
    return f"{''.join(writer.parts)[:longest]}… ({container_body(value, '', _SCHEMA, brief).facts})"


def counted(number: int, unit: str) -> str:
    """Return a number with what it counts: "1 item", "1,000 entries"."""
    if number == 1:
        return f"1 {unit}"
    return f"{number:,} {unit[:-1]}ies" if unit.endswith("y") else f"{number:,} {unit}s"


class _Writer:
    """Writes a structure from its beginning, until `room` characters are full."""

    def __init__(self, scope: Scope, brief: Brief, room: int, *, is_line: bool = False) -> None:
        self.parts: list[str] = []
        self.cuts: dict[str, None] = {}
        self.top = 0
        """How many items of the outermost container stand there whole."""
        self._scope = scope
        self._brief = brief
        self._room = room
        self._is_line = is_line
        self._open: set[int] = set()
        self._is_whole = reaches(scope.share, "all")
        self._longest = scope.limit if self._is_whole else LONGEST

    def write(self, value: Any, depth: int) -> None:
        """Write a value, and what is in it.

        Raises:
            _FullError: there is no room for all of it.
        """
        if is_scalar(value):
            self._emit(scalar_text(value, self._cut, self._longest))
        elif not is_container(value):
            self._emit(self._brief(value, self._scope))
        elif id(value) in self._open:
            self._emit("<what this is in>")
        elif depth >= _DEPTH:
            self._cut(f"{_DEPTH} levels of it")
            self._emit(f"<{type(value).__name__[:80]}>")
        else:
            self._open.add(id(value))
            self._write_container(value, depth)
            self._open.discard(id(value))

    def _write_container(self, value: Any, depth: int) -> None:
        items = list(islice(_items(value), self._most(value, depth)))
        size = len(value if (fields := fields_of(value)) is None else fields)
        start, end = _marks(value)
        if items and not self._is_line and depth and self._write_line(value, depth):
            return
        is_line = self._is_line or all(key is None and is_scalar(item) for key, item in items)
        pad, after = ("", ", ") if is_line else ("  " * (depth + 1), ",\n")
        self._emit(start if is_line else f"{start}\n")
        for number, (key, item) in enumerate(items, 1):
            self._emit(pad)
            self._write_item(key, item, depth)
            self._emit("" if is_line and number == size else after)
            if not depth:
                self.top = number
        if size > len(items):
            self._emit(f"{pad}… {size - len(items):,} more{'' if is_line else chr(10)}")
            if depth:
                self._cut("lists and dicts in it cut")
        self._emit(end if is_line else f"{'  ' * depth}{end}")

    def _write_line(self, value: Any, depth: int) -> bool:
        """Write a container on one line, if it fits on it, and say whether it did."""
        line = _Writer(self._scope, self._brief, _LINE, is_line=True)
        line._open = self._open - {id(value)}
        try:
            line.write(value, depth)
        except _FullError:
            return False
        self.cuts |= line.cuts
        self._emit("".join(line.parts))
        return True

    def _write_item(self, key: Any, item: Any, depth: int) -> None:
        name = key
        if isinstance(key, _Field):
            name = key.name
            self._emit(f"{name}=")
        elif key is not None:
            is_single = is_scalar(key.value)
            name = key.value
            self._emit(scalar_text(name, self._cut, LONGEST) if is_single else self._brief(name, self._scope))
            self._emit(": ")
        if holds_a_secret(name, item):
            self._cut("secrets stand as ***")
            self._emit(f"'{MASK}'")
        else:
            self.write(item, depth + 1)

    def _most(self, value: Any, depth: int) -> int:
        """Return how many items are shown."""
        if self._is_whole:
            return self._room + 1  # each takes a character at least
        if isinstance(value, Mapping) or fields_of(value) is not None:
            return _ENTRIES
        return _ITEMS_INSIDE if depth else _ITEMS

    def _emit(self, text: str) -> None:
        self.parts.append(text)
        self._room -= len(text)
        if self._room < 0:
            raise _FullError

    def _cut(self, words: str) -> None:
        self.cuts[words] = None


@dataclass(frozen=True, slots=True)
class _Field:
    """The name of a field."""

    name: str


@dataclass(frozen=True, slots=True)
class _Key:
    """The key of an entry, which may be None itself."""

    value: Any


def _items(value: Any) -> Iterator[tuple[_Field | _Key | None, Any]]:
    """Yield what is in a container, each with its field or key, where it has one."""
    fields = fields_of(value)
    if fields is not None:
        yield from ((_Field(name), item) for name, item in fields.items())
    elif isinstance(value, Mapping):
        yield from ((_Key(key), item) for key, item in value.items())
    else:
        yield from ((None, item) for item in _in_order(value))


def _in_order(value: Iterable[Any]) -> Iterable[Any]:
    """Return the items in an order that is the same in each run: that of a set is not."""
    if not isinstance(value, Set):
        return value
    items = list(islice(value, _MOST_SORTED + 1))  # whatever it says of its size: one of ours may have no end
    if len(items) > _MOST_SORTED:
        return value
    try:
        return sorted(items)
    except TypeError:
        return sorted(items, key=lambda item: (type(item).__name__, repr(item)))


def _marks(value: Any) -> tuple[str, str]:
    """Return what stands before and after the items, as Python writes it."""
    cls = type(value)
    known: dict[type, tuple[str, str]] = {
        dict: ("{", "}"),
        list: ("[", "]"),
        tuple: ("(", ")"),
        set: ("{", "}"),
    }
    if cls in known and (value or cls is not set):
        return known[cls]
    return f"{cls.__name__[:80]}(", ")"
