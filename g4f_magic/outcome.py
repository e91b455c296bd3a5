"""What a reply's chunks make of its turn: its steps while they come, what else they tell, and whether it is a reply at all. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, assert_never

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
from g4f_magic.endings import Ending, ending_of
from g4f_magic.errors import ServiceError
from g4f_magic.turn import Step, Turn, steps_of

EMPTY = "the reply is empty"
"""What is said of a reply of which nothing came."""

_FEW = 1024


class TextBuffer:
    """Pieces of text, kept as few objects however many they are; `str` gives the whole."""

    def __init__(self) -> None:
        self.characters = 0
        self._blocks: list[str] = []
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self.characters += len(piece)
        self._pieces.append(piece)
        if len(self._pieces) == _FEW:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()

    def __str__(self) -> str:
        return "".join((*self._blocks, *self._pieces))

    def __bool__(self) -> bool:
        return self.characters > 0


class AnswerSteps:
    """What has come of one answer."""

    def __init__(self) -> None:
        self.text = TextBuffer()
        """What was said since the last call, as `thought` is what was thought since then."""
        self.thought = TextBuffer()
        self._before: list[Step] = []
        self._characters = 0

    @property
    def characters(self) -> int:
        """Return how much was said and thought in all."""
        return self._characters + self.text.characters + self.thought.characters

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return all that has come, in its order."""
        now = steps_of(str(self.text), str(self.thought))
        return (*self._before, *now) if self._before else now

    def __bool__(self) -> bool:
        return bool(self._before or self.text or self.thought)

    def take(self, step: ToolCall | ToolResult) -> None:
        """Take a call, or its result: what is said after it is another step."""
        self._characters = self.characters
        self._before += (*steps_of(str(self.text), str(self.thought)), step)
        self.text, self.thought = TextBuffer(), TextBuffer()

    def rethink(self) -> None:
        """Take what was said since the last call for thought."""
        self.thought.add(str(self.text))
        self.text = TextBuffer()

    def drop_text(self) -> None:
        """Take back what was said since the last call."""
        self.text = TextBuffer()


def noted(turn: Turn, chunk: Chunk) -> Turn:
    """Return the turn with what a chunk tells of it; its words are kept apart from it while they grow."""
    match chunk:
        case Usage():
            return replace(turn, usage=chunk)
        case Finish(reason, skipped_lines):
            return replace(turn, finish=reason, skipped_lines=skipped_lines)
        case Served():
            return _answered_by(turn, chunk)
        case Named(model):
            return replace(turn, answering_model="" if model == turn.model else model)
        case Citations(citations):
            return replace(turn, citations=citations)
        case Unshown(what):
            return replace(turn, unshown=what)
        case Unfit(why):
            return replace(turn, repaired=why)
        case Text() | Reasoning() | Notice() | Rethought() | ToolCall() | ToolResult():
            return turn
        case _:
            assert_never(chunk)


def _answered_by(turn: Turn, who: Served) -> Turn:
    way = ", ".join(filter(None, (who.via, f"fallback after {who.after}" if who.after else "")))
    told: dict[str, Any] = {"provider": who.provider, "model": who.model, "via": way}
    if (carried := who.carried) is not None:
        told |= {"context_messages": carried.messages, "context_turns": carried.turns}
        told |= {"omitted_turns": carried.omitted_turns, "guide_turns": carried.guide_turns}
    return replace(turn, **told)


def failure_of(
    name: str, *, has_text: bool, has_thought: bool, finish: str | None, unshown: Sequence[str] = ()
) -> ServiceError | None:
    """Return the error that a reply of `name` is which ended by itself; None where it is a reply.

    What was cut at a limit or held back in part is one: its words stand, and the line under it says so.
    """
    ending = ending_of(finish)
    if ending is Ending.BROKEN:
        return broken_by_service(name, finish, has_words=has_text or has_thought)
    if has_text:
        return None
    what, hint = _without_words(ending, finish, has_thought=has_thought, unshown=unshown)
    return ServiceError(f"{name}: {what}", hint=hint)


def failure_in(name: str, chunks: Iterable[Chunk]) -> ServiceError | None:
    """Return the same of a reply's chunks."""
    has_text = has_thought = False
    finish: str | None = None
    unshown: tuple[str, ...] = ()
    for chunk in chunks:
        match chunk:
            case Text(text):
                has_text = has_text or bool(text.strip())
            case Reasoning(text):
                has_thought = has_thought or bool(text.strip())
            case Finish(reason):
                finish = reason
            case Unshown(what):
                unshown = what
            case Usage() | Served() | Named() | Notice() | Citations() | Rethought() | Unfit():
                pass
            case ToolCall() | ToolResult():
                pass  # the words that follow them decide
            case _:
                assert_never(chunk)
    return failure_of(name, has_text=has_text, has_thought=has_thought, finish=finish, unshown=unshown)


def broken_by_service(name: str, finish: str | None, *, has_words: bool) -> ServiceError:
    """Return the error for a reply that the service itself did not bring to its end."""
    return ServiceError(
        f"{name + ': ' if name else ''}the service broke the reply off ({finish})",
        hint="What had arrived is kept. Ask again." if has_words else "Try again, or use another provider.",
    )


def _without_words(
    ending: Ending, finish: str | None, *, has_thought: bool, unshown: Sequence[str]
) -> tuple[str, str]:
    """Return what happened where no words came, and what to do."""
    if ending is Ending.FILTER:
        return (
            f"the service's filter held the reply back ({finish})",
            "Say it in other words, or use another provider.",
        )
    if unshown:
        return (
            f"no words came, only {', '.join(unshown)}",
            "That is neither shown nor done here. Ask for words, or name another model.",
        )
    if ending is Ending.TOOL:
        return "the model asked for a tool and said nothing", "Ask for words, or name another model."
    if ending is Ending.LIMIT:
        when = "while the model was thinking" if has_thought else "before its first word"
        return (
            f"the length limit was reached {when}",
            "Allow more with --max-tokens, or ask the model to think less.",
        )
    if ending is Ending.REFUSAL:
        return "the model refused without a word", "Say it in other words, or name another model."
    if has_thought:
        return (
            "the model thought and said nothing",
            "Its reasoning is kept. Ask again, or allow more with --max-tokens.",
        )
    return EMPTY, "Try again, or use another provider."
