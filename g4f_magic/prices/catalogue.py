"""The prices that are at hand: those that are shipped, or a newer copy of the person's. Only a seller's own are read."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from g4f_magic import disk
from g4f_magic.prices.compacting import FORMAT
from g4f_magic.prices.rates import Rates
from g4f_magic.settings import prices_file

_SHIPPED = Path(__file__).with_name("prices.jsonl")
_MOST_BYTES = 8_000_000
_LONGEST_NAME = 150
_WORD = re.compile(r"(?!https)[a-z]{2,}")
_DATED = re.compile(r"-(\d{4})(\d{2})(\d{2})$")


class Catalogue:
    """One file of prices."""

    def __init__(self, text: str) -> None:
        head, *self._lines = text.splitlines()
        self._head: Mapping[str, Any] = json.loads(head)
        if self._head["format"] != FORMAT or len(self._lines) != len(self._head["sellers"]):
            raise ValueError("another format")
        self._read: dict[int, Any] = {}

    @property
    def date(self) -> str:
        """Return of which day they are, as 2026-11-28."""
        return str(self._head["date"])

    @property
    def source(self) -> str:
        """Return where they come from."""
        return str(self._head["source"])

    @property
    def models(self) -> int:
        """Return of how many models they are."""
        return int(self._head["models"])

    def seller(self, url: str) -> str:
        """Return who sells at the address of a service; empty where that is not known."""
        url = url.lower()
        for name, pattern in self._head["sellers"]:
            # Most can be told by a word of theirs, without a pattern's being compiled.
            if any(word in url for word in _WORD.findall(pattern)) and re.match(pattern, url):
                return str(name)
        return ""

    def rates(self, seller: str, model: str, on: datetime.date | None = None) -> Rates | None:
        """Return what a model costs there on that day; None: that is not known."""
        names = [one for one, _ in self._head["sellers"]]
        if seller not in names or not model:
            return None
        name = model.lower()[:_LONGEST_NAME]
        for form in dict.fromkeys((name, _DATED.sub(r"-\1-\2-\3", name), name.removeprefix("models/"))):
            own = self._seller(names.index(seller))
            also = [self._seller(names.index(one)) for one in own["also"] if one in names]
            for one in (own, *also):
                for match, prices in one["models"]:
                    if _fits(match, form):
                        return _on(prices, (on or datetime.date.today()).isoformat())
        return None

    def _seller(self, number: int) -> Any:
        if number not in self._read:
            self._read[number] = json.loads(self._lines[number])
        return self._read[number]


def newest_prices() -> Catalogue:
    """Return the newest prices at hand: those of the person's own copy, or else those that are shipped."""
    return _newest(prices_file())


@lru_cache(maxsize=4)
def _newest(own: Path) -> Catalogue:
    shipped = Catalogue(_SHIPPED.read_text("utf-8"))
    try:
        found = Catalogue(disk.read(own, most_bytes=_MOST_BYTES).decode())
    except (OSError, ValueError, LookupError, TypeError):
        return shipped
    return found if found.date >= shipped.date else shipped


def forget() -> None:
    """Look at the files again at the next use."""
    _newest.cache_clear()


def _fits(match: Mapping[str, Any], name: str) -> bool:
    ((kind, value),) = match.items()
    match kind:
        case "or":
            return any(_fits(one, name) for one in value)
        case "and":
            return all(_fits(one, name) for one in value)
        case "equals":
            return bool(name == value)
        case "starts_with":
            return name.startswith(value)
        case "ends_with":
            return name.endswith(value)
        case "contains":
            return str(value) in name
        case _:
            return re.search(value, name) is not None


def _on(prices: list[Any], day: str) -> Rates | None:
    held = [row for row in prices if row[0] <= day]
    if not held:
        return None
    _, prompt, completion, *per_request = held[-1]
    return Rates(
        None if prompt is None else tuple(prompt),
        None if completion is None else tuple(completion),
        per_request[0] if per_request else 0.0,
    )
