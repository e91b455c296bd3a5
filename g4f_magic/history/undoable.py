"""What is done to turns that are kept: taken back, done again, emptied, put back, forked, added to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace

from g4f_magic.errors import InputError
from g4f_magic.history import operations
from g4f_magic.history.line import Order
from g4f_magic.history.operations import Operation, Steps
from g4f_magic.history.store import Store, T, Work
from g4f_magic.turn import Turn


class Undoable(ABC):
    """The turns of a store, as far as they are changed on purpose. Each call is one operation, which `undo` takes back."""

    _store: Store

    @abstractmethod
    def turns(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns that the conversation consists of now."""

    @abstractmethod
    def _line(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return them in the order in which they came."""

    @abstractmethod
    def _order(self, notebook: str) -> Order:
        """Return in which order the notebook's cells stand."""

    @abstractmethod
    def _take_up(self, notebook: str) -> None:
        """Store what is known of a notebook that is new here."""

    def undo(self, notebook: str, conversation: str) -> Operation | None:
        """Take back what was done to the conversation last; None where there is nothing."""
        return self._steer(notebook, conversation, lambda db: operations.undo(db, notebook, conversation))

    def redo(self, notebook: str, conversation: str) -> Operation | None:
        """Do again what was taken back last; None where there is nothing."""
        return self._steer(notebook, conversation, lambda db: operations.redo(db, notebook, conversation))

    def steps(self, notebook: str, conversation: str) -> Steps:
        """Return whether there is something to take back, and something to do again."""
        return self._store.read(notebook, lambda db: operations.steps(db, notebook, conversation))

    def rename(self, notebook: str, conversation: str, new: str) -> None:
        """Give a conversation another name.

        Raises:
            InputError: there is one called `new` already, or a reply is under way.
        """
        with self._store.lock:
            self._store.change(notebook, lambda db: operations.rename(db, notebook, conversation, new))
            self._store.cache.forget()

    def reset(self, notebook: str, conversation: str) -> int:
        """Empty the conversation and return how many turns it had; undo brings them back."""
        return self._steer(notebook, conversation, lambda db: operations.reset(db, notebook, conversation))

    def delete(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Take one turn out of the conversation; it stays a revision of its slot.

        Raises:
            InputError: it is not in the conversation.
        """
        self._steer(notebook, conversation, lambda db: operations.drop(db, notebook, conversation, turn_id))

    def restore(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Put an earlier revision back: at the place of its slot, else at the end.

        Raises:
            InputError: it never stood in the conversation.
        """
        self._steer(
            notebook, conversation, lambda db: operations.restore(db, notebook, conversation, turn_id)
        )

    def stand_in(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Let a revision stand where another one of its slot was put last, as one operation with that."""
        self._steer(
            notebook, conversation, lambda db: operations.stand_in(db, notebook, conversation, turn_id)
        )

    def fork(self, notebook: str, conversation: str, new: str, turn_id: str | None = None) -> None:
        """Begin the conversation `new` with the turns of `conversation`, up to and with the given one.

        Raises:
            InputError: there is one called `new` already, or the turn is not in the conversation.
        """
        ids = [turn.id for turn in self.turns(notebook, conversation)]
        if turn_id is not None:
            if turn_id not in ids:
                raise InputError(
                    "That turn is not in the conversation", hint="%chat history lists its turns."
                )
            ids = ids[: ids.index(turn_id) + 1]
        self._steer(notebook, new, lambda db: operations.fork(db, notebook, conversation, new, ids))

    def add(self, notebook: str, conversation: str, turns: Iterable[Turn]) -> int:
        """Append turns from elsewhere, as one operation, and return how many there were.

        A turn whose id or slot is taken, or is that of a deleted cell, gets a new one: nothing is replaced or left out.
        """
        order = self._order(notebook)
        given = [
            replace(turn, source="imported", slot=turn.id if order.has_lost(turn.slot) else turn.slot)
            for turn in turns
        ]
        return self._append(notebook, conversation, given, "import")

    def _append(self, notebook: str, conversation: str, turns: Sequence[Turn], operation: str) -> int:
        """Append turns as one operation of that name, and return how many there were."""
        self._take_up(notebook)
        return self._steer(
            notebook, conversation, lambda db: operations.add(db, notebook, conversation, turns, operation)
        )

    def _steer(self, notebook: str, conversation: str, work: Work[T]) -> T:
        with self._store.lock:
            result = self._store.change(notebook, work)
            self._line(notebook, conversation)  # so that the cache shows it
            return result
