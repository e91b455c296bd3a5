"""What a person asks: the prompt, what goes along with it, whom, and how; and what a cell means that leaves something to the settings.

Values without I/O. `ask_of` is the one place that says what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.settings import Settings

Origin = Literal["", "inline", "with", "page"]
"""How an attachment came: named in the prompt and sent after it, filled in where its name stood, by `--with`, or
from a page, which holds what the person dropped there."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How much of a conversation is sent along at most: the newest turns, by their number, their tokens, or both."""

    turns: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Something of the notebook that goes along: a described variable, a file, a picture, an error."""

    name: str
    """As the person called it."""
    text: str = ""
    """What is sent of it; empty for what is no text."""
    media_type: str = "text/plain"
    digest: str = ""
    """SHA-256, in hexadecimal digits, of the bytes of what is no text."""
    pixels: str = ""
    """SHA-256 of a picture's size, mode and pixels, which is the same whichever version of whatever wrote the file."""
    omitted: str = ""
    """What was left out, in words: "5 of 10,000 rows". It is told to the model, too."""
    summary: str = ""
    """What it is, in a few words: "3 columns, 5 of 10,000 rows"."""
    origin: Origin = ""

    @property
    def is_picture(self) -> bool:
        """Say whether it is sent as a picture."""
        return bool(self.digest) and self.media_type.startswith("image/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What a person asks, before anybody answers."""

    prompt: str
    """As the person wrote it."""
    sent: str | None = None
    """As it is sent, where that is something else."""
    system: str = ""
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    """What the person should know of what is sent, a sentence each: a name in the prompt that there is not."""
    provider: str = ""
    """Who is asked: a provider's name, a chain of them, or the name of a chain."""
    model: str = ""
    """The model that is named; empty: the provider's own default."""
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What goes along for the model: the temperature and its like."""
    bound: Bound = Bound()
    tools: tuple[str, ...] = ()
    """Names of functions that the model may ask for."""
    toolbox: Mapping[str, Any] | None = field(default=None, hash=False, compare=False, repr=False)
    """What the model is told of each function, by its name; as a `tools.Toolbox` it also runs them."""
    schema: Mapping[str, Any] | None = field(default=None, hash=False)
    """The JSON Schema that the reply has to fit; as a `schemas.Schema` it also makes the reply's value."""

    @property
    def text(self) -> str:
        """Return the prompt as it is sent."""
        return self.prompt if self.sent is None else self.sent

    @property
    def attached_texts(self) -> list[str]:
        """Return the texts that stand after the prompt, each framed as data by what described it."""
        return [
            one.text or f"`{one.name}` is a picture." for one in self.attachments if one.origin != "inline"
        ]

    @property
    def whole_text(self) -> str:
        """Return the prompt as it is sent, with all that goes along as text."""
        return "\n\n".join([self.text, *self.attached_texts]) if self.attachments else self.text

    @property
    def pictures(self) -> tuple[Attachment, ...]:
        """Return the pictures that go along."""
        return tuple(one for one in self.attachments if one.is_picture)


def normal_prompt(text: str) -> str:
    """Return a prompt in its one form, whatever it was typed in: line ends of one kind, no empty lines around it."""
    return text.replace("\r\n", "\n").strip("\n")


def ask_of(prompt: str, options: Options, settings: Settings) -> Ask:
    """Return what is asked: whom, for which model, with which system prompt and parameters, and how much goes along.

    Raises:
        InputError: the prompt is no text.
    """
    if not isinstance(prompt, str):
        raise InputError(
            f"the prompt is not text but a {type(prompt).__name__}", hint="Give a str: str(value)."
        )
    text, bound, parameters = normal_prompt(prompt), bound_of(options, settings), options.parameters
    default, _ = settings.default
    provider = (options.provider or default).strip().lower()
    # The settings' model is meant for the settings' provider alone.
    is_default = provider == default.lower()
    return Ask(
        prompt=text,
        provider=provider,
        model=options.model or (settings.model if is_default else ""),
        system=settings.system if options.system is None else options.system,
        parameters=parameters,
        bound=bound,
    )


def typed(ask: Ask, options: Options, names: Mapping[str, Any]) -> Ask:
    """Return the question with what its reply has to be, where the options say so; it may be one of `names`.

    Raises:
        InputError: that cannot be.
    """
    if options.schema is None:
        if options.is_schema_many:
            raise InputError(
                "--schema-many is a list of what --schema says, and there is none",
                hint='Write --schema "label: good|bad, why: str" --schema-many.',
            )
        return ask
    from g4f_magic.schemas import schema_of

    return replace(ask, schema=schema_of(options.schema, names, is_many=options.is_schema_many))


def without_tools(options: Options) -> Options:
    """Return options that name no functions, for many questions at once.

    Raises:
        InputError: they name some.
    """
    if options.tools or options.approve:
        raise InputError(
            "--tools and many rows do not go together",
            hint="Ask one question with --tools, or rows without it.",
        )
    return options


def bound_of(options: Options, settings: Settings) -> Bound:
    """Return how much of the conversation goes along at most; what a cell says takes the settings' place."""
    if options.context_turns is not None or options.context_tokens is not None:
        return Bound(options.context_turns, options.context_tokens)
    return Bound(settings.context_turns, settings.context_tokens)
