"""What goes along with a question: which turns, and the messages that they and the question become. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, assert_never

from g4f_magic.ask import Ask, Attachment, Bound
from g4f_magic.attached import listed, parts_of, said_of
from g4f_magic.carried_back import fields_of
from g4f_magic.chunks import Carried
from g4f_magic.messages import Message
from g4f_magic.turn import ReasoningStep, Step, TextStep, ToolCall, ToolResult, Turn, closed

MOST_PICTURES_BEFORE = 4
"""Of earlier turns, that go along again."""

PICTURE_TOKENS = 765
"""What a picture of 1,024 pixels a side counts as, roughly, at the services that say so."""


class Exchange(NamedTuple):
    """A question and its answer, as a recording knows them."""

    said: str
    """The prompt, and what went along."""
    reply: str
    formerly: str = ""
    """What stood for the question in recordings of before, where that was something else."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a turn is told of before its own prompt, and how many turns were left out of it."""

    turns: Sequence[Turn] = ()
    omitted_turns: int = 0
    guide_turns: int = 0
    """Those of the offline guide, which no model is sent."""

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return what was said in those turns, oldest first."""
        return tuple(message for turn in self.turns for message in turn.messages())

    @property
    def exchanges(self) -> list[Exchange]:
        """Return the question and the answer of each of those turns, oldest first."""
        return [_exchange(turn.ask, turn.reply) for turn in self.turns]


def _exchange(ask: Ask, reply: str) -> Exchange:
    if not ask.attachments:  # nearly always
        return Exchange(ask.text, reply)
    said = said_of(ask.text, listed(ask.attachments))
    has_pixels = any(one.pixels for one in ask.attachments)
    return Exchange(
        said, reply, said_of(ask.text, listed(ask.attachments, by_file=True)) if has_pixels else ""
    )


ALONE = Context()
"""Of a question that stands alone."""


def context_of(turns: Sequence[Turn], bound: Bound, *, for_guide: bool = False) -> Context:
    """Return what goes along of the turns before a question: those that were said, and the newest of them.

    What the offline guide said is for the guide alone.
    """
    said = [turn for turn in turns if turn.is_said]
    told = said if for_guide else [turn for turn in said if not turn.is_of_guide]
    first = _first_sent(told, bound) if told else 0
    return Context(told[first:], first, len(said) - len(told))


def carried_with(context: Context, ask: Ask, tokens: int = 0) -> Carried:
    """Return how much goes along with a question; `tokens` are those of its messages."""
    messages = 2 * len(context.turns) + bool(ask.system) + 1
    return Carried(messages, len(context.turns), context.omitted_turns, context.guide_turns, tokens)


def messages_of(context: Context, ask: Ask, *, sees: bool = False) -> list[dict[str, Any]]:
    """Return the messages of a request, in the form that providers take.

    Where the model sees, pictures stand in them as `attached.parts_of` says: those of the question, and the
    newest of those that went along before. Calls of functions in earlier turns stand as such where the question
    offers functions, and else as text: services refuse calls in a request that names no functions.
    """
    turns = context.turns
    *asked, question = [one.whole_text for one in (*(turn.ask for turn in turns), ask)]
    told = [turn.told for turn in turns]
    carried = _pictures_before(context) if sees else {}
    takes_steps = ask.toolbox is not None
    messages: list[dict[str, Any]] = [{"role": "system", "content": ask.system}] if ask.system else []
    for number, turn in enumerate(turns):
        messages.append(_user(asked[number], carried.get(number, ())))
        messages += (
            answered(turn.steps)
            if takes_steps and turn.has_calls
            else [{"role": "assistant", "content": told[number]}]
        )
    return [*messages, _user(question, ask.pictures if sees else ())]


def answered(steps: Sequence[Step], *, with_pictures: bool = False) -> list[dict[str, Any]]:
    """Return the messages that the steps of an answer are: what was said, with the calls after it, and their results.

    No protocol has a place for a picture in a result: with them, a message of the user follows that holds those of the
    results before it.
    """
    messages: list[dict[str, Any]] = []
    shown: list[str] = []
    thought = ""
    for step in closed(tuple(steps)):
        if shown and not isinstance(step, ToolResult):
            messages.append(_pictures_of(shown))
            shown = []
        last = messages[-1] if messages else {}
        match step:
            case TextStep(text):
                if text.strip():
                    messages.append({"role": "assistant", "content": text.strip()})
            case ToolCall():
                if last.get("role") != "assistant":
                    last = {"role": "assistant", "content": None}  # an empty text is refused by some
                    messages.append(last)
                of_message, call = _call(step, thought)
                last.update(of_message)
                last.setdefault("tool_calls", []).append(call)
            case ToolResult(id, text):
                thought = ""
                messages.append({"role": "tool", "tool_call_id": id, "content": text})
                shown += [step.picture_address] if with_pictures and step.picture_address else []
            case ReasoningStep(text):
                thought += text
            case _:
                assert_never(step)
    return [*messages, _pictures_of(shown)] if shown else messages


def _pictures_of(addresses: list[str]) -> dict[str, Any]:
    words = "The pictures that the functions above gave, in their order."
    parts = [{"type": "image_url", "image_url": {"url": one}} for one in addresses]
    return {"role": "user", "content": [{"type": "text", "text": words}, *parts]}


def _call(step: ToolCall, thought: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a call adds to its message, and the call as a request carries it.

    What is no JSON, or no name, would make a service refuse all of it.
    """
    of_message, extra = fields_of(step.extra, thought)
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", step.name)[:64] or "unnamed"
    function = {"name": name, "arguments": step.arguments if _is_object(step.arguments) else "{}"}
    return of_message, {"id": step.id, "type": "function", "function": function, **extra}


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _user(text: str, pictures: Sequence[Attachment]) -> dict[str, Any]:
    return {"role": "user", "content": parts_of(text, pictures) if pictures else text}


