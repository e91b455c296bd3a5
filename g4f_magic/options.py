"""What can be said of one chat: what an option is, how its text is read, and the values of all of them. No I/O."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from g4f_magic.errors import InputError, with_article
from g4f_magic.literals import names_a_key, no_key_here, text_of
from g4f_magic.secret import Address

_NO_PARAMETERS = {
    "messages": "They are the prompt and the conversation: --context bounds it, --once leaves it out.",
    "model": "Name it with --model.",
    "cls": "Leave it out.",
    "base_url": "It is an option: --base-url URL, in Python base_url=.",
    "proxy": "It is an option: --proxy URL, in Python proxy=.",
    "timeout": "It is an option: --timeout SECONDS, in Python timeout_seconds=.",
    "cookies": "It is an option: --cookies FILE, in Python cookies=.",
    "ca_file": "Set it for all chats: %config ChatMagics.ca_file = 'company.pem'.",
}
"""What a provider is called with that is not sent as a parameter, and what to do instead."""


@dataclass(frozen=True, slots=True)
class PanelField:
    """Where the panel takes an option: behind its fold."""

    name: str
    """In the panel's `parameters`."""
    label: str
    hint: str
    """What stands below the field: an example, or what holds while it is empty."""
    is_long: bool = False
    """It has lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option."""

    names: tuple[str, ...]
    """As a cell writes it, the long one last."""
    fields: tuple[str, ...]
    """Which fields of `Options` it sets; of an option of a cell alone, what `ChatLine` calls it."""
    help: str
    """A few words, for people."""
    value: str = ""
    """What its value is called; empty: it has none."""
    read: Callable[[Any], Any] = str
    """Returns the value of a text, or of the texts of one that is repeated; of several fields, their values in order.
    Raises a ValueError, or an InputError that says it all."""
    write: Callable[..., str] = lambda value: "" if value is None else str(value)
    """Returns the text for the values of `fields`."""
    wanted: str = "number"
    """What a text is not that it cannot read: "warm is no number"."""
    choices: tuple[str, ...] = ()
    """What the value can be, where that is not open."""
    is_repeated: bool = False
    sets: object = True
    """What it sets where it has no value."""
    offers: str = ""
    """The kind of value that Tab offers (see `known.OFFERS`)."""
    is_for_panel: bool = True
    """`%chat panel` takes it."""
    panel: PanelField | None = None
    """Where a person changes it in the panel, if that is meant."""

    @property
    def name(self) -> str:
        """Return its long name."""
        return self.names[-1]

    @property
    def usage(self) -> str:
        """Return how it is written: `-p, --provider NAME`."""
        return f"{', '.join(self.names)} {self.value}".rstrip()

    @property
    def is_parameter(self) -> bool:
        """Say whether it is a parameter of the service (see `Options`)."""
        return self.fields[0] in _PARAMETERS

    def fill(self, given: Any = None) -> dict[str, Any]:
        """Return the fields that it sets, of the text that was given, or of the texts of one that is repeated.

        Raises:
            ValueError: that cannot be read.
            InputError: it cannot be, and why.
        """
        if not self.value:
            return dict.fromkeys(self.fields, self.sets)
        if self.choices and given not in self.choices:
            raise ValueError(f"{given!r} is not one of {', '.join(self.choices)}")
        try:
            value = self.read(given)
        except ValueError:
            raise ValueError(f"{given!r} is not {with_article(self.wanted)}") from None
        return dict(zip(self.fields, value if len(self.fields) > 1 else (value,), strict=True))


