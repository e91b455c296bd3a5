"""What is done to a conversation besides asking in it: taken back, emptied, forked, restored, added to, forgotten.

What a reply is being written into is steered by nobody: the history refuses it, for all who call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from g4f_magic.turn import Turn


class TakenBack(Protocol):
    """An operation that was taken back or done again."""

    @property
    def operation(self) -> str:
        """Return what it was: `run`, `reset`, `delete`, `restore`, `import`, `adopt`."""


class Steps(Protocol):
    """Whether there is something to take back, and something to do again."""

    @property
    def can_undo(self) -> bool:
        """Say whether there is something to take back."""

    @property
    def can_redo(self) -> bool:
        """Say whether there is something to do again."""


class Store(Protocol):
    """What a conversation needs of the history: it goes by the notebook's key and the conversation's name."""

    def turns(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns in order."""

    def before(self, notebook: str, conversation: str, slot: str) -> tuple[Turn, ...]:
        """Return those of them that come before the one in `slot`, which need not be there yet."""

    def left_out(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return those whose cells the saved notebook holds no longer."""

    def revisions(self, notebook: str, conversation: str, slot: str) -> tuple[Turn, ...]:
        """Return all turns that ever stood at a slot, oldest first."""

    def revised(self, notebook: str, conversation: str) -> dict[str, tuple[str, ...]]:
        """Return the ids of all turns that ever stood at a slot, for the slots that had several."""

    def version(self) -> int:
        """Return a number that grows when turns may have changed, here or in another kernel."""

    def begin(self, notebook: str, conversation: str, turn: Turn) -> None:
        """Keep an open turn: at its slot's place, else at the end."""

    def begin_beside(self, notebook: str, conversation: str, turn: Turn) -> None:
        """Keep an open turn as a revision of its slot, where another one stands."""

    def flush(self, turn_id: str, *, reply: str, reasoning: str) -> None:
        """Keep what an open turn has received so far."""

    def settle(self, turn: Turn) -> None:
        """Keep how a turn ended."""

    def steps(self, notebook: str, conversation: str) -> Steps:
        """Return which of the next two there is something for."""

    def undo(self, notebook: str, conversation: str) -> TakenBack | None:
        """Take back the last operation."""

    def redo(self, notebook: str, conversation: str) -> TakenBack | None:
        """Do again what was taken back last."""

    def reset(self, notebook: str, conversation: str) -> int:
        """Empty the conversation."""

    def delete(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Take one turn out."""

    def restore(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Put an earlier revision back."""

    def stand_in(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Let a revision stand where another one of its slot was put last, as one operation with that."""

    def fork(self, notebook: str, conversation: str, new: str, turn_id: str | None = None) -> None:
        """Begin another conversation with the turns up to that one."""

    def add(self, notebook: str, conversation: str, turns: Iterable[Turn]) -> int:
        """Append turns from elsewhere."""

    def forget_turns(self, notebook: str, turn_ids: Iterable[str]) -> int:
        """Forget turns for good."""


class Steering:
    """A conversation as it stands in the history, and what can be done to it."""

    def __init__(self, store: Store, notebook: str, name: str) -> None:
        self.name = name
        self.notebook = notebook
        self.store = store

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Return the turns in the order of the notebook."""
        return self.store.turns(self.notebook, self.name)

    def left_out(self) -> tuple[Turn, ...]:
        """Return the turns whose cells the saved notebook holds no longer."""
        return self.store.left_out(self.notebook, self.name)

    def revisions(self, slot: str) -> tuple[Turn, ...]:
        """Return all turns that ever stood at a slot, oldest first."""
        return self.store.revisions(self.notebook, self.name, slot)

    def revised(self) -> dict[str, tuple[str, ...]]:
        """Return the ids of all turns that ever stood at a slot, oldest first, for the slots that had several."""
        return self.store.revised(self.notebook, self.name)

    def version(self) -> int:
        """Return a number that grows when turns may have changed, here or in another kernel. Cheap to ask."""
        return self.store.version()

    def steps(self) -> Steps:
        """Return whether there is something to take back, and something to do again."""
        return self.store.steps(self.notebook, self.name)

    def undo(self) -> bool:
        """Take back the last thing that was done, and say whether there was one.

        Raises:
            InputError: a reply is under way.
        """
        return self.store.undo(self.notebook, self.name) is not None

    def redo(self) -> bool:
        """Do again what was taken back last; right after a reset, bring back what it emptied. Say whether there was any.

        Raises:
            InputError: a reply is under way.
        """
        if self.store.redo(self.notebook, self.name) is not None:
            return True
        if self.turns:
            return False
        taken = self.store.undo(self.notebook, self.name)
        if taken is not None and taken.operation != "reset":
            self.store.redo(self.notebook, self.name)
            return False
        return taken is not None

    def reset(self) -> int:
        """Empty the conversation and return how many turns it had.

        Raises:
            InputError: a reply is under way.
        """
        return self.store.reset(self.notebook, self.name)

    def delete(self, turn_id: str) -> None:
        """Take one turn out; it stays a revision of its slot.

        Raises:
            InputError: it is not in the conversation, or under way.
        """
        self.store.delete(self.notebook, self.name, turn_id)

    def restore(self, turn_id: str) -> None:
        """Put an earlier revision back: at the place of its slot, else at the end.

        Raises:
            InputError: it never stood in the conversation, or what stands there is under way.
        """
        self.store.restore(self.notebook, self.name, turn_id)

    def fork(self, name: str, turn_id: str | None = None) -> None:
        """Begin the conversation `name` with the turns of this one, up to and with the given one.

        Raises:
            InputError: there is one called that already, or the turn is not in the conversation.
        """
        self.store.fork(self.notebook, self.name, name, turn_id)

    def keep(self, turn: Turn) -> None:
        """Keep a turn that has ended already, at its slot's place, else at the end, as if it had been asked here."""
        self.store.begin(self.notebook, self.name, replace(turn, status="open"))
        self.store.settle(turn)

    def keep_beside(self, turn: Turn) -> None:
        """Keep a turn that has ended already as a revision of its slot, where another one stands."""
        self.store.begin_beside(self.notebook, self.name, replace(turn, status="open"))
        self.store.settle(turn)

    def columns(self, turn: Turn) -> tuple[Turn, ...]:
        """Return the turns that were asked the same at once with this one, in the order of their columns; none for one asked alone."""
        if not turn.compared:
            return ()
        return tuple(one for one in self.revisions(turn.slot) if one.compared == turn.compared)

    def add(self, turns: Iterable[Turn]) -> int:
        """Append turns from elsewhere, as one operation, and return how many there were."""
        return self.store.add(self.notebook, self.name, turns)

    def forget(self, slot: str) -> int:
        """Forget for good all turns that ever stood at a slot, and return how many there were."""
        return self.store.forget_turns(self.notebook, [turn.id for turn in self.revisions(slot)])
