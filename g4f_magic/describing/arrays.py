"""Arrays and tensors: shape, type, range and a corner. Of one on another device no more than that corner is copied."""

from __future__ import annotations

import math
import sys
from itertools import islice
from typing import Any

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.scalars import is_scalar, scalar_text, type_name
from g4f_magic.describing.share import reaches
from g4f_magic.describing.structure import counted

_SIDE, _WHOLE, _LONG = 5, 50, 8
"""Of the corner; values that are shown without a cut; and characters that one takes, about."""
_LOOKED_AT, _LOOKED_AT_IN_NUMPY = 65_536, 4_000_000
"""Values, for the range."""
_ROUNDED, _MOST_FIELDS = 6, 60
_MOST_SIDES = 64


def is_array(value: Any) -> bool:
    """Say whether a thing is an array as NumPy, PyTorch, JAX, TensorFlow or CuPy have them."""
    cls = type(value)
    return all(hasattr(cls, name) for name in ("shape", "dtype", "__getitem__")) and (
        hasattr(cls, "tolist") or hasattr(cls, "numpy") or hasattr(cls, "__array__")
    )


def array_body(value: Any, kind: str, scope: Scope) -> Body | None:
    """Return what is said of an array; None where its shape says that it is none."""
    shape = tuple(islice(value.shape, _MOST_SIDES + 1))
    if len(shape) > _MOST_SIDES or not all(isinstance(side, int) for side in shape):
        return None
    device = _device(value)
    facts = ", ".join(filter(None, (_sides(shape) or "a single value", _type(value.dtype), device)))
    if not reaches(scope.share, "sample"):
        return Body(kind=kind, text=_fields(value.dtype), facts=facts)
    whole = math.prod(shape)
    if not whole:
        return Body(kind=kind, facts=facts, summary=f"{facts}, empty")
    corner = _corner(shape, scope)
    shown = math.prod(corner)
    part = value[tuple(slice(0, length) for length in corner)] if shape else value
    lines = (_fields(value.dtype), _range(value, shape), _written(_host(part)))
    told = f"{shown:,} of {whole:,} values, from the first corner ({_sides(corner)})" if shown < whole else ""
    text = "\n".join(filter(None, lines))
    return Body(kind=kind, text=text, facts=facts, omitted=(told,) if told else ())


def _corner(shape: tuple[int, ...], scope: Scope) -> tuple[int, ...]:
    """Return the sides of the part that is shown: of more than two, most of the last two."""
    if math.prod(shape) <= _WHOLE:
        return shape
    if reaches(scope.share, "all"):
        side = max(_SIDE, int((scope.limit / _LONG) ** (1 / len(shape))))
    else:
        side = _SIDE if len(shape) > 1 else 2 * _SIDE
    before = 2 if len(shape) == 3 else 1
    return tuple(
        min(length, side if place >= len(shape) - 2 else before) for place, length in enumerate(shape)
    )


def _sides(shape: tuple[int, ...]) -> str:
    return " × ".join(f"{side:,}" for side in shape)


def _device(value: Any) -> str:
    device = getattr(value, "device", None)
    text = str(device) if device is not None and not callable(device) else ""
    return "" if text.lower() in ("", "cpu") or "cpu" in text.lower() else text[:40]


def _type(dtype: Any) -> str:
    names = getattr(dtype, "names", None)
    return (
        f"record of {counted(len(names), 'field')}"
        if names
        else str(getattr(dtype, "name", None) or dtype)[:60]
    )


def _fields(dtype: Any) -> str:
    """Return the names of a record's fields with their types; nothing of another type."""
    names = (getattr(dtype, "names", None) or ())[:_MOST_FIELDS]
    return (
        f"Fields: {', '.join(f'{str(name)[:60]!r}: {_type(dtype[name])}' for name in names)}" if names else ""
    )


def _host(part: Any) -> Any:
    """Return a small array as lists; one of another device is copied."""
    for step in ("detach", "cpu", "get"):
        move = getattr(part, step, None)
        if callable(move) and not (step == "get" and not hasattr(part, "device")):
            part = move()
    if hasattr(part, "todense"):
        part = part.todense()
    if not hasattr(part, "tolist"):
        part = part.numpy() if hasattr(part, "numpy") else part.__array__()
    return part.tolist()


def _range(value: Any, shape: tuple[int, ...]) -> str:
    """Return the smallest and the largest value of the first ones, and how many are not a number."""
    if type(value).__module__ == "numpy" and value.dtype.kind in "iuf" and value.size <= _LOOKED_AT_IN_NUMPY:
        return _numpy_range(value)
    sides, left = [], _LOOKED_AT
    for length in reversed(shape):
        sides.append(min(length, max(left, 1)))
        left //= max(sides[-1], 1)
    looked_at = math.prod(sides)
    flat = list(_flat(_host(value[tuple(slice(0, side) for side in reversed(sides))] if shape else value)))
    numbers = [one for one in flat if isinstance(one, (int, float)) and one == one]
    if not numbers:
        return ""
    of = f"of the first {looked_at:,} values" if looked_at < math.prod(shape) else "of all values"
    missing = sum(isinstance(one, float) and one != one for one in flat)
    nan = f", {missing:,} NaN" if missing else ""
    return f"From {_number(min(numbers))} to {_number(max(numbers))}{nan} ({of})."


def _numpy_range(value: Any) -> str:
    numpy = sys.modules["numpy"]
    missing = int(numpy.isnan(value).sum())
    if missing == value.size:
        return "NaN alone."
    low, high = (found.reduce(value, axis=None).item() for found in (numpy.fmin, numpy.fmax))
    return f"From {_number(low)} to {_number(high)}{f', {missing:,} NaN' if missing else ''} (of all values)."


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        for one in value:
            yield from _flat(one)
    else:
        yield value


def _number(value: Any) -> str:
    return f"{value:.{_ROUNDED}g}" if isinstance(value, float) else str(value)


def _written(value: Any) -> str:
    """Return nested lists, the innermost on a line each."""
    if isinstance(value, list):
        if value and isinstance(value[0], list):
            return "[" + ",\n ".join(_written(one).replace("\n", "\n ") for one in value) + "]"
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, float):
        return _number(value)
    if is_scalar(value) or isinstance(value, tuple):  # a record
        return scalar_text(value, lambda words: None)
    return str(value) if type(value).__name__ in ("NAType", "NaTType") else f"<{type_name(value)}>"
