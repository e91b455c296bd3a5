"""What can be said of one chat: values, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from g4f_magic.errors import InputError
from g4f_magic.option_table import PARAMETERS
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one chat asks for; None and empty mean that the settings decide."""

    provider: str = ""
    model: str = ""
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
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
        named = {name: getattr(self, name) for name in PARAMETERS}
        return {name: value for name, value in named.items() if value is not None} | dict(self.params)


def _what(value: object) -> str:
    if value is None:
        return "None"
    return f"the class {value.__name__}" if isinstance(value, type) else f"of type {type(value).__name__}"
