"""Asking from a panel: one reply at a time, in the background, with what the person chose on it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from g4f_magic.errors import InputError
from g4f_magic.host.base import Host
from g4f_magic.options import Options
from g4f_magic.panel import choices
from g4f_magic.panel.background import Background
from g4f_magic.panel.chips import NOTHING, Along
from g4f_magic.panel.following import Following
from g4f_magic.panel.joining import enter, identify
from g4f_magic.reply import ReplyText
from g4f_magic.running_turn import Reply
from g4f_magic.session import Session
from g4f_magic.tools.approval import Approver
from g4f_magic.turn import Turn
from g4f_magic.wire.offline import offline


class AskingPanel(Protocol):
    """The panel, as the one that asks for it sees it."""

    host: Host
    background: Background
    following: Following
    provider: str
    model: str
    conversation: str
    parameters: dict[str, Any]
    is_busy: bool

    @property
    def session(self) -> Session:
        """Return what the kernel holds."""

    def tell_notes(self) -> None:
        """Say once what a person should know of keys, and of files."""

    def answered(self, turn: Turn) -> None:
        """Have what was said follow a reply to this panel that came whole."""


class CurrentReply:
    """The reply to one panel that is under way, or was the last.

    `given` is what the panel was made with, `approve` asks for the person's word on a call, and `ended` is told
    whether a reply came.
    """

    def __init__(
        self, panel: AskingPanel, given: Options, *, approve: Approver, ended: Callable[[bool], None]
    ) -> None:
        self._panel = panel
        self._given = given
        self._approve = approve
        self._ended = ended
        self._task: asyncio.Task[ReplyText] | None = None

    @property
    def is_under_way(self) -> bool:
        """Say whether a reply is under way."""
        return self._task is not None and not self._task.done()

    def begin(
        self, prompt: str, *, slot: str = "", key: str = "", along: Along = NOTHING, fills: bool = True
    ) -> asyncio.Task[ReplyText]:
        """Ask; with `slot` in place of the turn that stands there.

        `along` is what goes along; with `fills` the names in the prompt are filled in.

        Raises:
            InputError: a reply is under way, or what was chosen does not fit.
        """
        if self.is_under_way:
            raise InputError("the reply before is still under way", hint="Stop it, or wait for its end.")
        session = self._panel.session
        front = session.front if fills else None
        ask = partial(
            session.ask,
            prompt,
            along.added_to(self._options(), fills=fills),
            slot=slot,
            source=front.source if front else None,
            kept=along.kept,
            approve=self._approve,
        )
        self._task = self._panel.background.task(self._reply(ask, key))
        self._task.add_done_callback(
            lambda task: self._ended(not task.cancelled() and task.exception() is None)
        )
        return self._task

    def stop(self) -> bool:
        """Stop the reply that is under way, and say whether there was one."""
        task = self._task
        if task is None or task.done():
            return False
        self._panel.background.call(task.cancel)
        return True

    def _options(self) -> Options:
        """Return what the person chose, over what the panel was made with.

        Raises:
            InputError: a field cannot be read.
        """
        panel = self._panel
        chosen = choices.options_of(dict(panel.parameters))
        chosen |= {"provider": panel.provider, "model": panel.model, "conversation": panel.conversation}
        return replace(self._given, **chosen)

    async def _reply(self, ask: Callable[[], Awaitable[Reply]], key: str) -> ReplyText:
        panel, session = self._panel, self._panel.session
        panel.is_busy = True
        try:
            enter(session, panel.host)
            with offline() if session.settings.mode_in_force == "replay" else nullcontext():
                reply = await ask()
                panel.tell_notes()
                if key:
                    panel.following.transcript.keys[reply.turn.id] = key
                async with aclosing(reply):
                    await reply.text()
            panel.answered(reply.turn)
            return ReplyText(reply.turn)
        finally:
            panel.is_busy = False
            identify(session)
            panel.tell_notes()
