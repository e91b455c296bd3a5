"""Asking in the modes record, replay and auto: a question whose chunks come from a cassette, or go into one."""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g4f_magic import cassette
from g4f_magic.border import clean
from g4f_magic.cassette import Asked, Entry, Tape
from g4f_magic.chunks import Chunk, Notice, Reasoning, Served, Text
from g4f_magic.conversation import Bound, Question, Resolve, Stream
from g4f_magic.errors import ChatError, InputError, MissingAuthError
from g4f_magic.secret import hide

if TYPE_CHECKING:
    from g4f_magic.cassette.entry import Timed

Live = Callable[[], Awaitable[Question]]
"""Makes the question that goes to the service itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for, before anything of a service is looked at."""

    asked: Asked
    slot: str = ""
    """The turn's place in the conversation."""
    cell: str = ""
    """What asks, so that it is answered by the same recording when it asks again."""
    bound: Bound = field(default_factory=Bound)
    mode: str = "replay"
    is_paced: bool = False
    is_recording_errors: bool = False


_TAPES: dict[Path, Tape] = {}
"""One for each file: whoever asks in this process takes part in one run."""


def tape_at(path: Path) -> Tape:
    """Return the cassette at `path`, the same one for each call in this process."""
    if path not in _TAPES:
        _TAPES[path] = Tape(path)
    return _TAPES[path]


class Recording:
    """The questions of one session that play from a cassette and record into it."""

    def __init__(self) -> None:
        self._tape: Tape | None = None
        self._warnings: list[str] = []

    @property
    def warnings(self) -> list[str]:
        """Return one sentence for each thing that a person should know."""
        if self._tape is not None:
            self._warnings += self._tape.warnings
            self._tape.warnings.clear()
        return self._warnings

    def tape(self, path: Path) -> Tape:
        """Return the cassette at `path`, from now on the one in use."""
        self._tape = tape_at(path)
        return self._tape

    def begin_run(self) -> None:
        """Let each identical request begin with its first recorded answer again."""
        if self._tape is not None:
            self._tape.begin_run()

    @staticmethod
    def cell_of_code(tape: Tape, asked: Asked) -> str:
        """Return what names the running cell and, of its requests that are alike, this one; empty outside of cells.

        They are counted where all meet that ask in this process: each `Chat` has a session of its own.
        """
        ipython = sys.modules.get("IPython")
        kernel = getattr(ipython.get_ipython(), "kernel", None) if ipython is not None else None
        parent = (kernel.get_parent("shell") if kernel is not None else None) or {}
        cell = str(parent.get("metadata", {}).get("cellId") or "")
        if not cell:
            return ""
        run = str(parent.get("header", {}).get("msg_id", ""))
        return f"{cell} {asked.key} {tape.count(run, asked.key)}"

    async def question(self, wish: Wish, tape: Tape, live: Live) -> Question:
        """Return the question in one of the modes. In `replay` nothing of a service is touched.

        Raises:
            InputError: the cassette cannot be read or, where it is to be recorded into, written; or what would
                be recorded holds a secret that is known here.
        """
        if wish.mode == "replay":
            _ = tape.index
            return _open(wish, partial(_replayed, wish, tape))
        if wish.mode == "record":
            self._prepare(wish, tape)
            question = await _live(wish, live)
            return replace(question, resolve=_or_failing(wish, partial(_to_record, wish, tape, question)))
        _ = tape.index
        return _open(wish, partial(self._replayed_or_live, wish, tape, live))

    async def _replayed_or_live(
        self, wish: Wish, tape: Tape, live: Live, messages: list[dict[str, Any]]
    ) -> Question:
        entry = tape.find(tape.placed(wish.asked, messages), wish.cell)
        if entry is not None:
            return _played(wish, tape, entry)
        warned = self._prepare(wish, tape)
        question = await _to_record(wish, tape, await _live(wish, live), messages)
        return replace(question, stream=partial(_noticed, warned, question.stream)) if warned else question

    def _prepare(self, wish: Wish, tape: Tape) -> str:
        """Make sure before anything is sent that it can be recorded; return a warning of what should not be."""
        tape.check_writable()
        asked = wish.asked
        said = (asked.prompt, asked.system, *map(str, asked.parameters.values()))
        if any(hide(text) != text for text in said):
            raise InputError(
                "the prompt holds a key or password that is in use here: nothing was sent, nothing is recorded",
                hint="Take it out of the prompt; a recording is there to be passed on.",
            )
        kinds = cassette.suspicions(*said)
        if not kinds:
            return ""
        warning = (
            f"The prompt holds what looks like {' and '.join(kinds)}, and is being recorded in {tape.path.name}. If "
            "it is one: stop, take it out of the prompt, and its line out of that file."
        )
        self._warnings.append(warning)
        return warning


