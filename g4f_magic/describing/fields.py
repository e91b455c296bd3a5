"""Whether the keys of a dict belong to its structure, or may be values themselves. No I/O.

Keys are names as often as they are data (`{"ann": 3, "bob": 5}`, `{"ann@example.org": 3}`). At the level `schema` they
are shown of a record: a dict with values of several types, or one of several side by side that have the same keys; and
where they look like names that somebody gave.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_MOST = 60
"""Keys of one dict; one with more of them is a table of values rather than a record."""
_NUMBERS = (int, float, complex)


def is_record(value: Mapping[Any, Any], *, recurs: bool) -> bool:
    """Say whether a dict's keys are names of fields. `recurs`: others beside it have the same."""
    keys = list(islice(value, _MOST + 1))
    if len(keys) > _MOST or not all(type(key) is str and _NAME.fullmatch(key) for key in keys):
        return False
    kinds = {"number" if isinstance(one, _NUMBERS) else type(one).__name__ for one in value.values()}
    return recurs or len(kinds - {"NoneType"}) > 1


def recur(items: Iterable[Any]) -> bool:
    """Say whether several dicts have the same keys, all that are there."""
    dicts = [one for one in items if isinstance(one, Mapping)]
    if len(dicts) < 2 or any(len(one) > _MOST for one in dicts):
        return False
    first = set(islice(dicts[0], _MOST + 1))  # whatever they say of their size
    return all(set(islice(one, _MOST + 1)) == first for one in dicts)
