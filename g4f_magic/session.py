"""What one kernel holds, and the only place where the parts are put together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from g4f_magic import providers
from g4f_magic.conversation import Bound, Conversation, Question, Reply
from g4f_magic.errors import InputError
from g4f_magic.history import KERNEL, History, Identity
from g4f_magic.options import Options
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.settings import Settings, cookie_path
from g4f_magic.wire.cookies import get_cookies

if TYPE_CHECKING:
    from g4f_magic.gateway import Gateway


class Session:
    """Settings, conversations, history and the gateway of one kernel. One notebook at a time."""

    def __init__(self, settings: Settings | None = None, *, notebook: str = "") -> None:
        self.settings = settings or Settings()
        self.history = History(self.settings.history_file)
        self.notebook = notebook or f"{KERNEL}{uuid4().hex}"
        self._is_named = False
        self.conversation_name = "main"
        self._conversations: dict[tuple[str, str], Conversation] = {}
        self._gateway: Gateway | None = None
        self._gateway_loop: asyncio.AbstractEventLoop | None = None
        self._gateway_lock = asyncio.Lock()

    def enter(self, identity: Identity | None) -> None:
        """Take up the history of the notebook that the front end names, unless the person named another."""
        if identity is not None and not self._is_named:
            self.notebook = self.history.resolve(identity)

    def enter_named(self, key: str) -> None:
        """Take up the history of the notebook of that key, whatever the front end says."""
        self.notebook = key
        self._is_named = True

    def conversation(self, name: str = "") -> Conversation:
        """Return the notebook's conversation of that name; of an empty name, the one in use."""
        key = (self.notebook, name or self.conversation_name)
        if key not in self._conversations:
            self._conversations[key] = Conversation(self.history, *key)
        return self._conversations[key]

    async def ask(self, prompt: str, options: Options, *, slot: str = "") -> Reply:
        """Return the reply to `prompt`, not yet sent: iterate it, inside `aclosing`.

        Raises:
            InputError: something of what was asked for cannot be; nothing was sent.
            MissingAuthError: the provider wants cookies and none were found; nothing was sent.
        """
        if not prompt.strip():
            raise InputError("the prompt is empty", hint="Write what you want to ask below the %%chat line.")
        question = await self._question(prompt, options, slot)
        return self.conversation(options.conversation).ask(question, is_kept=not options.is_once)

    async def _question(self, prompt: str, options: Options, slot: str) -> Question:
        name = providers.canonical(options.provider or self.settings.provider)
        provider = providers.get(name)
        model = model_of(provider, name, self._model(name, options))
        parameters = _accepted(provider, name, options.parameters)
        provider, via, extra = await self._placed(provider, name, options)
        if provider.cookie_domain and "cookies" not in extra:
            source = cookie_path(options.cookies) if options.cookies else self.settings.cookie_path
            extra = {**extra, "cookies": get_cookies(provider.cookie_domain, source=source)}
        elif options.cookies and not provider.cookie_domain:
            raise InputError(f"{name} takes no cookies", hint="Leave --cookies out.")
        arguments: dict[str, Any] = {
            "proxy": (options.proxy or self.settings.proxy or None) if "gateway" not in via else None,
            "timeout": options.timeout_seconds or self.settings.timeout_seconds,
            **parameters,
            **extra,
        }
        return Question(
            prompt=prompt,
            provider=name,
            model=model,
            system=self.settings.system if options.system is None else options.system,
            via=via,
            slot=slot,
            bound=self.bound(options),
            stream=lambda messages: provider.create_async_generator(model, messages, **arguments).chunks(),
        )

    def bound(self, options: Options) -> Bound:
        """Return how much of the conversation is sent along at most; what a cell says takes the settings' place."""
        if options.context_turns is not None or options.context_tokens is not None:
            return Bound(options.context_turns, options.context_tokens)
        return Bound(self.settings.context_turns, self.settings.context_tokens)

    def _model(self, name: str, options: Options) -> str:
        """Return the model asked for; the settings' model is meant for the settings' provider alone."""
        is_default = not options.provider or name == self.settings.provider.lower()
        return options.model or (self.settings.model if is_default else "")

    async def _placed(
        self, provider: type[AsyncGeneratorProvider], name: str, options: Options
    ) -> tuple[type[AsyncGeneratorProvider], str, dict[str, Any]]:
        """Return the provider at the host to use, how to say where that is, and what to pass along there."""
        base_url = options.base_url or self.settings.base_url
        if base_url and options.is_local:
            raise InputError("--base-url and --gateway name two hosts", hint="Give one of the two.")
        if base_url:
            provider = provider.at(base_url)
            return provider, urlsplit(provider.url).netloc.rpartition("@")[2], {}
        if not options.is_local and (provider.working or provider.is_moved()):
            return provider, "", {}
        gateway = await self.gateway()
        prefix = "/v1" if name == "openai" else ""
        local = provider.at(gateway.base_url + prefix)
        return local, f"local gateway ({gateway.engine.label})", dict(provider.local_options)

    @property
    def running_gateway(self) -> Gateway | None:
        """Return the gateway if it runs."""
        return self._gateway

    async def gateway(self) -> Gateway:
        """Return the local gateway; its first use starts it, on the running loop.

        Raises:
            InputError: the settings name an engine that there is not.
        """
        from g4f_magic.gateway import Gateway, choose_engine

        loop = asyncio.get_running_loop()
        if self._gateway_loop is not loop:
            # A server of a loop that no longer runs can neither answer nor be asked to stop.
            self._gateway, self._gateway_loop, self._gateway_lock = None, loop, asyncio.Lock()
        async with self._gateway_lock:
            if self._gateway is None:
                gateway = Gateway(await choose_engine(self.settings))
                await gateway.start()
                self._gateway = gateway
            return self._gateway

    async def stop_gateway(self) -> bool:
        """Stop the local gateway and say whether it ran."""
        gateway, self._gateway = self._gateway, None
        if gateway is None:
            return False
        await gateway.stop()
        return True

    async def aclose(self) -> None:
        """Stop the gateway and let the history's file go."""
        await self.stop_gateway()
        self.history.close()


def model_of(provider: type[AsyncGeneratorProvider], name: str, model: str) -> str:
    """Return the provider's own name of a model; of an empty one, its default.

    Raises:
        InputError: it does not offer that model, or no choice at all.
    """
    if issubclass(provider, ProviderModelMixin):
        return provider.get_model(model)
    if model:
        raise InputError(f"{name} offers no choice of models", hint="Leave --model out.")
    return ""


def _accepted(
    provider: type[AsyncGeneratorProvider], name: str, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Return the parameters, if the service takes them all.

    Raises:
        InputError: it does not; sent along silently they would do nothing.
    """
    takes = provider.parameters
    unknown = [] if takes is None else [key for key in parameters if key not in takes]
    if unknown:
        known = ", ".join(sorted(takes or ())) or "none"
        raise InputError(
            f"{name} takes no parameter called {unknown[0]!r}",
            hint=f"It takes {known}. Leave {unknown[0]} out.",
        )
    return parameters
