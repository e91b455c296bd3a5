"""Who answers where nobody is named, the provider `auto`: always the same order, and the line under a reply says who.

What the notebook sets, what the person connected, what the environment names, a server that runs on this machine, a
model file on it, and else the offline guide, which is no model. Nobody outside this machine is asked without being named.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from g4f_magic import providers
from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.providers import connections, nearby
from g4f_magic.providers.connections import DefaultService
from g4f_magic.settings import AUTO, Settings, environment

GUIDE = "guide"
LOCAL = "local"
_CONNECTED = "you connected it"


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is asked, as the options of a cell would name it."""

    provider: str
    model: str = ""
    base_url: str = field(default="", repr=False)
    is_local: bool = False
    """Through the package's own gateway."""
    why: str = ""
    """Why it is that one, in words."""


class Auto:
    """Finds who answers; what was found on this machine counts as long as it listens."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._nearby = ""
        self.last: Choice | None = None
        """Who it was that was asked last."""

    async def choice(self) -> Choice:
        """Return who answers now.

        Raises:
            InputError: what the person connected cannot be read.
        """
        self.last = self.named() or await self._found()
        return self.last

    async def _found(self) -> Choice:
        if (name := await self._running()) != "":
            return Choice(name, why="it runs on this machine")
        if await has_local_model(self._settings):
            return Choice(LOCAL, why="a model file on this machine")
        return Choice(GUIDE, why="no model is connected")

    def named(self) -> Choice | None:
        """Return who answers as far as that is settled without looking for anybody; None where it is not.

        Raises:
            InputError: what the person connected cannot be read.
        """
        settings = self._settings
        if settings.base_url:
            return Choice(
                "openai", settings.model, settings.base_url, why="this notebook's ChatMagics.base_url"
            )
        match settings.engine.strip().lower():
            case "guide":
                return Choice(GUIDE, why="ChatMagics.engine says so")
            case "local":
                return Choice(LOCAL, settings.upstream_model, why="ChatMagics.engine says so")
            case "script":
                return Choice("openai", is_local=True, why="ChatMagics.engine says so")
        if (connected := connections.connection()) is not None:
            _check(connected)
            return Choice(connected.provider, connected.model, why=_CONNECTED)
        if settings.upstream:
            return Choice(
                "openai", settings.upstream_model, settings.upstream, why="ChatMagics.upstream names it"
            )
        if host := environment("OPENAI_BASE_URL"):
            return Choice("openai", settings.model, host, why="OPENAI_BASE_URL names it")
        return None

    async def resolved(self, options: Options) -> Options:
        """Return options that leave it to `auto` with whom that means now.

        Raises:
            InputError: what the person connected cannot be read.
        """
        if options.base_url or options.is_local:
            return replace(options, provider="openai")
        return self._as_chosen(options, await self.choice())

    def presumed(self, options: Options) -> Options:
        """Return them with whom it means, as far as that is known without looking for anybody.

        Raises:
            InputError: what the person connected cannot be read.
        """
        choice = self.named() or self.last
        return options if choice is None else self._as_chosen(options, choice)

    def _as_chosen(self, options: Options, choice: Choice) -> Options:
        model = options.model or self._settings.model or choice.model
        return replace(
            options,
            provider=choice.provider,
            model="" if choice.provider == GUIDE and not options.model else model,
            base_url=choice.base_url,
            is_local=choice.is_local,
        )

    def is_connected(self, name: str) -> bool:
        """Say whether that is the service that the person connected, and that was asked last."""
        return self.last is not None and self.last.why == _CONNECTED and self.last.provider == name

    async def _running(self) -> str:
        preset = providers.known_presets().get(self._nearby)
        if preset is None or not await nearby.is_open(preset.base_url):
            self._nearby = await nearby.running()
        return self._nearby


async def has_local_model(settings: Settings) -> bool:
    """Say whether a model file on this machine may be run, and can be."""
    from g4f_magic.providers.local import Local

    return await Local.found_by_itself(settings) is not None


def _check(connected: DefaultService) -> None:
    if connected.provider.lower() == AUTO:
        raise InputError(
            "services.toml says that auto answers, which is not a service",
            hint="%chat disconnect takes that out.",
        )
