"""One question, the steps of its answer in their order, and how it went. Values: no I/O, no clock."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from g4f_magic.ask import Ask
from g4f_magic.errors import UNFIT
from g4f_magic.messages import Citation, Message, Usage

Status = Literal["open", "done", "stopped", "broken", "failed"]
"""How a turn stands: `open` while it runs; `stopped` by the person; `broken` off by the service or by the
end of the kernel; `failed` with an error."""

STATUS_WORDS: dict[Status, str] = {
    "open": "under way",
    "stopped": "stopped",
    "broken": "broken off",
    "failed": "failed",
}
"""What a person reads of a turn that is not done."""

CallStatus = Literal["done", "failed", "refused", "stopped"]
"""How a function's call ended: `failed` with an error or out of time; `refused` by the person or by a bound, and not
run; `stopped` with the turn."""

GUIDE = "local gateway (guide)"
"""How a turn's `via` begins where the offline guide answered in the gateway, which is no model."""

Source = Literal["live", "replayed", "imported"]
"""Where a turn comes from: a service, a recording, or a file that the person added."""

_PICTURE = re.compile(r"image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_DATE = re.compile(r"[-@:](?:\d{3,8}|\d{4}-\d\d(?:-\d\d)?|\d\d-\d{2,4}|latest)")
"""What stands behind a model's name where only its version is added: -2024-08-06, -0613, @20241022."""


@dataclass(frozen=True, slots=True)
class TextStep:
    """What the model said."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningStep:
    """What it thought."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A function that it asked for. `arguments` is JSON, as it came; also a chunk of a stream."""

    id: str
    name: str
    arguments: str = "{}"
    extra: str = ""
    """What the service wants to have back with it, as JSON; usually nothing."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What the function of the call with that id gave, as it goes back to the model; also a chunk of a stream."""

    id: str
    text: str
    status: CallStatus = "done"
    seconds: float | None = None
    """How long the function ran; None where it did not."""
    printed: str = ""
    """What it printed meanwhile, for the person."""
    edited: str = ""
    """The arguments that it ran with, as JSON, where the person changed them."""
    picture: str = ""
    """What it gave or drew as a picture, as a `data:` address has it: `image/png;base64,...`."""

    @property
    def picture_address(self) -> str:
        """Return the `data:` address of its picture; empty where there is none, or what stands there is none."""
        return f"data:{self.picture}" if _PICTURE.fullmatch(self.picture) else ""


Step: TypeAlias = TextStep | ReasoningStep | ToolCall | ToolResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What was asked, the steps of the answer, and how it ended.

    `slot` names the turn's place in its conversation: turns of one slot are revisions of each other. It is
    the cell's id where there is one, else the turn's own `id`. Times are in seconds, `started_at` since 1970.
    """

    id: str
    slot: str
    ask: Ask
    """What was asked, as it is kept: without secrets."""
    provider: str
    """Who answers."""
    model: str
    started_at: float
    steps: tuple[Step, ...] = ()
    status: Status = "open"
    via: str = ""
    """How it got there where that is not the service's own host, for example "local gateway (guide)"."""
    source: Source = "live"
    seconds: float | None = None
    usage: Usage | None = None
    finish: str | None = None
    """The service's own word for why it ended: "stop", "length", ..."""
    context_messages: int = 0
    """How many messages were sent, the prompt included."""
    context_turns: int | None = None
    """How many earlier turns were sent along; None where that was not counted."""
    guide_turns: int = 0
    """How many earlier turns were not sent along, because the offline guide answered them."""
    omitted_turns: int = 0
    """How many earlier turns were not sent along, because the context is bounded."""
    skipped_lines: int = 0
    """Lines of the reply that were not of the protocol and were passed over."""
    error: str = ""
    """What happened, where `status` is `failed` or `broken`."""
    hint: str = ""
    """What to do about it."""
    answering_model: str = ""
    """The service's own name of the model that answered, where that is not `model`, which was asked for."""
    citations: tuple[Citation, ...] = ()
    """What the reply refers to, in its order: `[1]` in the text is the first."""
    unshown: tuple[str, ...] = ()
    """What came with the reply and is no text, in words: "2 images"."""
    repaired: str = ""
    """Why an answer before this one did not fit the schema, where it was asked for once more."""
    guess: Usage | None = None
    """Tokens, roughly, where the service did not count them."""
    dollars: float | None = None
    """What it cost when it was asked, where that is known; the price of tokens that were guessed is one, too."""
    compared: str = ""
    """Names the comparison of which it is one column; empty where it was asked alone."""

    @classmethod
    def plain(
        cls,
        *,
        prompt: str,
        provider: str,
        model: str,
        reply: str = "",
        reasoning: str = "",
        system: str = "",
        parameters: Mapping[str, Any] | None = None,
        **about: Any,
    ) -> Turn:
        """Return a turn of one text asked and one answered."""
        ask = Ask(prompt=prompt, system=system, provider=provider, model=model, parameters=parameters or {})
        return cls(ask=ask, provider=provider, model=model, steps=steps_of(reply, reasoning), **about)

    @property
    def prompt(self) -> str:
        """Return the question as the person wrote it."""
        return self.ask.prompt

    @property
    def system(self) -> str:
        """Return the system prompt that it was asked with."""
        return self.ask.system

    @property
    def reply(self) -> str:
        """Return what was said, as one text."""
        return text_of(self.steps)

    @property
    def reasoning(self) -> str:
        """Return what was thought, as one text."""
        return reasoning_of(self.steps)

    @property
    def has_calls(self) -> bool:
        """Say whether functions were asked for."""
        return any(isinstance(step, ToolCall) for step in self.steps)

    @property
    def told(self) -> str:
        """Return what later requests carry of the answer where they take no steps: what was said, and what functions gave."""
        return told_of(self.steps) if self.has_calls else self.reply

    @property
    def tokens(self) -> Usage:
        """Return the tokens of both ways: as they were counted, or else as they were guessed."""
        counted, guessed = self.usage or Usage(), self.guess or Usage()
        return Usage(
            guessed.prompt_tokens if counted.prompt_tokens is None else counted.prompt_tokens,
            guessed.completion_tokens if counted.completion_tokens is None else counted.completion_tokens,
        )

    @property
    def is_settled(self) -> bool:
        """Say whether it has ended, however it ended."""
        return self.status != "open"

    @property
    def is_unfit(self) -> bool:
        """Say whether all of it came, and is not what the schema asks for."""
        return self.status == "broken" and self.error.startswith(UNFIT)

    @property
    def is_of_guide(self) -> bool:
        """Say whether the offline guide answered: its pages are no model's words, and no model is sent them."""
        return is_guide(self.provider, self.via)

    @property
    def carried_turns(self) -> int:
        """Return how many earlier turns were sent along, told by the messages where they were not counted."""
        if self.context_turns is not None:
            return self.context_turns
        return max(0, self.context_messages - 1 - bool(self.system)) // 2

    @property
    def is_said(self) -> bool:
        """Say whether later requests carry it: a question that got no answer would only confuse them."""
        reply = self.reply if self.is_settled else ""
        return bool(reply) and not reply.isspace()

    @property
    def shown_models(self) -> tuple[str, ...]:
        """Return whose reply it is as a line says it: the model that was asked for, and the one that answered.

        The service's own name stands alone where it is the same one with its date, and the one that was asked
        for where they differ by the maker's name only.
        """
        asked, named = self.model, self.answering_model
        if not asked or not named:
            return tuple(filter(None, (named or asked,)))
        ours, theirs = (name.rpartition("/")[2].lower().removesuffix(":latest") for name in (asked, named))
        if ours == theirs:
            return (asked,)
        return (named,) if _DATE.fullmatch(theirs.removeprefix(ours)) else (asked, named)

    def messages(self) -> tuple[Message, Message]:
        """Return the question and the answer."""
        return Message("user", self.ask.whole_text), Message("assistant", self.told)


def is_guide(provider: str, via: str) -> bool:
    """Say whether it is the offline guide that answers: by itself, or in the gateway for another."""
    return provider == "guide" or via.startswith(GUIDE)


def steps_of(reply: str, reasoning: str = "") -> tuple[Step, ...]:
    """Return the steps of an answer of one text; what is empty is none."""
    thought: tuple[Step, ...] = (ReasoningStep(reasoning),) if reasoning else ()
    return (*thought, TextStep(reply)) if reply else thought


def text_of(steps: tuple[Step, ...]) -> str:
    """Return what was said, as one text."""
    if len(steps) == 1 and isinstance(
        steps[0], TextStep
    ):  # nearly always, and asked of each turn with each question
        return steps[0].text
    return "".join(step.text for step in steps if isinstance(step, TextStep))


def reasoning_of(steps: tuple[Step, ...]) -> str:
    """Return what was thought, as one text."""
    return "".join(step.text for step in steps if isinstance(step, ReasoningStep))


def told_of(steps: tuple[Step, ...]) -> str:
    """Return steps as one text, in which each call of a function stands with what it gave."""
    results = {step.id: step.text for step in steps if isinstance(step, ToolResult)}
    parts: list[str] = []
    for step in steps:
        match step:
            case TextStep(text):
                parts.append(text.strip())
            case ToolCall(id, name, arguments):
                parts.append(f"[{name}({arguments}) was called, and gave: {results.get(id, 'nothing')}]")
            case ReasoningStep() | ToolResult():
                pass
    return "\n\n".join(filter(None, parts))


def closed(steps: tuple[Step, ...], text: str = "It was stopped before it ended.") -> tuple[Step, ...]:
    """Return steps in which each call has its result: without one, a service takes no further question."""
    results = {step.id for step in steps if isinstance(step, ToolResult)}
    missing = [step.id for step in steps if isinstance(step, ToolCall) and step.id not in results]
    if not missing:
        return steps
    last = max(at for at, step in enumerate(steps) if isinstance(step, ToolCall | ToolResult)) + 1
    return (*steps[:last], *(ToolResult(one, text, "stopped") for one in missing), *steps[last:])
