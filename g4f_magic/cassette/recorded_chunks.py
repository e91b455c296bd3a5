"""A reply's chunks as the JSON of a cassette's line: whole texts, and how they came. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, assert_never

from g4f_magic.cassette.entry import Timed
from g4f_magic.chunks import (
    Chunk,
    Citations,
    Finish,
    Named,
    Notice,
    Reasoning,
    Rethought,
    Served,
    Text,
    ToolCall,
    ToolResult,
    Unfit,
    Unshown,
    Usage,
)
from g4f_magic.errors import InputError
from g4f_magic.messages import Citation
from g4f_magic.turn_json import step_from_json, step_to_json

_SERVED = ("provider", "model", "via", "after")
_LARGE = 4_096
"""Characters of a piece to which no other is joined."""


def chunks_to_json(chunks: Sequence[Timed]) -> dict[str, Any]:
    """Return the reply as whole texts, and how it came: what is easy to read, and what is not, apart.

    A piece is a time and a number of characters of `reply`; or of `reasoning`, where the number is negative.
    """
    texts: list[str] = []
    thoughts: list[str] = []
    pieces: list[list[Any]] = []
    further: dict[str, Any] = {}
    for after, chunk in _rethought(chunks):
        match chunk:
            case Text(text):
                texts.append(text)
                pieces.append([after, len(text)])
            case Reasoning(text):
                thoughts.append(text)
                pieces.append([after, -len(text)])
            case Usage():
                further["usage"] = chunk.to_json()
                pieces.append([after, "usage"])
            case Finish(reason, skipped_lines):
                further["finish"] = reason
                further |= {"skipped_lines": skipped_lines} if skipped_lines else {}
                pieces.append([after, "finish"])
            case Served():
                further["served"] = {name: getattr(chunk, name) for name in _SERVED}
                pieces.append([after, "served"])
            # These came later than the format: who reads by its first rules takes them for text of no length.
            case Named(model):
                further["named"] = model
                pieces.append([after, 0])
            case Citations(citations):
                further["citations"] = [list(one) for one in citations]
                pieces.append([after, 0])
            case Unshown(what):
                further["unshown"] = list(what)
                pieces.append([after, 0])
            case ToolCall() | ToolResult():
                further.setdefault("steps", []).append({"at": len(pieces), **step_to_json(chunk)})
                pieces.append([after, 0])
            case Rethought() | Notice() | Unfit():
                pieces.append([after, 0])
            case _:
                assert_never(chunk)
    reasoning = {"reasoning": "".join(thoughts)} if thoughts else {}
    return {"reply": "".join(texts), **reasoning, "pieces": pieces, **further}


def chunks_from_json(record: dict[str, Any], *, are_joined: bool = False) -> tuple[Timed, ...]:
    """Return the chunks that a record holds, in their order; with `are_joined` in few pieces of text.

    Raises:
        InputError: the pieces do not fit a reply that was not changed on purpose.
        LookupError, TypeError, ValueError: something is missing, or of another kind.
    """
    if are_joined and "steps" not in record:  # these have places among the pieces
        record = {**record, "pieces": _joined(record["pieces"])}
    later, chunks = _later(record), _with_steps(record, _pieces(record))
    if not later:
        return chunks
    ends = [number for number, (_, chunk) in enumerate(chunks) if isinstance(chunk, Finish)]
    at = ends[0] if ends else len(chunks)
    return (*chunks[:at], *later, *chunks[at:])


def _rethought(chunks: Sequence[Timed]) -> Iterator[Timed]:
    """Yield the chunks; text that turned out to be thinking as that, so that it plays as what it was."""
    last = max((at for at, (_, chunk) in enumerate(chunks) if isinstance(chunk, Rethought)), default=-1)
    for number, (after, chunk) in enumerate(chunks):
        is_thought = number < last and isinstance(chunk, Text)
        yield after, Reasoning(chunk.text) if is_thought and isinstance(chunk, Text) else chunk


def _later(record: dict[str, Any]) -> list[Timed]:
    """Return what a record holds beside its pieces."""
    found: list[Timed] = []
    if "named" in record:
        found.append((0, Named(text_in(record, "named"))))
    if "citations" in record:
        pairs = [Citation(*map(_string, (url, title))) for url, title in record["citations"]]
        found.append((0, Citations(tuple(pairs))))
    if "unshown" in record:
        found.append((0, Unshown(tuple(map(_string, record["unshown"])))))
    return found


def _with_steps(record: dict[str, Any], chunks: tuple[Timed, ...]) -> tuple[Timed, ...]:
    """Return the chunks with the calls of functions and their results at their places among the pieces."""
    if "steps" not in record:
        return chunks
    found = list(chunks)
    if len(found) != len(record["pieces"]):
        raise InputError(
            "has calls of functions, and pieces that do not fit its reply", hint="Record it anew."
        )
    for one in record["steps"]:
        step = step_from_json(one)
        if not isinstance(step, ToolCall | ToolResult) or type(one["at"]) is not int or one["at"] < 0:
            raise TypeError("a value of another kind")
        found[one["at"]] = (found[one["at"]][0], step)
    return tuple(found)


def _joined(pieces: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the pieces, those of the reply that follow each other as few: of their times the sum."""
    after = size = 0
    for waited, what in pieces:
        if type(what) is int and what >= 0 and type(waited) is int and waited >= 0:
            after += waited
            size += what
            if size < _LARGE:
                continue
            yield after, size
        else:
            if size or after:
                yield after, size
            yield waited, what
        after = size = 0
    if size or after:
        yield after, size


def _pieces(record: dict[str, Any]) -> tuple[Timed, ...]:
    texts, thoughts = text_in(record, "reply"), str(record.get("reasoning", ""))
    said = thought = 0
    chunks: list[Timed] = []
    for after, what in record["pieces"]:
        chunk: Chunk
        if type(what) is int and what >= 0:  # nearly always
            chunk = Text(texts[said : said + what])
            said += what
        elif what == "usage":
            chunk = Usage(**of_kinds((int, type(None)), record["usage"]))
        elif what == "finish":
            of_kinds((str, type(None)), {"finish": record["finish"]})
            chunk = Finish(record["finish"], int(record.get("skipped_lines", 0)))
        elif what == "served":
            chunk = Served(**of_kinds((str,), record["served"]))
        else:
            chunk = Reasoning(thoughts[thought : thought - what])
            thought -= what
        chunks.append((after if type(after) is int and after >= 0 else max(0, int(after)), chunk))
    if (said, thought) == (len(texts), len(thoughts)):
        return tuple(chunks)
    if "check" in record:
        raise InputError("has a reply of another length than its pieces", hint="Record it anew.")
    # Changed by hand on purpose: the pieces tell nothing any more.
    rest = tuple(one for one in chunks if not isinstance(one[1], (Text, Reasoning)))
    return ((0, Reasoning(thoughts)), (0, Text(texts)), *rest) if thoughts else ((0, Text(texts)), *rest)


def of_kinds(kinds: tuple[type, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Return the values, each of which is of one of the kinds.

    Raises:
        TypeError: one is not.
    """
    if any(type(value) not in kinds for value in values.values()):
        raise TypeError("a value of another kind")
    return values


def text_in(record: dict[str, Any], name: str) -> str:
    """Return the text of that name.

    Raises:
        LookupError, TypeError: there is none.
    """
    return _string(record[name])


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a value of another kind")
    return value
