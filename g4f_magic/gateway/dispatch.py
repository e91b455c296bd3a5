"""Takes what was asked to the engine, and its answer back: which model, what cannot be carried, who is still being served."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiohttp import web

from g4f_magic.errors import ChatError
from g4f_magic.gateway.actions import Action, Refuse
from g4f_magic.gateway.chat_request import ChatRequest, Received
from g4f_magic.gateway.delivery import Delivery
from g4f_magic.gateway.dialects import (
    Dialect,
    Incoming,
    KeptResponses,
    OpenAIDialect,
    model_list,
    model_object,
)
from g4f_magic.gateway.dialects.dialect import compact
from g4f_magic.gateway.dialects.refusals import NO_JSON, wanted
from g4f_magic.gateway.engines.engine import EmbeddingEngine, RelayingEngine
from g4f_magic.gateway.failures import passed_on, refusal_of
from g4f_magic.gateway.incoming import incoming_of
from g4f_magic.gateway.unsupported import uncarried
from g4f_magic.gateway.whole import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from g4f_magic.gateway.engines import Engine

_OPENAI = OpenAIDialect()


class Dispatcher:
    """What the gateway does with a request that came in. `aliases` are further names of the engine's models."""

    def __init__(
        self, engine: Engine, token: str, aliases: Mapping[str, str], *, ping_seconds: float
    ) -> None:
        self._engine = engine
        self._token = token
        self._aliases = dict(aliases)
        self._ping_seconds = ping_seconds
        self._is_script = engine.name == "script"
        self._received: deque[Received] = deque(maxlen=10_000 if self._is_script else 20)
        self._replies: set[asyncio.Task[Any]] = set()
        self.kept = KeptResponses()

    @property
    def received(self) -> list[Received]:
        """Return what was asked lately, oldest first."""
        return list(self._received)

    async def leave(self) -> None:
        """End the open replies at once."""
        for reply in self._replies:
            reply.cancel()
        await asyncio.gather(*self._replies, return_exceptions=True)

    async def chat(
        self, request: web.Request, choose: Callable[[Incoming], Dialect | None]
    ) -> web.StreamResponse:
        """Answer in the dialect that `choose` gives for the request."""
        incoming = await incoming_of(request)
        dialect = choose(incoming)
        if dialect is None:
            text = "/api/chat: a body of Aura (model, prompt, key) or of WhiteRabbitNeo (enhancePrompt)"
            return refusal(_OPENAI, Refuse(400, f"{text} is wanted"))
        asked = dialect.read(incoming)
        if isinstance(asked, Refuse):
            return refusal(dialect, asked)
        asked = replace(asked, model=self._aliases.get(asked.model, asked.model))
        self._note(incoming, dialect, asked)
        actions = self._actions(dialect, asked, incoming.body or {})
        if isinstance(actions, Refuse):
            return refusal(dialect, actions)
        return await self._reply(request, dialect, asked, actions)

    def _actions(
        self, dialect: Dialect, chat: ChatRequest, body: Mapping[str, Any]
    ) -> AsyncGenerator[Action] | Refuse:
        if dialect.is_openai and isinstance(self._engine, RelayingEngine):
            return self._engine.relay(chat)
        if chat.body and isinstance(self._engine, RelayingEngine):
            return self._engine.reply(chat)
        # An old protocol's body has names of its own; the script is a double, for whatever a test sends.
        allows_unknown = self._is_script or not chat.body
        return uncarried(chat.body or body, allows_unknown=allows_unknown) or self._engine.reply(chat)

    async def _reply(
        self, request: web.Request, dialect: Dialect, chat: ChatRequest, actions: AsyncGenerator[Action]
    ) -> web.StreamResponse:
        delivery = Delivery(request, dialect, dialect.writer(chat), ping_seconds=self._ping_seconds)
        reply = asyncio.current_task()
        assert reply is not None  # noqa: S101 - a handler always runs in a task
        self._replies.add(reply)
        try:
            return await delivery.carry_out(actions)
        finally:
            self._replies.discard(reply)

    async def embeddings(self, request: web.Request) -> web.Response:
        """Return what the engine says to a request for embeddings."""
        incoming = await incoming_of(request)
        body = incoming.body
        if body is None:
            return refusal(_OPENAI, NO_JSON)
        if not isinstance(body.get("model"), str) or not body["model"]:
            return refusal(_OPENAI, wanted(body, "model", "the name of a model for embeddings"))
        if not isinstance(self._engine, EmbeddingEngine):
            message = f"What answers here ({self._engine.label}) has no embeddings: put a server that has them behind the gateway."
            return refusal(_OPENAI, Refuse(400, message, code="unsupported_endpoint"))
        model = self._aliases.get(body["model"], body["model"])
        try:
            return web.json_response(await self._engine.embeddings({**body, "model": model}), dumps=compact)
        except ChatError as exc:
            return refusal(_OPENAI, passed_on(exc))

    async def models(self, request: web.Request) -> web.Response:
        """Return the names of the models, or of the one that the path names."""
        try:
            names = await self._engine.models()
        except ChatError as exc:
            return refusal(_OPENAI, _of_the_server(refusal_of(exc)))
        names = list(dict.fromkeys([*names, *self._aliases]))
        named = request.match_info.get("model")
        if named is None:
            return web.json_response(model_list(names))
        if named in names:
            return web.json_response(model_object(named))
        message = f"The model {named[:200]!r} does not exist here; GET /v1/models lists those that do."
        return refusal(_OPENAI, Refuse(404, message, param="model", code="model_not_found"))

    def _note(self, incoming: Incoming, dialect: Dialect, chat: ChatRequest) -> None:
        hidden = () if self._is_script else ("authorization", "api-key", "x-api-key", "cookie")
        headers = {name: value for name, value in incoming.headers.items() if name not in hidden}
        path = incoming.path.removeprefix(f"/{self._token}")
        self._received.append(Received(path, dialect.name, chat, headers, incoming.body or {}))


def _of_the_server(refuse: Refuse) -> Refuse:
    """Return a refusal that puts nothing on the one who asked: a server without a list of models is no wrong path of theirs."""
    is_telling = refuse.status >= 500 or refuse.status in (401, 402, 403, 429)
    return refuse if is_telling else replace(refuse, status=502, param=None, code="")