def _pictures_before(context: Context) -> dict[int, tuple[Attachment, ...]]:
    """Return which pictures of earlier turns go along, by the number of the turn: the newest, and no more than a few."""
    left, found = MOST_PICTURES_BEFORE, {}
    for number in range(len(context.turns) - 1, -1, -1):
        pictures = context.turns[number].ask.pictures
        if pictures and left:
            found[number] = pictures[-left:]
            left -= len(found[number])
    return found


def _first_sent(said: Sequence[Turn], bound: Bound) -> int:
    """Return the number of the first turn that is sent along, counted from 0."""
    first = 0 if bound.turns is None else max(0, len(said) - bound.turns)
    if bound.tokens is not None:
        left = bound.tokens
        for number in range(len(said) - 1, first - 1, -1):
            left -= tokens_of(said[number].ask) + estimated_tokens(said[number].told)
            if left < 0:
                return number + 1
    return first


def estimated_tokens(*texts: str) -> int:
    """Return roughly how many tokens texts have: a token for four bytes, as most models' tokenizers come out."""
    return sum(map(tokens_of_bytes, map(size_bytes, texts)))


def tokens_of_bytes(size: int) -> int:
    """Return roughly how many tokens a text of that size has, in bytes of UTF-8."""
    return (size + 3) // 4


def size_bytes(text: str) -> int:
    """Return how many bytes of UTF-8 a text is."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def tokens_of(ask: Ask) -> int:
    """Return roughly how many tokens a question has, with what goes along."""
    pictures = len(ask.pictures) if ask.attachments else 0
    return estimated_tokens(ask.whole_text) + PICTURE_TOKENS * pictures


def tokens_in(messages: Iterable[Mapping[str, Any]]) -> int:
    """Return roughly how many tokens messages have that are sent so, each picture in them counted alike."""
    texts: list[str] = []
    pictures = 0
    for message in messages:
        content = message["content"]
        if isinstance(content, list):
            shown = [part["text"] for part in content if part.get("type") == "text"]
            texts += shown
            pictures += len(content) - len(shown)
        elif content:
            texts.append(content)
        for call in message.get("tool_calls", ()):
            texts += (call["function"]["name"], call["function"]["arguments"])
    return estimated_tokens(*texts) + PICTURE_TOKENS * pictures
