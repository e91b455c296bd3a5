"""One recorded turn of a cassette: a request, its reply with the times of its chunks, and its failure. A value, no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from g4f_magic import errors
from g4f_magic.cassette.key import Asked
from g4f_magic.chunks import Chunk, Text
from g4f_magic.errors import ChatError

Timed = tuple[int, Chunk]
"""A chunk, and after how many milliseconds since the one before it came."""


class ErrorJson(TypedDict):
    """A recorded failure."""

    type: str
    message: str
    hint: str
    status: NotRequired[int]
    retry_after_seconds: NotRequired[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A recorded turn."""

    asked: Asked
    chunks: tuple[Timed, ...]
    answering: str = ""
    """The provider that was asked in the end; of a chain, the chain."""
    answering_model: str = ""
    via: str = ""
    at: str = ""
    by: str = ""
    error: ErrorJson | None = None

    @property
    def reply(self) -> str:
        """Return the text of the reply."""
        return "".join(chunk.text for _, chunk in self.chunks if isinstance(chunk, Text))

    @property
    def seconds(self) -> float:
        """Return how long the service took."""
        return sum(after for after, _ in self.chunks) / 1000

    def failure(self) -> ChatError | None:
        """Return the error with which it ended, if it did."""
        return None if self.error is None else _revived(self.error)


def failure_json(error: ChatError, hidden: Sequence[str] = ()) -> ErrorJson:
    """Return an error as it is recorded, `hidden` texts (hosts) taken out."""
    message, hint = str(error), error.hint
    for text in sorted(filter(None, hidden), key=len, reverse=True):
        message, hint = message.replace(text, "the service"), hint.replace(text, "the service")
    found: ErrorJson = {"type": type(error).__name__, "message": message, "hint": hint}
    if isinstance(error, errors.ResponseStatusError):
        found["status"] = error.status
    if isinstance(error, errors.RateLimitError) and error.retry_after_seconds is not None:
        found["retry_after_seconds"] = error.retry_after_seconds
    return found


def _revived(found: ErrorJson) -> ChatError:
    cls = getattr(errors, found["type"], ChatError)
    if not (isinstance(cls, type) and issubclass(cls, ChatError)):
        cls = ChatError
    more: dict[str, Any] = {}
    if issubclass(cls, errors.ResponseStatusError):
        more["status"] = found.get("status", 0)
    if issubclass(cls, errors.RateLimitError):
        more["retry_after_seconds"] = found.get("retry_after_seconds")
    revived: ChatError = cls(found["message"], hint=found["hint"], **more)
    return revived
