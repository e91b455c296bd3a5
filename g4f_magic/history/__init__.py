"""The history: turns kept before their first chunk, settled however they end, and never lost.

In come turns, under the key of a notebook and the name of a conversation, and what is seen of a notebook's file; out come
the turns in the order of its cells, earlier answers, what a search finds, and which stored notebook a file is. It is
SQLite in one file per person, or memory where there is none, the disk fails, or no notebook is known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from g4f_magic import file_system
from g4f_magic.costing import Cost
from g4f_magic.history import forget, line, notebooks, pictures, recognition, table
from g4f_magic.history.costs import costs
from g4f_magic.history.line import ConversationOutline, Order
from g4f_magic.history.notebooks import NAMED, NotebookOutline
from g4f_magic.history.operations import Operation, Steps
from g4f_magic.history.owner import started_at
from g4f_magic.history.proof import Identity, Inode, Marks, Sighting
from g4f_magic.history.recognition import Around, FoundNotebook
from g4f_magic.history.search import SNIPPET_MARKS, Hit, search
from g4f_magic.history.store import KERNEL, Store, Work
from g4f_magic.history.undoable import Undoable
from g4f_magic.turn import Turn

__all__ = [
    "KERNEL",
    "NAMED",
    "SNIPPET_MARKS",
    "ConversationOutline",
    "FoundNotebook",
    "History",
    "Hit",
    "Identity",
    "Inode",
    "Marks",
    "NotebookOutline",
    "Operation",
    "Sighting",
    "Steps",
    "started_at",
]


_UNSAVED = Order()
"""Of turns that belong to no file: they stand as they came."""


class History(Undoable):
    """The turns of all notebooks, in one file per person, or in memory.

    The file is opened at its first use. A disk that fails raises nothing: the chats go on in memory, and
    `warnings` gets one sentence for the person.

    Notebooks go by their key (see `g4f_magic.notebook`), conversations by their name. A key that begins with
    "kernel:" is no notebook's: what it holds stays in memory.
    """

    def __init__(
        self, file: Path | None, *, network_kind: Callable[[Path], str] = file_system.network_kind
    ) -> None:
        self._store = Store(file, network_kind)
        self.warnings = self._store.warnings
        """One sentence for each thing that went wrong with the disk."""
        self._met: dict[str, Identity] = {}
        """The notebooks that this kernel serves or served, as it saw them last."""
        self._new: set[str] = set()
        """Those of which nothing is stored yet."""
        self._orders: dict[str, Order] = {}
        """As they were last seen, for a file that can no longer be read."""

    @property
    def file(self) -> Path | None:
        """Return the file that keeps the turns, or None for memory alone: also where the file cannot be used now."""
        return None if self._store.is_without_file else self._store.file

    def close(self) -> None:
        """Let the file go, and what lies in memory alone; the next call opens the file again."""
        self._store.close()

    def rest(self) -> None:
        """Let the file go; the next call opens it again. What lies in memory alone stays."""
        self._store.rest()

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

    def conversations(self, notebook: str) -> tuple[ConversationOutline, ...]:
        """Return the notebook's conversations, in the order in which they began."""
        order = self._order(notebook)
        return self._store.read(notebook, lambda db: line.conversations(db, notebook, order.has_lost))

    def begin(self, notebook: str, conversation: str, turn: Turn) -> None:
        """Keep a turn before its first chunk: in place of the one of its slot, else at the end."""
        cache = self._store.cache
        self._take_up(notebook)
        columns = table.turn_to_row(turn)
        written = table.turn_from_row(columns)
        with self._store.lock:
            order = self._order(notebook)
            if order.gone and order.has_lost(turn.slot):
                self._store.change("", lambda db: notebooks.bring_back(db, notebook, turn.slot))
            if not cache.knows(notebook, conversation):
                self._line(notebook, conversation)
            before = self._store.version()
            self._store.change(notebook, lambda db: line.begin(db, notebook, conversation, columns))
            cache.begin(notebook, conversation, written)
            cache.follow(turn.id, before, self._store.version())

    def begin_beside(self, notebook: str, conversation: str, turn: Turn) -> None:
        """Keep a turn before its first chunk as a revision of its slot, where another turn stands and stays."""
        cache = self._store.cache
        self._take_up(notebook)
        columns = table.turn_to_row(turn)
        with self._store.lock:
            before = self._store.version()
            cache.begin_beside(notebook, conversation, turn)
            self._store.change(notebook, lambda db: line.begin_beside(db, notebook, conversation, columns))
            cache.follow(turn.id, before, self._store.version())

    def flush(self, turn_id: str, *, reply: str, reasoning: str = "") -> None:
        """Keep the text so far of an open turn."""
        cache = self._store.cache
        with self._store.lock:
            before = self._store.version()
            cache.flush(turn_id, reply, reasoning)
            self._store.change(
                cache.notebook(turn_id), lambda db: table.flush(db, turn_id, reply, reasoning), keep=False
            )
            cache.follow(turn_id, before, self._store.version())

    def settle(self, turn: Turn) -> None:
        """Keep how a turn ended."""
        cache = self._store.cache
        columns = table.turn_to_row(turn)
        written = table.turn_from_row(columns)
        with self._store.lock:
            before = self._store.version()
            cache.settle(written)
            self._store.change(cache.notebook(turn.id), lambda db: table.settle(db, columns))
            cache.follow(turn.id, before, self._store.version())
            cache.let_go(turn.id)

    def adopt_broken(self) -> None:
        """Settle the open turns of kernels that are gone as broken off. Opening the file does this too."""
        self._store.change("", table.adopt_broken)

    def notebooks(self) -> tuple[NotebookOutline, ...]:
        """Return all notebooks that hold conversations, the one used last first."""
        found = {
            outline.notebook: outline
            for outlines in self._store.everywhere(notebooks.notebook_outlines)
            for outline in outlines
        }
        return tuple(sorted(found.values(), key=lambda outline: -outline.used_at))

    def latest(self, limit: int) -> tuple[Turn, ...]:
        """Return the turns of all notebooks that began last, earlier revisions too."""
        found = self._store.everywhere(lambda db: line.latest(db, limit))
        return tuple(turn for turns in found for turn in turns)

    def costs(self) -> list[Cost]:
        """Return what all settled turns took, oldest first; those that were forgotten are not told of."""
        return [one for each in self._store.everywhere(costs) for one in each]

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
        if notebook in self._met:
            self._new.add(notebook)
        return self._forget(notebook, lambda db: forget.forget_notebook(db, notebook))

    def forget_older(self, seconds: float, *, is_wary: bool = False) -> int:
        """Forget for good what was written last so long ago, in all notebooks, and return how many turns went."""
        return self._forget("", lambda db: forget.forget_older(db, seconds, is_wary=is_wary))

    def meet(self, identity: Identity, around: Around, *, key: str = "") -> FoundNotebook:
        """Return which notebook it is. Of a new one nothing is stored before its first turn; it may have that key."""
        found = self._store.read("", lambda db: recognition.resolve(db, identity, around))
        if not found.is_known and key:
            found = replace(found, key=key)
        self._met[found.key] = identity
        if found.is_known:
            self.see(found.key, identity)
        else:
            self._new.add(found.key)
        return found

    def see(self, notebook: str, identity: Identity) -> None:
        """Note what the notebook's file is known by now."""
        self._met[notebook] = identity
        self._new.discard(notebook)
        before = self._orders.get(notebook)
        self._store.change("", lambda db: notebooks.see(db, notebook, identity, before))

    def arrange(self, notebook: str, cells: Sequence[str]) -> None:
        """Say which cells the notebook's saved file holds by now, in their order: the turns follow them.

        Nothing changes where there are none, or where none of them is known: that is another notebook's file.
        """
        met = self._met.get(notebook)
        identity = Identity("" if met is None else met.path, tuple(cells))
        before = self._orders.get(notebook, Order())
        if identity.cells and tuple(self._order(notebook).places) != identity.cells:
            self._store.change("", lambda db: notebooks.arrange(db, notebook, identity, before))

    def rename_slot(self, notebook: str, old: str, new: str) -> None:
        """Give the turns of a slot to another: a save showed which cell it is."""
        with self._store.lock:
            self._store.change(notebook, lambda db: line.rename(db, notebook, old, new))
            self._store.cache.forget()

    def keep_picture(self, notebook: str, digest: str, media_type: str, content: bytes) -> None:
        """Keep a picture that goes along with a question of that notebook, under its digest."""
        self._store.change(notebook, lambda db: pictures.keep(db, digest, media_type, content))

    def pictures(self, notebook: str, digests: Collection[str]) -> dict[str, tuple[str, bytes]]:
        """Return kind and bytes of those pictures that are kept, by their digest."""
        return self._store.read(notebook, lambda db: pictures.find(db, digests))

    def is_new(self, notebook: str) -> bool:
        """Say whether nothing is stored yet of a notebook that was met."""
        return notebook in self._new

    def adopt(self, notebook: str, source: str) -> int:
        """Append the turns of another notebook, each conversation's as one operation, and return how many there were."""
        order = self._order(source)
        count = 0
        for outline in self.conversations(source):
            turns = [one for one in order.arranged(self._line(source, outline.name)) if one.is_settled]
            count += self._append(notebook, outline.name, turns, "adopt")
        return count

    def _take_up(self, notebook: str) -> None:
        """Store what is known of a notebook that is new here, with its first turn."""
        if notebook in self._new:
            self.see(notebook, self._met[notebook])

    def _forget(self, notebook: str, work: Work[int]) -> int:
        with self._store.lock:
            count = self._store.change(notebook, work)
            self._store.cache.forget()
        is_on_disk = not notebook.startswith(KERNEL) and self.file is not None
        if count and is_on_disk and not self._store.purge():
            self.warnings.append(
                f"What was forgotten is deleted, but {self.file} is in use and could not be cleaned of its traces"
                " yet. This is done again later; closing other notebooks helps."
            )
        return count

    def _line(self, notebook: str, conversation: str) -> tuple[Turn, ...]:
        """Return the turns of the line in the order in which they came."""
        with self._store.lock:
            version = self._store.version()
            cache = self._store.cache
            turns = cache.line(notebook, conversation, version)
            if turns is None:
                held = self._store.read(notebook, lambda db: cache.read(db, notebook, conversation))
                turns = cache.keep(notebook, conversation, held, version)
            return turns

    def _order(self, notebook: str) -> Order:
        if notebook.startswith(KERNEL):
            return _UNSAVED
        found = self._store.read(notebook, lambda db: notebooks.order(db, notebook))
        if found.places:
            self._orders[notebook] = found
        return found
