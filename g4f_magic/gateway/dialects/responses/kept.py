"""The responses that a gateway keeps in memory, for those who go on from one, or refer to what it said, by an id. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Item: TypeAlias = Mapping[str, Any]
"""A message, a call, a result or a thought, as the API has it."""

MOST_RESPONSES = 500
MOST_CHARACTERS = 64 * 2**20
"""Of all that is kept; what a response shares with the one before it counts for both."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A response, and the conversation up to it: what it said stands last."""

    response: Mapping[str, Any] = field(repr=False)
    items: tuple[Item, ...] = field(repr=False)
    size_characters: int


class KeptResponses:
    """The newest responses; the oldest go first where there are too many, or too long ones."""

    def __init__(self, most_responses: int = MOST_RESPONSES, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_responses = most_responses
        self._most_characters = most_characters
        self._kept: dict[str, Kept] = {}
        self._items: dict[str, Item] = {}
        self._size_characters = 0

    def get(self, identity: str) -> Kept | None:
        """Return the response of an id; None where it is not kept, or no longer."""
        return self._kept.get(identity)

    def item(self, identity: str) -> Item | None:
        """Return what a response that is kept said, by its id."""
        return self._items.get(identity)

    def keep(self, response: Mapping[str, Any], before: Sequence[Item]) -> None:
        """Keep a response that ended, with the items that it was asked with."""
        items = (*before, *response["output"])
        kept = Kept(response, items, _size_of(items) + _size_of([response]))
        self._kept[response["id"]] = kept
        self._items |= {item["id"]: item for item in response["output"]}
        self._size_characters += kept.size_characters
        while len(self._kept) > self._most_responses or self._size_characters > self._most_characters:
            self.forget(next(iter(self._kept)))

    def forget(self, identity: str) -> bool:
        """Forget a response, and say whether it was kept."""
        kept = self._kept.pop(identity, None)
        if kept is None:
            return False
        self._size_characters -= kept.size_characters
        for item in kept.response["output"]:
            self._items.pop(item["id"], None)
        return True


def _size_of(values: Iterable[Any]) -> int:
    """Return how many characters stand in values, however deep."""
    size, left = 0, list(values)
    while left:
        match left.pop():
            case str() as text:
                size += len(text)
            case Mapping() as found:
                size += sum(map(len, found))
                left += found.values()
            case list() | tuple() as found:
                left += found
            case _:
                size += 1
    return size
