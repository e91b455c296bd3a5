"""The loopback server: its address, its start and its stop."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from g4f_magic.errors import InputError, UnreachableError
from g4f_magic.gateway.access import AccessGuard
from g4f_magic.gateway.chat_request import Received
from g4f_magic.gateway.dialects import VARIANTS, public_dialects
from g4f_magic.gateway.dispatch import Dispatcher
from g4f_magic.gateway.engines.upstream import UpstreamEngine
from g4f_magic.gateway.routes import application

if TYPE_CHECKING:
    from types import TracebackType

    from g4f_magic.gateway.engines import Engine

IDLE_SECONDS = 30.0
"""How long a connection may stay without a whole request head."""
# Without a handler of its own, a stranger's bad request would print a traceback into the running cell.
_LOG = logging.getLogger("g4f_magic.gateway")
_LOG.addHandler(logging.NullHandler())


class Gateway:
    """A server that speaks the providers' protocols and OpenAI's, and answers from `engine`.

    `port` 0 takes a free one. `token` stands in the path of every address and keeps other users of the
    machine out; None makes a random one. `variants` are forms that the true servers had at times:
    `koala-objects` (Koala's events hold objects), `data-stream` (WhiteRabbitNeo's lines of the AI SDK),
    `access-code` (FreeNetfly wants one). `aliases` are further names of the engine's models.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        variants: Collection[str] = (),
        aliases: Mapping[str, str] | None = None,
        ping_seconds: float = 15.0,
    ) -> None:
        unknown = set(variants) - VARIANTS
        if unknown:
            raise InputError(f"gateway: no variant {sorted(unknown)[0]!r}", hint=f"One of {sorted(VARIANTS)}")
        self.engine = engine
        self._guard = AccessGuard(host, port, secrets.token_urlsafe(18) if token is None else token)
        self._runner: web.AppRunner | None = None
        self._dispatcher = Dispatcher(engine, self._guard.token, aliases or {}, ping_seconds=ping_seconds)
        self._dialects = public_dialects(variants)

    @property
    def base_url(self) -> str:
        """Return the address that stands before every path, token included."""
        return f"{self._guard.origin}/{self._guard.token}"

    @property
    def openai_base_url(self) -> str:
        """Return the base URL for clients of OpenAI's protocol; any key goes."""
        return f"{self.base_url}/v1"

    @property
    def token(self) -> str:
        """Return what keeps others out; a client of OpenAI's protocol can give it as its key."""
        return self._guard.token

    @property
    def port(self) -> int:
        """Return the port, known from the start on."""
        return self._guard.port

    @property
    def caution(self) -> str:
        """Return what a person should know before they trust its replies, where its engine says something of that."""
        return str(getattr(self.engine, "caution", ""))

    @property
    def is_loopback(self) -> bool:
        """Say whether only this machine can reach it."""
        return self._guard.is_loopback

    @property
    def is_running(self) -> bool:
        """Say whether it listens."""
        return self._runner is not None

    @property
    def requests(self) -> list[Received]:
        """Return what was asked lately, oldest first; secrets are kept with the `script` engine alone."""
        return self._dispatcher.received

    async def start(self) -> None:
        """Listen.

        Raises:
            UnreachableError: the address cannot be had.
            InputError: the engine would ask this very gateway.
        """
        if self._runner is not None:
            return
        runner = web.AppRunner(
            application(self._guard, self._dispatcher, self._dialects),
            handler_cancellation=True,
            shutdown_timeout=0.5,
            keepalive_timeout=IDLE_SECONDS,
            access_log=None,
            logger=_LOG,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, self._guard.host, self._guard.port).start()
        except OSError as exc:
            await runner.cleanup()
            raise UnreachableError(
                f"gateway: cannot listen on {self._guard.host}:{self._guard.port} ({exc.strerror or exc})",
                hint="Choose another port, or 0 for any free one.",
            ) from exc
        self._guard.port = runner.addresses[0][1]
        if isinstance(self.engine, UpstreamEngine) and self.engine.is_at(self._guard.port):
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
        await self._dispatcher.leave()
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
