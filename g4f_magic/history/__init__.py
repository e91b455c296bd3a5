"""The store of turns: kept before their first chunk, settled however they end, and never lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from g4f_magic.errors import InputError
from g4f_magic.history import forget, line, notebooks, steering, table
from g4f_magic.history.known import Known
from g4f_magic.history.line import Outline
from g4f_magic.history.notebooks import Identity, Shelf
from g4f_magic.history.order import Order
from g4f_magic.history.search import Hit, search
from g4f_magic.history.steering import Step
from g4f_magic.history.store import KERNEL, Store, T, Work
from g4f_magic.messages import Turn

__all__ = ["KERNEL", "History", "Hit", "Identity", "Outline", "Shelf", "Step"]


class History:
    """The turns of all notebooks, in one file per person, or in memory.

    The file is opened at its first use. A disk that fails raises nothing: the chats go on in memory, and
    `warnings` gets one sentence for the person.

    Notebooks go by their key (see `g4f_magic.notebook`), conversations by their name. A key that begins with
    "kernel:" is no notebook's: what it holds stays in memory.
    """

    def __init__(self, file: Path | None) -> None:
        self._store = Store(file)
        self._known = Known()
        self._keys: dict[Identity, str] = {}
        self._orders: dict[str, Order] = {}
        """As they were last seen, for a file that can no longer be read."""

    @property
    def file(self) -> Path | None:
        """Return the file that keeps the turns, or None for memory alone."""
        return self._store.file

    @property
    def warnings(self) -> list[str]:
        """Return one sentence for each thing that went wrong with the disk."""
        return self._store.warnings

    def close(self) -> None:
        """Let the file go; the next call opens it again."""
        self._keys.clear()
        self._known.forget()
        self._store.close()

    def version(self) -> int:
        """Return a number that grows when turns may have changed, here or in another kernel. Cheap to ask."""
        return self._store.version()

    def turns(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns that the conversation consists of now, settled or open, in the order of the notebook."""
        return self._order(notebook).arranged(self._line(notebook, conversation))

    def before(self, notebook: str, conversation: str, slot: str) -> tuple[Turn, ...]:
        """Return those of `turns` that come before the one in `slot`, which need not be there yet."""
        return self._order(notebook).before(self._line(notebook, conversation), slot)

    def left_out(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns of the conversation whose cells the saved notebook holds no longer."""
        return self._order(notebook).left_out(self._line(notebook, conversation))

    def revisions(self, notebook: str, conversation: str, slot: str) -> tuple[Turn, ...]:
        """Return all turns that ever stood at that slot, oldest first."""
        return self._store.read(notebook, lambda db: line.revisions(db, notebook, conversation, slot))

    def revised(self, notebook: str, conversation: str) -> dict[str, tuple[str, ...]]:
        """Return the ids of all turns that ever stood at a slot, oldest first, for the slots that had several."""
        return self._store.read(notebook, lambda db: line.revised(db, notebook, conversation))

    def conversations(self, notebook: str) -> tuple[Outline, ...]:
        """Return the notebook's conversations, in the order in which they began."""
        order = self._order(notebook)
        return self._store.read(notebook, lambda db: line.conversations(db, notebook, order.has_lost))

    def begin(self, notebook: str, conversation: str, turn: Turn) -> None:
        """Keep a turn before its first chunk: in place of the one of its slot, else at the end."""
        mirror = self._store.mirror
        with self._store.lock:
            if not mirror.knows(notebook, conversation):
                self._line(notebook, conversation)
            if self._order(notebook).has_lost(turn.slot):
                self._store.change("", lambda db: notebooks.bring_back(db, notebook, turn.slot))
            before = self._store.version()
            self._store.change(notebook, lambda db: line.begin(db, notebook, conversation, turn))
            mirror.begin(notebook, conversation, turn)
            mirror.follow(turn.id, before, self._store.version())

    def flush(self, turn_id: str, *, reply: str, reasoning: str = "") -> None:
        """Keep the text so far of an open turn."""
        mirror = self._store.mirror
        with self._store.lock:
            before = self._store.version()
            mirror.flush(turn_id, reply, reasoning)
            self._store.change(
                mirror.notebook(turn_id), lambda db: table.flush(db, turn_id, reply, reasoning), keep=False
            )
            mirror.follow(turn_id, before, self._store.version())

    def settle(self, turn: Turn) -> None:
        """Keep how a turn ended."""
        mirror = self._store.mirror
        with self._store.lock:
            before = self._store.version()
            mirror.settle(turn)
            self._store.change(mirror.notebook(turn.id), lambda db: table.settle(db, turn))
            mirror.follow(turn.id, before, self._store.version())
            mirror.let_go(turn.id)

    def adopt_broken(self) -> None:
        """Settle the open turns of kernels that are gone as broken off. Opening the file does this too."""
        self._store.change("", table.adopt_broken)

    def undo(self, notebook: str, conversation: str) -> Step | None:
        """Take back what was done to the conversation last; None where there is nothing."""
        return self._steer(notebook, conversation, lambda db: steering.undo(db, notebook, conversation))

    def redo(self, notebook: str, conversation: str) -> Step | None:
        """Do again what was taken back last; None where there is nothing."""
        return self._steer(notebook, conversation, lambda db: steering.redo(db, notebook, conversation))

    def reset(self, notebook: str, conversation: str) -> int:
        """Empty the conversation and return how many turns it had; undo brings them back."""
        return self._steer(notebook, conversation, lambda db: steering.reset(db, notebook, conversation))

    def delete(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Take one turn out of the conversation; it stays a revision of its slot.

        Raises:
            InputError: it is not in the conversation.
        """
        self._steer(notebook, conversation, lambda db: steering.drop(db, notebook, conversation, turn_id))

    def restore(self, notebook: str, conversation: str, turn_id: str) -> None:
        """Put an earlier revision back: at the place of its slot, else at the end.

        Raises:
            InputError: it never stood in the conversation.
        """
        self._steer(notebook, conversation, lambda db: steering.restore(db, notebook, conversation, turn_id))

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
        self._steer(notebook, new, lambda db: steering.fork(db, notebook, conversation, new, ids))

    def add(self, notebook: str, conversation: str, turns: Iterable[Turn]) -> int:
        """Append turns from elsewhere, as one operation, and return how many there were.

        A turn whose id or slot is taken, or is that of a deleted cell, gets a new one: nothing is replaced or left out.
        """
        order = self._order(notebook)
        given = [replace(turn, slot=turn.id) if order.has_lost(turn.slot) else turn for turn in turns]
        return self._steer(notebook, conversation, lambda db: steering.add(db, notebook, conversation, given))

    def notebooks(self) -> tuple[Shelf, ...]:
        """Return all notebooks that hold conversations, the one used last first."""
        found = {
            shelf.notebook: shelf
            for shelves in self._store.everywhere(notebooks.shelves)
            for shelf in shelves
        }
        return tuple(sorted(found.values(), key=lambda shelf: -shelf.used_at))

    def latest(self, limit: int) -> tuple[Turn, ...]:
        """Return the turns of all notebooks that began last, earlier revisions too."""
        found = self._store.everywhere(lambda db: line.latest(db, limit))
        return tuple(turn for turns in found for turn in turns)

    def search(self, words: str, limit: int = 20) -> tuple[Hit, ...]:
        """Return the turns of all notebooks that hold all the words, best first, earlier revisions too.

        The last word may be the beginning of one; words between double quotes stand side by side.
        """
        places = [found for found in self._store.everywhere(lambda db: search(db, words, limit)) if found]
        if len(places) == 1:
            return tuple(places[0])
        hits = {hit.turn.id: hit for found in reversed(places) for hit in found}
        return tuple(sorted(hits.values(), key=lambda hit: hit.rank)[:limit])

    def forget_turns(self, notebook: str, turn_ids: Iterable[str]) -> int:
        """Forget turns for good, in the notebook's file and in forks, and return how many there were.

        To forget what a cell was asked, give all its revisions.
        """
        given = tuple(turn_ids)
        return self._forget(notebook, lambda db: forget.forget_turns(db, given))

    def forget_conversation(self, notebook: str, conversation: str) -> int:
        """Forget a conversation for good and return how many turns went; those that a fork holds too stay there."""
        return self._forget(notebook, lambda db: forget.forget_conversation(db, notebook, conversation))

    def forget_notebook(self, notebook: str) -> int:
        """Forget all conversations of a notebook for good and return how many turns went."""
        self._orders.pop(notebook, None)
        return self._forget(notebook, lambda db: forget.forget_notebook(db, notebook))

    def resolve(self, identity: Identity) -> str:
        """Return the key of a notebook: its own again after a rename, and for a copy a new one.

        A copy goes on from the turns of its original, apart from it. Asked again, the answer stays the same until
        the file is closed.
        """
        if identity not in self._keys:
            self._keys[identity] = self._store.change("", lambda db: notebooks.resolve(db, identity))
        return self._keys[identity]

    def arrange(self, notebook: str, cells: Sequence[str]) -> None:
        """Say which cells the notebook's saved file holds by now, in their order: the turns follow them.

        Nothing changes where there are none, or where none of them is known: that is another notebook's file.
        """
        path = next((one.path for one, key in self._keys.items() if key == notebook), "")
        identity = Identity(path, tuple(cells))
        before = self._orders.get(notebook, Order())
        if identity.cells and tuple(self._order(notebook).places) != identity.cells:
            self._store.change("", lambda db: notebooks.arrange(db, notebook, identity, before))

    def _forget(self, notebook: str, work: Work[int]) -> int:
        with self._store.lock:
            count = self._store.change(notebook, work)
            self._store.mirror.forget()
            self._known.forget()
        if not notebook.startswith(KERNEL) and self.file is not None and not self._store.purge():
            self.warnings.append(
                f"What was forgotten is deleted, but {self.file} is in use and could not be cleaned of its traces"
                " yet. This is done again later; closing other notebooks helps."
            )
        return count

    def _steer(self, notebook: str, conversation: str, work: Work[T]) -> T:
        with self._store.lock:
            result = self._store.change(notebook, work)
            self._line(notebook, conversation)  # so that the mirror shows it
            return result

    def _line(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns of the line in the order in which they came."""
        with self._store.lock:
            version = self._store.version()
            held = self._store.mirror.line(notebook, conversation, version)
            if held is None:
                held = self._store.read(notebook, lambda db: self._known.turns(db, notebook, conversation))
                self._store.mirror.keep(notebook, conversation, held, version)
            return held

    def _order(self, notebook: str) -> Order:
        found = self._store.read(notebook, lambda db: notebooks.order(db, notebook))
        if found.places:
            self._orders[notebook] = found
        return found
