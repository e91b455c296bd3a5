"""The loopback server: who may come in, and which dialect a request is read in."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE

from g4f_magic.errors import ChatError, InputError, UnreachableError
from g4f_magic.gateway.ask import Ask, Received
from g4f_magic.gateway.delivery import Delivery, refusal, whole_response
from g4f_magic.gateway.dialects import (
    AuraDialect,
    DarkAIDialect,
    Dialect,
    FreeNetflyDialect,
    Incoming,
    KoalaDialect,
    OpenAIDialect,
    WhiteRabbitNeoDialect,
    asks_aura,
    asks_whiterabbitneo,
    model_list,
)
from g4f_magic.gateway.door import Door
from g4f_magic.gateway.engines.upstream import UpstreamEngine
from g4f_magic.gateway.failures import status_of
from g4f_magic.gateway.incoming import incoming_of
from g4f_magic.gateway.moves import Refuse
from g4f_magic.gateway.page import chat_page

if TYPE_CHECKING:
    from types import TracebackType

    from g4f_magic.gateway.engines import Engine

BODY_LIMIT_BYTES = 32 * 1024**2
IDLE_SECONDS = 30.0
"""How long a connection may stay without a whole request head."""
# Without a handler of its own, a stranger's bad request would print a traceback into the running cell.
_LOG = logging.getLogger("g4f_magic.gateway")
_LOG.addHandler(logging.NullHandler())
VARIANTS = frozenset({"koala-objects", "data-stream", "access-code"})


class Gateway:
    """A server that speaks the providers' protocols and OpenAI's, and answers from `engine`.

    `port` 0 takes a free one. `token` stands in the path of every address and keeps other users of the
    machine out; None makes a random one. `variants` are forms that the true servers had at times:
    `koala-objects` (Koala's events hold objects), `data-stream` (WhiteRabbitNeo's lines of the AI SDK),
    `access-code` (FreeNetfly wants one).
    """

    def __init__(
        self,
        engine: Engine,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        variants: Collection[str] = (),
        ping_seconds: float = 15.0,
    ) -> None:
        unknown = set(variants) - VARIANTS
        if unknown:
            raise InputError(f"gateway: no variant {sorted(unknown)[0]!r}", hint=f"One of {sorted(VARIANTS)}")
        self.engine = engine
        self._door = Door(host, port, secrets.token_urlsafe(18) if token is None else token)
        self._ping_seconds = ping_seconds
        is_script = engine.name == "script"
        self._keeps_secrets = is_script
        self._received: deque[Received] = deque(maxlen=10_000 if is_script else 20)
        self._runner: web.AppRunner | None = None
        self._replies: set[asyncio.Task[Any]] = set()
        self._koala = KoalaDialect(as_objects="koala-objects" in variants)
        self._freenetfly = FreeNetflyDialect(needs_code="access-code" in variants)
        self._whiterabbitneo = WhiteRabbitNeoDialect(as_lines="data-stream" in variants)

    @property
    def base_url(self) -> str:
        """Return the address that stands before every path, token included."""
        return f"{self._door.origin}/{self._door.token}"

    @property
    def openai_base_url(self) -> str:
        """Return the base URL for clients of OpenAI's protocol; any key goes."""
        return f"{self.base_url}/v1"

    @property
    def token(self) -> str:
        """Return what keeps others out; a client of OpenAI's protocol can give it as its key."""
        return self._door.token

    @property
    def port(self) -> int:
        """Return the port, known from the start on."""
        return self._door.port

    @property
    def is_loopback(self) -> bool:
        """Say whether only this machine can reach it."""
        return self._door.is_loopback

    @property
    def is_running(self) -> bool:
        """Say whether it listens."""
        return self._runner is not None

    @property
    def requests(self) -> list[Received]:
        """Return what was asked lately, oldest first; secrets are kept with the `script` engine alone."""
        return list(self._received)

    async def start(self) -> None:
        """Listen.

        Raises:
            UnreachableError: the address cannot be had.
            InputError: the engine would ask this very gateway.
        """
        if self._runner is not None:
            return
        runner = web.AppRunner(
            self._application(),
            handler_cancellation=True,
            shutdown_timeout=0.5,
            keepalive_timeout=IDLE_SECONDS,
            access_log=None,
            logger=_LOG,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._door.host, self._door.port).start()
        except OSError as exc:
            await runner.cleanup()
            raise UnreachableError(
                f"gateway: cannot listen on {self._door.host}:{self._door.port} ({exc.strerror or exc})",
                hint="Choose another port, or 0 for any free one.",
            ) from exc
        self._door.port = runner.addresses[0][1]
        if isinstance(self.engine, UpstreamEngine) and self.engine.is_at(self._door.port):
            await runner.cleanup()
            raise InputError(
                "gateway: the server that it is to ask is itself",
                hint="Look at OPENAI_BASE_URL and ChatMagics.upstream, or choose another port.",
            )
        self._runner = runner

    async def stop(self) -> None:
        """Stop listening and end the open replies at once."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        for site in list(runner.sites):
            await site.stop()
        for reply in self._replies:
            reply.cancel()
        await asyncio.gather(*self._replies, return_exceptions=True)
        await runner.cleanup()

    async def __aenter__(self) -> Gateway:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def _application(self) -> web.Application:
        app = web.Application(client_max_size=BODY_LIMIT_BYTES, middlewares=[self._door.guard])
        app.on_response_prepare.append(_drop_added_headers)
        for prefix in ("/{token}", ""):
            app.router.add_post(f"{prefix}/v1/chat/completions", self._chat(lambda _: OpenAIDialect()))
            app.router.add_get(f"{prefix}/v1/models", self._models)
        paths: dict[str, Callable[[Incoming], Dialect | None]] = {
            "/api/gpt/": lambda _: self._koala,
            "/chat": lambda _: DarkAIDialect(),
            "/api/openai/v1/chat/completions": lambda _: self._freenetfly,
            "/api/chat": self._of_api_chat,
        }
        for path, choose in paths.items():
            app.router.add_post("/{token}" + path, self._chat(choose))
        app.router.add_get("/{token}", chat_page)
        app.router.add_get("/{token}/", chat_page)
        return app

    def _of_api_chat(self, incoming: Incoming) -> Dialect | None:
        if asks_aura(incoming.body):
            return AuraDialect()
        return self._whiterabbitneo if asks_whiterabbitneo(incoming.body) else None

    def _chat(self, choose: Callable[[Incoming], Dialect | None]) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.StreamResponse:
            incoming = await incoming_of(request)
            dialect = choose(incoming)
            if dialect is None:
                text = "/api/chat: a body of Aura (model, prompt, key) or of WhiteRabbitNeo (enhancePrompt)"
                return web.json_response({"error": f"{text} is wanted"}, status=400)
            asked = dialect.read(incoming)
            if isinstance(asked, Refuse):
                return refusal(dialect, asked)
            self._note(incoming, dialect, asked)
            return await self._reply(request, dialect, asked)

        return answer

    async def _reply(self, request: web.Request, dialect: Dialect, ask: Ask) -> web.StreamResponse:
        delivery = Delivery(request, dialect, dialect.writer(ask), ping_seconds=self._ping_seconds)
        reply = asyncio.current_task()
        assert reply is not None  # noqa: S101 - a handler always runs in a task
        self._replies.add(reply)
        try:
            return await delivery.carry_out(self.engine.reply(ask))
        finally:
            self._replies.discard(reply)

    async def _models(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(model_list(await self.engine.models()))
        except ChatError as exc:
            return whole_response(OpenAIDialect().failure(Refuse(status_of(exc), str(exc))))

    def _note(self, incoming: Incoming, dialect: Dialect, ask: Ask) -> None:
        hidden = () if self._keeps_secrets else ("authorization", "cookie")
        headers = {name: value for name, value in incoming.headers.items() if name not in hidden}
        path = incoming.path.removeprefix(f"/{self._door.token}")
        self._received.append(Received(path, dialect.name, ask, headers, incoming.body or {}))


async def _drop_added_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Take out what aiohttp adds by itself: `Server`, and a content type where the dialect sends none."""
    if response.headers.get("Server") == SERVER_SOFTWARE:
        del response.headers["Server"]
    if response.headers.get("Content-Type") == "application/octet-stream":
        del response.headers["Content-Type"]
