"""One line of a cassette: a request and its recorded reply, as a value and as text. No I/O."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, NotRequired, TypedDict

from g4f_magic import errors
from g4f_magic.cassette.key import Asked
from g4f_magic.chunks import Chunk, Finish, Reasoning, Served, Text, Usage
from g4f_magic.errors import ChatError, InputError

FORMAT = 1
"""The version of the format that is written."""

Timed = tuple[int, Chunk]
"""A chunk, and after how many milliseconds since the one before it came."""

_CHECK = b',"check":"'
_MISFITS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


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


def to_line(entry: Entry) -> bytes:
    """Return the entry as one line, with its line end."""
    asked = entry.asked
    record: dict[str, Any] = {
        "format": FORMAT,
        "key": asked.key,
        "parent": asked.parent,
        "provider": asked.provider,
        "model": asked.model,
        "parameters": dict(asked.parameters),
        "context": asked.context,
        "system": asked.system,
        "prompt": asked.prompt,
        **_chunks_json(entry.chunks),
        "answered": {"provider": entry.answering, "model": entry.answering_model, "via": entry.via},
        "at": entry.at,
        "by": entry.by,
    }
    if entry.error is not None:
        record["error"] = entry.error
    body = _encoded(record)[:-1]
    return body + _CHECK + _sum(body).encode() + b'"}\n'


def from_line(line: bytes) -> Entry:
    """Return the entry that a line holds.

    Raises:
        InputError: it is none, was changed by hand, or is of a newer version; the message has no place.
    """
    record = _record(line)
    try:
        return _entry(record)
    except _MISFITS as exc:
        raise _bad("is no recorded turn") from exc


def outline(line: bytes) -> tuple[Asked, str]:
    """Return what a line asks, and the text of its reply: without its pieces, which are many.

    Raises:
        InputError: as `from_line`.
    """
    record = _record(line)
    try:
        if "check" not in record:
            entry = _entry(record)
            return entry.asked, entry.reply
        return _asked(record), _text(record, "reply")
    except _MISFITS as exc:
        raise _bad("is no recorded turn") from exc


def _record(line: bytes) -> dict[str, Any]:
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise _bad(
            "is the mark of a merge conflict", "Settle the conflict: keep the lines of one side or of both."
        )
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise _bad("is no JSON") from exc
    if not isinstance(record, dict) or type(record.get("format")) is not int or record["format"] < 1:
        raise _bad("is no recorded turn")
    if record["format"] > FORMAT:
        raise _bad(f"has format {record['format']}, which a newer g4f_magic wrote", "Update g4f_magic.")
    body, mark, rest = line.rstrip(b"\r\n").rpartition(_CHECK)
    if "check" in record and not (mark and rest == _sum(body).encode() + b'"}'):
        raise _bad(
            "was changed by hand", "Record it anew; or, if the change is meant, delete its `check` field."
        )
    return record


def _asked(record: dict[str, Any]) -> Asked:
    asked = Asked(
        provider=_text(record, "provider"),
        prompt=_text(record, "prompt"),
        model=_text(record, "model"),
        system=_text(record, "system"),
        parameters=dict(record["parameters"]),
        parent=_text(record, "parent"),
        context=int(record["context"]),
    )
    if record["key"] != asked.key:
        raise _bad("has a key that does not fit its prompt", "Record it anew, or bring back what it was.")
    return asked


def _entry(record: dict[str, Any]) -> Entry:
    asked = _asked(record)
    answered = record["answered"]
    error: Any = record.get("error")
    if error is not None:
        _all_of((str,), {name: error[name] for name in ("type", "message", "hint")})
        _all_of(
            (int, float, type(None)), {name: error.get(name) for name in ("status", "retry_after_seconds")}
        )
    return Entry(
        asked=asked,
        chunks=_chunks(record),
        answering=_text(answered, "provider"),
        answering_model=_text(answered, "model"),
        via=_text(answered, "via"),
        at=str(record.get("at", "")),
        by=str(record.get("by", "")),
        error=error,
    )


def _chunks_json(chunks: Sequence[Timed]) -> dict[str, Any]:
    """Return the reply as whole texts, and how it came: what is easy to read, and what is not, apart.

    A piece is a time and a number of characters of `reply`; or of `reasoning`, where the number is negative.
    """
    texts: list[str] = []
    thoughts: list[str] = []
    pieces: list[list[Any]] = []
    further: dict[str, Any] = {}
    for after, chunk in chunks:
        match chunk:
            case Text(text):
                texts.append(text)
                pieces.append([after, len(text)])
            case Reasoning(text):
                thoughts.append(text)
                pieces.append([after, -len(text)])
            case Usage():
                further["usage"] = asdict(chunk)
                pieces.append([after, "usage"])
            case Finish(reason, skipped_lines):
                further["finish"] = reason
                further |= {"skipped_lines": skipped_lines} if skipped_lines else {}
                pieces.append([after, "finish"])
            case Served():
                further["served"] = asdict(chunk)
                pieces.append([after, "served"])
            case _:
                pieces.append([after, 0])
    reasoning = {"reasoning": "".join(thoughts)} if thoughts else {}
    return {"reply": "".join(texts), **reasoning, "pieces": pieces, **further}


def _chunks(record: dict[str, Any]) -> tuple[Timed, ...]:
    texts, thoughts = _text(record, "reply"), str(record.get("reasoning", ""))
    said = thought = 0
    chunks: list[Timed] = []
    for after, what in record["pieces"]:
        chunk: Chunk
        if type(what) is int and what >= 0:  # nearly always
            chunk = Text(texts[said : said + what])
            said += what
        elif what == "usage":
            chunk = Usage(**_all_of((int, type(None)), record["usage"]))
        elif what == "finish":
            _all_of((str, type(None)), {"finish": record["finish"]})
            chunk = Finish(record["finish"], int(record.get("skipped_lines", 0)))
        elif what == "served":
            chunk = Served(**_all_of((str,), record["served"]))
        else:
            chunk = Reasoning(thoughts[thought : thought - what])
            thought -= what
        chunks.append((after if type(after) is int and after >= 0 else max(0, int(after)), chunk))
    if (said, thought) == (len(texts), len(thoughts)):
        return tuple(chunks)
    if "check" in record:
        raise _bad("has a reply of another length than its pieces", "Record it anew.")
    # Changed by hand on purpose: the pieces tell nothing any more.
    rest = tuple(one for one in chunks if not isinstance(one[1], (Text, Reasoning)))
    return ((0, Reasoning(thoughts)), (0, Text(texts)), *rest) if thoughts else ((0, Text(texts)), *rest)


def _all_of(kinds: tuple[type, ...], values: dict[str, Any]) -> dict[str, Any]:
    if any(type(value) not in kinds for value in values.values()):
        raise TypeError("a value of another kind")
    return values


def _text(record: dict[str, Any], name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _encoded(record: dict[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(record, separators=(",", ":")).encode()


def _sum(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]


def _bad(what: str, hint: str = "Bring back the file as it was, or record anew.") -> InputError:
    return InputError(what, hint=hint)
