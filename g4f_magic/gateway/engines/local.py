"""Answers by a model that runs on this machine, started when the gateway is first asked."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from g4f_magic.gateway.actions import Action, Refuse
from g4f_magic.gateway.chat_request import ChatRequest
from g4f_magic.gateway.engines.upstream import UpstreamEngine
from g4f_magic.local.gguf import Model
from g4f_magic.local.held import held
from g4f_magic.local.process import Running
from g4f_magic.providers.listing import Sight
from g4f_magic.providers.local import LlamaServer, caution


class LocalEngine:
    """Passes what it is asked on to llama.cpp's server with `model`, which speaks OpenAI's protocol itself."""

    name = "local"

    def __init__(self, model: Model) -> None:
        self._model = model

    @property
    def label(self) -> str:
        """Return the model's name."""
        return self._model.name

    @property
    def caution(self) -> str:
        """Return a word on a model that is small."""
        return caution(self._model)

    async def models(self) -> list[str]:
        """Return its only name."""
        return [self._model.name]

    async def sight(self, model: str) -> Sight:
        """Return that it takes no pictures."""
        return Sight(False)

    async def reply(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield what the model says, its finish last.

        Raises:
            ChatError: it cannot be run here, or another model was chosen.
        """
        if (refuse := self._unsuited(chat)) is not None:
            yield refuse
            return
        async with held().asked(self._model) as running, aclosing(_server(running).reply(chat)) as actions:
            async for action in actions:
                yield action

    async def relay(self, chat: ChatRequest) -> AsyncGenerator[Action]:
        """Yield what the model's server answers to the request as it came."""
        if (refuse := self._unsuited(chat)) is not None:
            yield refuse
            return
        async with held().asked(self._model) as running, aclosing(_server(running).relay(chat)) as actions:
            async for action in actions:
                yield action

    def _unsuited(self, chat: ChatRequest) -> Refuse | None:
        """Return the refusal of functions where the model is not told of them: its server would pass over them without a word."""
        if not chat.body.get("tools") or self._model.takes_tools:
            return None
        return Refuse(
            400,
            f"Unsupported parameter: 'tools'. The chat template of {self._model.name} does not speak of them.",
            param="tools",
            code="unsupported_parameter",
        )


def _server(running: Running) -> UpstreamEngine:
    name = running.model.name
    return UpstreamEngine(running.base_url, name, api_key=running.key, provider=LlamaServer)
