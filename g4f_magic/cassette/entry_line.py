"""One line of a cassette: an entry as text, and back; what is no line of ours is refused with a reason. No I/O."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from g4f_magic.cassette.entry import Entry
from g4f_magic.cassette.key import Asked
from g4f_magic.cassette.recorded_chunks import chunks_from_json, chunks_to_json, of_kinds, text_in
from g4f_magic.errors import InputError

FORMAT = 1
"""The version of the format that is written."""

MOST_LINE_BYTES = 64 * 1024 * 1024
"""Of one turn: the longest reply, each of its characters escaped and a piece of its own, takes nearly as much."""
_MOST_VALUES = 12_000_000
"""Lists and objects in a line, which take far more memory than their signs; those in texts are counted along."""

_CHECK = b',"check":"'
_MISFITS = (LookupError, TypeError, ValueError, AttributeError, OverflowError)


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
        **chunks_to_json(entry.chunks),
        "answered": {"provider": entry.answering, "model": entry.answering_model, "via": entry.via},
        "at": entry.at,
        "by": entry.by,
    }
    if asked.further:
        record["further"] = dict(asked.further)
    if entry.error is not None:
        record["error"] = entry.error
    body = _encoded(record)[:-1]
    return body + _CHECK + _sum(body).encode() + b'"}\n'


def from_line(line: bytes, *, are_joined: bool = False) -> Entry:
    """Return the entry that a line holds; with `are_joined` its reply in few pieces.

    Raises:
        InputError: it is none, was changed by hand, or is of a newer version; the message has no place.
    """
    record = _record(line)
    try:
        return _entry(record, are_joined=are_joined)
    except _MISFITS as exc:
        raise _bad("is not a recorded turn") from exc


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
        return _asked(record), text_in(record, "reply")
    except _MISFITS as exc:
        raise _bad("is not a recorded turn") from exc


class _TwiceError(ValueError):
    """A name stands twice in an object: readers would not agree about which counts."""


def parsed(line: bytes) -> Any:
    """Return the JSON value of a line, its memory bounded.

    Raises:
        ValueError: it is none, holds too much, or names a field twice.
        RecursionError: it is nested too deeply.
    """
    if len(line) > MOST_LINE_BYTES or line.count(b"[") + line.count(b"{") > _MOST_VALUES:
        raise ValueError("more than a turn holds")
    return json.loads(line, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _TwiceError
    return found


def _record(line: bytes) -> dict[str, Any]:
    if line.startswith((b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")):
        raise _bad(
            "is the mark of a merge conflict", "Settle the conflict: keep the lines of one side or of both."
        )
    try:
        record = parsed(line)
    except _TwiceError as exc:
        raise _bad("has a field twice") from exc
    except (ValueError, RecursionError) as exc:
        raise _bad("is not JSON") from exc
    if not isinstance(record, dict) or type(record.get("format")) is not int or record["format"] < 1:
        raise _bad("is not a recorded turn")
    if record["format"] > FORMAT:
        raise _bad(
            f"has format {str(record['format'])[:20]}, which a newer g4f_magic wrote", "Update g4f_magic."
        )
    body, mark, rest = line.rstrip(b"\r\n").rpartition(_CHECK)
    if "check" in record and not (mark and rest == _sum(body).encode() + b'"}'):
        raise _bad(
            "was changed by hand", "Record it anew; or, if the change is meant, delete its `check` field."
        )
    return record


def _asked(record: dict[str, Any]) -> Asked:
    asked = Asked(
        provider=text_in(record, "provider"),
        prompt=text_in(record, "prompt"),
        model=text_in(record, "model"),
        system=text_in(record, "system"),
        parameters=dict(record["parameters"]),
        parent=text_in(record, "parent"),
        context=int(record["context"]),
        further=dict(record.get("further", {})),
    )
    if record["key"] != asked.key:
        raise _bad("has a key that does not fit its prompt", "Record it anew, or bring back what it was.")
    return asked


def _entry(record: dict[str, Any], *, are_joined: bool = False) -> Entry:
    asked = _asked(record)
    answered = record["answered"]
    error: Any = record.get("error")
    if error is not None:
        of_kinds((str,), {name: error[name] for name in ("type", "message", "hint")})
        of_kinds(
            (int, float, type(None)), {name: error.get(name) for name in ("status", "retry_after_seconds")}
        )
    return Entry(
        asked=asked,
        chunks=chunks_from_json(record, are_joined=are_joined),
        answering=text_in(answered, "provider"),
        answering_model=text_in(answered, "model"),
        via=text_in(answered, "via"),
        at=str(record.get("at", "")),
        by=str(record.get("by", "")),
        error=error,
    )


def _encoded(record: dict[str, Any]) -> bytes:
    try:
        return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(record, separators=(",", ":")).encode()


def _sum(body: bytes) -> str:
    return sha256(body).hexdigest()[:16]


def _bad(what: str, hint: str = "Bring back the file as it was, or record anew.") -> InputError:
    return InputError(what, hint=hint)
