"""Single values on one line, bounded: numbers, dates, texts, and whatever stands in a cell of a table. No I/O."""

from __future__ import annotations

import datetime
import enum
import pathlib
import re
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from g4f_magic.secret_names import names_a_secret

LONGEST = 200
"""Of a text within something else, in characters."""
_MOST_BITS = 8_192
"""Of a whole number; Python itself refuses to write out one of some 14,000."""
_AS_REPR = (
    type(None),
    bool,
    float,
    complex,
    Decimal,
    Fraction,
    UUID,
    range,
    slice,
    type(Ellipsis),
    type(NotImplemented),
)
_DATES = (datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo)
SCALARS = (*_AS_REPR, *_DATES, int, str, bytes, bytearray, memoryview, enum.Enum, pathlib.PurePath)

_PLAIN_WORDS = frozenset({"key", "keys", "token", "pass", "cookie", "cookies", "private", "secrets"})
"""Names of a field that seldom is a secret: `{"key": "a", "value": 1}`, the tokens of a text."""
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,}")

Cut = Callable[[str], None]
"""Told what was cut, in words."""


def is_scalar(value: Any) -> bool:
    """Say whether a value is a single one: no container, and nothing with a structure."""
    return issubclass(type(value), SCALARS) or is_numpy_scalar(value)


def is_numpy_scalar(value: Any) -> bool:
    """Say whether a value is a number, date or text of NumPy's own."""
    return library_of(type(value)) == "numpy" and not getattr(value, "shape", (1,)) and hasattr(value, "item")


def holds_a_secret(name: Any, value: Any) -> bool:
    """Say whether a field's name says that what is in it is a secret."""
    return (
        isinstance(name, str)
        and issubclass(type(value), (str, bytes))
        and len(value) >= 4
        and name.lower() not in _PLAIN_WORDS
        and names_a_secret(name)
    )


def scalar_text(value: Any, cut: Cut, longest: int = LONGEST) -> str:
    """Return a single value as Python writes it, on one line and of at most about `longest` characters."""
    if isinstance(value, str):
        return quoted(value, cut, longest)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes_text(value, cut, longest)
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, int) and not isinstance(value, bool):
        bits = int.bit_length(value)
        return int.__repr__(value) if bits <= _MOST_BITS else f"a whole number of {bits:,} bits"
    if is_numpy_scalar(value):
        value = value.item() if type(value).__name__ not in ("datetime64", "timedelta64") else str(value)
        return str(value) if isinstance(value, (str, int, float)) else shortened(repr(value), cut, longest)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return str(value)
    return shortened(repr(value), cut, longest)


def quoted(value: str, cut: Cut, longest: int = LONGEST) -> str:
    """Return a text in quotes, on one line; what is left out at its end is said."""
    length = str.__len__(value)
    if length <= longest:
        return repr(str.__getitem__(value, slice(None)))
    cut(f"texts cut after {longest} characters")
    return f"{str.__getitem__(value, slice(longest))!r}… ({length - longest:,} more characters)"


def bytes_text(value: bytes | bytearray | memoryview, cut: Cut, longest: int = LONGEST) -> str:
    """Return bytes as Python writes them, bounded."""
    raw = value if not isinstance(value, memoryview) else value.cast("B") if value.contiguous else b""
    if len(raw) <= longest // 4:
        return repr(bytes(raw))
    cut(f"bytes cut after {longest // 4}")
    return f"{bytes(raw[: longest // 4])!r}… ({len(raw) - longest // 4:,} more bytes)"


def shortened(text: str, cut: Cut, longest: int = LONGEST) -> str:
    """Return a text on one line, bounded, without addresses in memory: they differ from run to run."""
    is_long = len(text) > longest
    text = _ADDRESS.sub("", " ".join(text[: longest * 2].split()))
    if is_long or len(text) > longest:
        cut(f"texts cut after {longest} characters")
        return f"{text[:longest]}…"
    return text


def has_own_repr(value: Any) -> bool:
    """Say whether a thing's `repr` says more than its type and address."""
    return _repr_of(value) is not _repr_of(object())


def writes_all_out(value: Any) -> bool:
    """Say whether a thing's `repr` is a container's, which writes out all that is in it."""
    containers: tuple[Any, ...] = ({}, [], (), set(), frozenset(), deque())
    return any(_repr_of(value) is _repr_of(one) for one in containers)


def _repr_of(value: Any) -> Any:
    try:
        return type(value).__repr__
    except Exception:  # of a class whose class answers so
        return None


def type_name(value: Any) -> str:
    """Return what a thing is, in a few words: its library and its type."""
    cls = type(value)
    root = library_of(cls)
    name = type.__dict__["__qualname__"].__get__(cls).rpartition(".<locals>.")[2][:80]
    return name if root in ("builtins", "__main__") else f"{root[:40]} {name}".strip()


def libraries_of(value: Any) -> list[str]:
    """Return the libraries that a thing's type, and those that it derives from, come from."""
    return list(dict.fromkeys(map(library_of, type.__dict__["__mro__"].__get__(type(value)))))


def library_of(cls: type) -> str:
    """Return the library that a type comes from, whatever its class makes of such a question."""
    try:
        name = type.__dict__["__module__"].__get__(cls)
    except AttributeError:
        return ""
    return name.partition(".")[0] if isinstance(name, str) else ""
