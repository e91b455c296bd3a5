"""Follows one conversation, whoever asks in it, and says what the pages are to know."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

from g4f_magic.chunks import Chunk
from g4f_magic.conversation import Conversation
from g4f_magic.panel.background import Background
from g4f_magic.panel.protocol import ReplySettled, Said
from g4f_magic.panel.streaming import StreamingReply
from g4f_magic.panel.transcript import Transcript
from g4f_magic.session import Session
from g4f_magic.turn import Turn


class Following:
    """One conversation as the pages of a panel are told of it.

    `say` sends a message to them, and `keep` is called when what is kept beside them should follow.
    """

    def __init__(
        self,
        session: Session,
        conversation: Conversation,
        background: Background,
        *,
        say: Callable[[Said], None],
        keep: Callable[[], None],
    ) -> None:
        self.conversation = conversation
        self._say = say
        self._keep = keep
        self._background = background
        self._thread = threading.get_ident()
        self._remote_images = session.settings.remote_images
        self._streaming: dict[str, StreamingReply] = {}
        self._older: list[str] = []
        self.transcript = Transcript(conversation, remote_images=self._remote_images)
        self._unwatch = conversation.watch(self._told)
        for turn in conversation.under_way().values():
            self._begin(turn)

    def close(self) -> None:
        """Follow no more."""
        self._unwatch()
        for streaming in self._streaming.values():
            streaming.close()

    def tell_all(self, page: str) -> None:
        """Tell a page, or with an empty name all of them, what there is to show."""
        entries, left = self.transcript.newest(self._streaming)
        self._say({"kind": "all", "page": page, "entries": entries, "left": left})
        self._older = []  # a page that is told all marks none
        self._tell_older()

    def has_begun(self, key: str) -> bool:
        """Say whether what a page asked for with that key is a turn of the conversation by now."""
        return any(self.transcript.keys.get(turn.id) == key for turn in self.conversation.turns)

    def refresh(self) -> None:
        """Tell the pages what became different in the history."""
        if self.transcript.is_rearranged():
            self.tell_all("")
            self._keep()
            return
        changed = self.transcript.change(self._streaming)
        if changed is not None:
            self._say(changed)
            self._keep()
        self._tell_older()

    def _tell_older(self) -> None:
        """Say which answers are older than what they build on, where that has changed."""
        if self.transcript.is_told and (found := self.transcript.older()) != self._older:
            self._older = found
            self._say({"kind": "older", "turns": found})

    def _told(self, turn: Turn, chunk: Chunk | None) -> None:
        if threading.get_ident() == self._thread:
            self._hear(turn, chunk)
        else:
            self._background.call(self._hear, turn, chunk)

    def _hear(self, turn: Turn, chunk: Chunk | None) -> None:
        streaming = self._streaming.get(turn.id)
        if streaming is None and not turn.is_settled:
            streaming = self._begin(turn)
            if self.transcript.is_rearranged():
                self.tell_all("")
            else:
                self._say(self.transcript.begin(streaming))
        if streaming is None:
            self.refresh()
        elif chunk is not None:
            streaming.take(chunk)
        elif turn.is_settled:
            streaming.settle(turn)

    def _begin(self, turn: Turn) -> StreamingReply:
        streaming = self._streaming[turn.id] = StreamingReply(
            turn,
            self._background.running(),
            say=self._say,
            done=self._ended,
            remote_images=self._remote_images,
        )
        if turn.reply:  # it was under way before
            streaming.resume(turn.reply)
        return streaming

    def _ended(self, streaming: StreamingReply, turn: Turn, at: int, blocks: list[str]) -> None:
        self._streaming.pop(turn.id, None)
        entry = cast("dict[str, Any]", self.transcript.settled(turn, streaming)) | {"blocks": blocks}
        self._say(ReplySettled(kind="settled", entry=entry, at=at))
        self._tell_older()
        self._keep()
