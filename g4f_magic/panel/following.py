"""Follows one conversation, whoever asks in it, and says what the pages are to know."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any, cast

from g4f_magic.chunks import Chunk
from g4f_magic.conversation import Conversation
from g4f_magic.messages import Turn
from g4f_magic.panel.live import LiveReply
from g4f_magic.panel.protocol import Said, Settled
from g4f_magic.panel.transcript import Transcript
from g4f_magic.session import Session


class Following:
    """One conversation as the pages of a panel are told of it.

    `say` sends a message to them, `keep` is called when what is kept beside them should follow, `call` runs
    something on the kernel's loop from any thread, and `on` gives that loop.
    """

    def __init__(
        self,
        session: Session,
        conversation: Conversation,
        *,
        say: Callable[[Said], None],
        keep: Callable[[], None],
        call: Callable[..., None],
        on: Callable[[], asyncio.AbstractEventLoop],
    ) -> None:
        self.conversation = conversation
        self._say = say
        self._keep = keep
        self._call = call
        self._on = on
        self._thread = threading.get_ident()
        self._remote_images = session.settings.remote_images
        self._live: dict[str, LiveReply] = {}
        self.transcript = Transcript(session.history, conversation, remote_images=self._remote_images)
        self._unwatch = conversation.watch(self._told)
        for turn in conversation.under_way().values():
            self._begin(turn)

    def close(self) -> None:
        """Follow no more."""
        self._unwatch()
        for live in self._live.values():
            live.close()

    def tell_all(self, page: str) -> None:
        """Tell a page, or with an empty name all of them, what there is to show."""
        entries, left = self.transcript.newest(self._live)
        self._say({"kind": "all", "page": page, "entries": entries, "left": left})

    def has_begun(self, key: str) -> bool:
        """Say whether what a page asked for with that key is a turn of the conversation by now."""
        return any(self.transcript.keys.get(turn.id) == key for turn in self.conversation.turns)

    def refresh(self) -> None:
        """Tell the pages what became different in the history."""
        if self.transcript.is_rearranged():
            self.tell_all("")
            self._keep()
            return
        changed = self.transcript.change(self._live)
        if changed is not None:
            self._say(changed)
            self._keep()

    def _told(self, turn: Turn, chunk: Chunk | None) -> None:
        if threading.get_ident() == self._thread:
            self._hear(turn, chunk)
        else:
            self._call(self._hear, turn, chunk)

    def _hear(self, turn: Turn, chunk: Chunk | None) -> None:
        live = self._live.get(turn.id)
        if live is None and not turn.is_settled:
            live = self._begin(turn)
            if self.transcript.is_rearranged():
                self.tell_all("")
            else:
                self._say(self.transcript.begin(live))
        if live is None:
            self.refresh()
        elif chunk is not None:
            live.take(chunk)
        elif turn.is_settled:
            live.settle(turn)

    def _begin(self, turn: Turn) -> LiveReply:
        live = self._live[turn.id] = LiveReply(
            turn, self._on(), say=self._say, done=self._ended, remote_images=self._remote_images
        )
        if turn.reply:  # it was under way before
            live.resume(turn.reply)
        return live

    def _ended(self, live: LiveReply, turn: Turn, at: int, blocks: list[str]) -> None:
        self._live.pop(turn.id, None)
        entry = cast("dict[str, Any]", self.transcript.settled(turn, live)) | {"blocks": blocks}
        self._say(Settled(kind="settled", entry=entry, at=at))
        self._keep()