def _parameter() -> Any:
    """Return the field of a parameter: it goes to the service under its own name, where that takes it, and into recordings and exports."""
    return field(default=None, metadata={"is_parameter": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one chat asks for; None and empty mean that the settings decide."""

    provider: str = ""
    model: str = ""
    system: str | None = None
    temperature: float | None = _parameter()
    max_tokens: int | None = _parameter()
    seed: int | None = _parameter()
    """The same number asks for the same answer again, as far as the service can."""
    params: Mapping[str, Any] = field(default_factory=dict)
    base_url: str = field(default="", repr=False)
    is_local: bool = False
    """Through the package's own gateway, also where the public service works."""
    proxy: str = field(default="", repr=False)
    cookies: str = ""
    """A file or folder of exported cookies."""
    timeout_seconds: float | None = None
    conversation: str = ""
    """The conversation's name; empty: the one in use, `main` at first."""
    context_turns: int | None = None
    context_tokens: int | None = None
    """How much of the conversation is sent along at most."""
    budget: float | None = None
    """The most that the question may cost, in dollars."""
    mode: str = ""
    """Where the reply comes from: `live`, `record`, `replay` or `auto`."""
    pace: str = ""
    """How a recorded reply streams: `real` or `fast`."""
    record_errors: bool = False
    """Record a failure, too."""
    attached: tuple[str, ...] = ()
    """What goes along, as `--with` names it."""
    detail: str = ""
    """How finely pictures are sent: `low`, `auto` or `high`."""
    schema: Any = None
    """What the reply has to be: a line, a class, a JSON Schema, or the name of one in the notebook; None: a text."""
    is_schema_many: bool = False
    """The reply is a list of that."""
    tools: tuple[Any, ...] = ()
    """Functions that the model may ask for: their names in the notebook, or they themselves."""
    approve: tuple[str, ...] = ()
    """The names of those that run without asking the person."""
    is_once: bool = False
    """Without history: it sees nothing of the conversation and leaves nothing in it."""

    @classmethod
    def of(cls, provider: str, given: dict[str, Any]) -> Options:
        """Return the options of that provider with those names; a name that is none empties `given`, which may hold a key.

        Raises:
            InputError: there is no option of that name.
        """
        unknown = [name for name in given if name not in cls.__slots__ or name == "provider"]
        if unknown:
            import difflib

            given.clear()
            hint = "A key is not given here: set its variable, or run %chat login PROVIDER. Others go into params."
            if near := difflib.get_close_matches(unknown[0], cls.__slots__, n=1):
                hint = f"Did you mean {near[0]}?"
            raise InputError(f"there is no option {unknown[0]!r}", hint=hint)
        if not isinstance(provider, str):
            raise InputError(
                f"the provider is not a name but {_what(provider)}",
                hint='Write Chat("koala"), an address, or Chat() for the one that is connected.',
            )
        return cls(provider=provider, **given)

    def __post_init__(self) -> None:
        if taken := [name for name in self.params if name.replace("-", "_") in _NO_PARAMETERS]:
            hint = _NO_PARAMETERS[taken[0].replace("-", "_")]
            raise InputError(f"{taken[0]} is no parameter of the service", hint=hint)
        if "://" in self.provider:
            self._take_address()
        for name in ("tools", "approve"):
            if isinstance(given := getattr(self, name), str):  # as a cell writes them
                object.__setattr__(self, name, tuple(filter(None, map(str.strip, given.split(",")))))
        for name in ("base_url", "proxy"):
            object.__setattr__(self, name, Address(getattr(self, name)))

    def _take_address(self) -> None:
        """Read a provider that is an address as an OpenAI-compatible server that is there."""
        if self.base_url or self.is_local:
            raise InputError(
                "two addresses are named, by --provider and another option", hint="Give one of the two."
            )
        object.__setattr__(self, "base_url", self.provider)
        object.__setattr__(self, "provider", "openai")

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the sampling parameters that were given."""
        named = {name: getattr(self, name) for name in _PARAMETERS}
        return {name: value for name, value in named.items() if value is not None} | dict(self.params)


_PARAMETERS = tuple(one.name for one in fields(Options) if "is_parameter" in one.metadata)


def _what(value: object) -> str:
    if value is None:
        return "None"
    return f"the class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"


def dollars_of(text: str) -> float:
    """Return an amount, with the sign of the dollar or without.

    Raises:
        ValueError: it is none.
    """
    if not 0 <= (dollars := float(text.removeprefix("$"))) < math.inf:
        raise ValueError
    return dollars


def seconds_of(text: str) -> float:
    """Return a number of seconds.

    Raises:
        ValueError: it is none.
    """
    if not 0 < (seconds := float(text)) < math.inf:
        raise ValueError
    return seconds


def number_of(text: str) -> int:
    """Return a number of things, at least one.

    Raises:
        ValueError: it is none.
    """
    if (number := int(text)) < 1:
        raise ValueError
    return number


def turns_and_tokens_of(text: str) -> tuple[int | None, int | None]:
    """Return the most turns and the most tokens to send along, as `--context` takes them: `6`, or `2000t`.

    Raises:
        InputError: it is neither.
    """
    number = text.removesuffix("t")
    if not text:
        return None, None
    if not number.isdecimal():
        raise InputError(
            f"--context {text!r} is not a number", hint="Write --context 6 for turns, 2000t for tokens."
        )
    return (None, int(number)) if text.endswith("t") else (int(number), None)


def turns_and_tokens_text(turns: int | None, tokens: int | None) -> str:
    """Return what `turns_and_tokens_of` reads so."""
    return f"{tokens}t" if tokens is not None else "" if turns is None else str(turns)


def params_text(params: Mapping[str, Any]) -> str:
    """Return parameters as a person writes them, one on a line."""
    return "\n".join(f"{name}={text_of(value)}" for name, value in params.items())


def checked_address(text: str) -> str:
    """Return the address of a service.

    Raises:
        InputError: a key or a password stands in it.
    """
    query = text.partition("?")[2]
    if query and any(names_a_key(one.partition("=")[0]) for one in query.split("&")):
        raise no_key_here()
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise InputError(
            "a password must not stand in the notebook: take it out of --base-url",
            hint="Run %chat login HOST, or name the service in services.toml, with the variable of its key.",
        )
    return text


def checked_proxy(text: str) -> str:
    """Return the address of a proxy.

    Raises:
        InputError: a password stands in it.
    """
    if "@" in text:
        raise InputError(
            "a password must not stand in the notebook: take it out of --proxy",
            hint="Set G4F_MAGIC_PROXY=http://user:password@host:port in the environment.",
        )
    return text


def variable_of(text: str) -> str:
    """Return the name of a variable.

    Raises:
        InputError: none can be called so.
    """
    if text and (not text.isidentifier() or keyword.iskeyword(text)):
        raise InputError(f"{text!r} is not a name for a variable", hint="Write --out NAME.")
    return text


def names_of(text: str) -> tuple[str, ...]:
    """Return names that stand with commas between, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))


def names_text(functions: Sequence[Any]) -> str:
    """Return the names of functions, or names, with commas between."""
    return ", ".join(one if isinstance(one, str) else getattr(one, "__name__", "") for one in functions)
