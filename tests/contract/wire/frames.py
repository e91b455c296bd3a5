"""All that a debugger, an error tracker or rich would see of an error: each frame, each variable, and what is in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

DEPTH = 4
_MOST_ITEMS = 200


def errors_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that it came of."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__]


def inside(value: Any, depth: int = DEPTH) -> Iterator[str]:
    """Yield how a value looks, and a string as it is; then the same of what it holds."""
    try:
        yield value if isinstance(value, str) else repr(value)
    except Exception as exc:
        yield repr(exc)
    if depth == 0 or isinstance(value, (ModuleType, str, bytes, int, float)):
        return
    held: list[Any] = []
    if isinstance(value, Mapping):
        held += [one for pair in list(value.items())[:_MOST_ITEMS] for one in pair]
    elif isinstance(value, (list, tuple, set, frozenset)):
        held += list(value)[:_MOST_ITEMS]
    if not isinstance(value, (type, FunctionType)):
        held += vars(value).values() if hasattr(value, "__dict__") else ()
        for kind in type(value).__mro__:
            slots = vars(kind).get("__slots__", ())
            names = (slots,) if isinstance(slots, str) else slots
            held += [getattr(value, name) for name in names if hasattr(value, name)]
    elif isinstance(value, type) and value.__module__.startswith("g4f_magic"):
        held += vars(value).values()
    for one in held:
        yield from inside(one, depth - 1)


def seen_in(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield what can be seen of an error, each with the place where."""
    for one in errors_of(error):
        yield type(one).__name__, f"{one!r} {one} {getattr(one, '__notes__', '')} {vars(one)}"
        trace = one.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            for name, value in trace.tb_frame.f_locals.items():
                for text in inside(value):
                    yield f"{code.co_filename}:{trace.tb_lineno} {code.co_name}: {name}", text
            trace = trace.tb_next
