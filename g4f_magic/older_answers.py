"""Which answers are older than what they build on (stale), and where the replies of this kernel stand that are marked as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from g4f_magic.conversation import Conversations
from g4f_magic.renderers.older import OlderMarks, SideBySide, StandingReply, older
from g4f_magic.turn import Turn

if TYPE_CHECKING:
    from g4f_magic.renderers import Columns, Renderer


class OlderAnswers:
    """Those of the open notebook's conversations; without a name the one in use is meant."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self.marks = OlderMarks()
        self._slots: dict[str, list[str]] = {}
        self.tell_page: Callable[[list[str], dict[str, int]], None] = lambda older, answers: None
        """Tells a page which cells hold older answers, also of a kernel before this one, and where there are several."""

    def turns(self, name: str = "") -> list[Turn]:
        """Return the turns of a conversation that were answered before something above them changed, in order."""
        conversation = self._conversations.get(name)
        return older(conversation.turns, conversation.revisions)

    def show(self, turn: Turn, shown: Renderer | Columns, name: str = "") -> None:
        """Know where a reply stands, and mark what has become older by it, or is so no more."""
        if isinstance(shown, StandingReply):
            self.marks.keep(turn, shown)
            self.renew(turn, name)

    def renew(self, turn: Turn, name: str = "") -> None:
        """Mark what has become older by `turn`, or is so no more, and tell the page which cells hold such answers."""
        conversation = self._conversations.get(name)
        turns = conversation.turns
        if any(one.id == turn.id for one in turns):
            stale = self.turns(conversation.name)
            self.marks.renew(conversation.name, turn, turns, stale)
            self._slots[conversation.name] = [one.slot for one in stale]
            answers = {slot: len(ids) for slot, ids in conversation.revised().items()}
            self.tell_page([slot for slots in self._slots.values() for slot in slots], answers)

    def show_kept(self, turn: Turn, name: str = "") -> None:
        """Where replies stand side by side, say in their cell from which one later cells go on."""
        columns = self._conversations.get(name).columns(turn)
        for one in columns:
            shown: object = self.marks.shown(one)
            if isinstance(shown, SideBySide):
                shown.keep(columns.index(turn))