def is_watched(slot: str) -> bool:
    """Say whether a person probably looks at the reply as it comes: a front end that names cells, or a terminal."""
    return bool(slot) or sys.stdout.isatty()


def _open(wish: Wish, resolve: Resolve | None, stream: Stream | None = None) -> Question:
    asked = wish.asked
    return Question(
        prompt=asked.prompt,
        provider=asked.provider,
        model=asked.model,
        system=asked.system,
        slot=wish.slot,
        bound=wish.bound,
        stream=stream or _unresolved,
        resolve=None if resolve is None else _or_failing(wish, resolve),
        source="replayed" if wish.mode == "replay" else "live",
    )


def _or_failing(wish: Wish, resolve: Resolve) -> Resolve:
    """Return `resolve`, its errors made a question that fails: so that the turn is settled as failed."""

    async def resolved(messages: list[dict[str, Any]]) -> Question:
        try:
            return await resolve(messages)
        except ChatError as exc:
            return _open(wish, None, partial(_failing, exc))

    return resolved


async def _live(wish: Wish, live: Live) -> Question:
    """Return the live question; where a key or cookies are missing and failures are recorded, one that fails."""
    try:
        return await live()
    except MissingAuthError as exc:
        if not wish.is_recording_errors:
            raise
        return _open(wish, None, partial(_failing, exc))


async def _replayed(wish: Wish, tape: Tape, messages: list[dict[str, Any]]) -> Question:
    asked = tape.placed(wish.asked, messages)
    entry = tape.find(asked, wish.cell)
    if entry is None:
        raise tape.missed(asked)
    return _played(wish, tape, entry)


def _played(wish: Wish, tape: Tape, entry: Entry) -> Question:
    said = "".join(chunk.text for _, chunk in entry.chunks if isinstance(chunk, Text | Reasoning))
    is_clean = hide(said) == said  # as all are that are recorded here: it plays piece by piece as it was

    def stream(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        chunks = cassette.play(entry, is_paced=wish.is_paced)
        return chunks if is_clean else clean(chunks)

    question = _open(wish, None, stream)
    return replace(
        question,
        provider=entry.answering,
        model=entry.answering_model,
        via=entry.via,
        source="replayed",
        seconds=entry.seconds,
    )


async def _to_record(wish: Wish, tape: Tape, question: Question, messages: list[dict[str, Any]]) -> Question:
    if not tape.is_built_on_recordings(messages):
        tape.warn_of_unrecorded()
    asked = tape.placed(wish.asked, messages)
    seat = tape.reserve(asked.key, wish.cell)

    def keep(chunks: tuple[Timed, ...], error: ChatError | None) -> None:
        is_failure = error is not None or not cassette.has_text(chunks)
        if is_failure and not wish.is_recording_errors:
            tape.release(seat)
            return
        tape.keep(
            Entry(
                asked=asked,
                chunks=tuple((after, _placeless(chunk)) for after, chunk in chunks),
                answering=question.provider,
                answering_model=question.model,
                via=_public_way(question.via),
                at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                by=f"g4f_magic {importlib.metadata.version('g4f-magic')}",
                error=None if error is None else cassette.failure_json(error, question.hosts),
            ),
            wish.cell,
            seat,
        )

    def stream(messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
        return cassette.recorded(question.stream(messages), keep, partial(tape.release, seat))

    return replace(question, stream=stream, resolve=None)


async def _failing(error: ChatError, messages: Sequence[Mapping[str, Any]]) -> AsyncGenerator[Chunk]:
    nothing: tuple[Chunk, ...] = ()
    for chunk in nothing:
        yield chunk
    raise error


def _unresolved(messages: Sequence[Mapping[str, Any]]) -> AsyncGenerator[Chunk]:
    return _failing(InputError("the question was never resolved"), messages)


async def _noticed(warning: str, stream: Stream, messages: list[dict[str, Any]]) -> AsyncGenerator[Chunk]:
    yield Notice(warning)
    async with aclosing(stream(messages)) as chunks:
        async for chunk in chunks:
            yield chunk


def _placeless(chunk: Chunk) -> Chunk:
    return replace(chunk, via=_public_way(chunk.via)) if isinstance(chunk, Served) else chunk


def _public_way(via: str) -> str:
    """Return the way to a service as far as it names no host."""
    way, opening, label = via.partition("local gateway (")
    if way or not opening:
        return ""
    label = label.removesuffix(")")
    model, at, _ = label.partition(" at ")
    return f"local gateway ({model})" if at or label in ("guide", "script") else "local gateway"
