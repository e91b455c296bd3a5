"""What the pages are shown of one conversation, and what became different since they were told last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from g4f_magic.conversation import Conversation
from g4f_magic.panel.protocol import EntriesChange, Put, TurnEntry
from g4f_magic.panel.rendering import RenderedCache
from g4f_magic.panel.streaming import StreamingReply
from g4f_magic.renderers.calls import all_folded
from g4f_magic.renderers.citations import to_html
from g4f_magic.renderers.older import older
from g4f_magic.renderers.provenance import provenance, shown_name
from g4f_magic.renderers.sent import is_told
from g4f_magic.settings import AUTO
from g4f_magic.turn import Turn

NEWEST = 8
"""Entries that are shown at first; those before them come when a page asks for them."""
PAGE = 20
"""Entries that are shown with each such request."""


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the pages know of a turn: enough to tell whether they must be told anew."""

    id: str
    is_settled: bool
    revisions: int
    revision: int


class Transcript:
    """The entries of one conversation."""

    def __init__(self, conversation: Conversation, *, remote_images: bool) -> None:
        self.conversation = conversation
        self._remote_images = remote_images
        self._rendered = RenderedCache()
        self._shown: dict[str, _Shown] = {}
        self.is_told = False
        """Whether any page was told what there is; before that nothing can have become different."""
        self.keys: dict[str, str] = {}
        """Which request a turn comes from."""

    def newest(self, streaming: Mapping[str, StreamingReply]) -> tuple[list[TurnEntry], int]:
        """Return the newest entries, oldest first, and how many there are before them; none of them is streaming."""
        turns, revised = self._read()
        self._shown = {turn.id: _shown(turn, revised) for turn in turns}
        self.is_told = True
        under_way = [place for place, turn in enumerate(turns) if turn.id in streaming]
        left = min([max(0, len(turns) - NEWEST), *under_way])
        return [self.entry(turn, revised, streaming.get(turn.id)) for turn in turns[left:]], left

    def earlier(self, turn_id: str) -> tuple[list[TurnEntry], int]:
        """Return the entries before that of a turn, oldest first, and how many there are before them."""
        turns, revised = self._read()
        ids = [turn.id for turn in turns]
        end = ids.index(turn_id) if turn_id in ids else 0
        left = max(0, end - PAGE)
        return [self.entry(turn, revised, None) for turn in turns[left:end]], left

    def is_rearranged(self) -> bool:
        """Say whether turns that the pages show follow each other otherwise by now: their cells were moved."""
        now = [turn.id for turn in self.conversation.turns]
        there = set(now)
        return [one for one in self._shown if one in there] != [one for one in now if one in self._shown]

    def older(self) -> list[str]:
        """Return the ids of the turns that were answered before something above them changed."""
        return [turn.id for turn in older(self.conversation.turns, self.conversation.revisions)]

    def change(self, streaming: Mapping[str, StreamingReply]) -> EntriesChange | None:
        """Return what became different since the last call of this or of `newest`; None where nothing did."""
        if not self.is_told:
            return None
        turns, revised = self._read()
        now = {turn.id: _shown(turn, revised) for turn in turns}
        removed = [turn_id for turn_id in self._shown if turn_id not in now]
        put: list[Put] = []
        before: str | None = None
        for turn in turns:
            if self._shown.get(turn.id) != now[turn.id] and turn.id not in streaming:
                put.append({"after": before, "entry": self.entry(turn, revised, None)})
            before = turn.id
        self._shown = now
        return EntriesChange(kind="change", removed=removed, put=put) if removed or put else None

    def begin(self, reply: StreamingReply) -> EntriesChange:
        """Return the change that a turn makes which has begun."""
        turns, revised = self._read()
        ids = [turn.id for turn in turns]
        removed = [turn_id for turn_id in self._shown if turn_id not in ids]
        self._shown = {turn.id: _shown(turn, revised) for turn in turns}
        at = ids.index(reply.turn.id) if reply.turn.id in ids else len(ids)
        entry = self.entry(reply.turn, revised, None)  # what has come of it follows as pieces
        return EntriesChange(
            kind="change", removed=removed, put=[{"after": ids[at - 1] if at else None, "entry": entry}]
        )

    def settled(self, turn: Turn, reply: StreamingReply) -> TurnEntry:
        """Return the entry of a turn that has ended; what was rendered on the way is kept."""
        self._rendered.keep(turn.id, reply.growing.blocks, reply.reasoning())
        revised = self.conversation.revised()
        if turn.id in self._shown:
            self._shown[turn.id] = _shown(turn, revised)
        return self.entry(turn, revised, None)

    def blocks(self, turn: Turn) -> list[str]:
        """Return the blocks of a settled turn's reply."""
        return self._rendered.blocks(turn, remote_images=self._remote_images)[0]

    def entry(
        self, turn: Turn, revised: Mapping[str, tuple[str, ...]], streaming: StreamingReply | None
    ) -> TurnEntry:
        """Return what a page shows of a turn."""
        if streaming is not None:
            (blocks, tail), reasoning = streaming.painted(), list[str]()
        elif turn.is_settled:
            blocks, reasoning = self._rendered.blocks(turn, remote_images=self._remote_images)
            tail = ""
        else:  # of another kernel: it tells nobody here
            blocks, reasoning, tail = [], [], ""
        revisions = revised.get(turn.slot, (turn.id,))
        return TurnEntry(
            id=turn.id,
            key=self.keys.get(turn.id, ""),
            who=_who(turn),
            model="" if turn.is_of_guide else " → ".join(map(shown_name, turn.shown_models)),
            at=turn.started_at,
            prompt=turn.prompt,
            blocks=blocks,
            tail=tail,
            reasoning=reasoning,
            calls=all_folded(turn.steps) if streaming is None else streaming.calls,
            links=to_html(turn.citations),
            status=turn.status,
            line=provenance(turn, names_who=False),
            error=turn.error,
            hint=turn.hint,
            is_told=is_told(turn.ask),
            revision=_place(turn, revisions),
            revisions=len(revisions),
        )

    def _read(self) -> tuple[tuple[Turn, ...], dict[str, tuple[str, ...]]]:
        return self.conversation.turns, self.conversation.revised()


def _shown(turn: Turn, revised: Mapping[str, tuple[str, ...]]) -> _Shown:
    revisions = revised.get(turn.slot, (turn.id,))
    return _Shown(turn.id, turn.is_settled, len(revisions), _place(turn, revisions))


def _place(turn: Turn, revisions: tuple[str, ...]) -> int:
    return revisions.index(turn.id) + 1 if turn.id in revisions else len(revisions)


def _who(turn: Turn) -> str:
    if turn.is_of_guide:
        return "Offline guide"
    return "" if turn.provider == AUTO else shown_name(turn.provider)  # nobody was found yet
