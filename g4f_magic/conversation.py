"""The turns so far and asking the next one; the conversations of the notebook that a kernel serves, and what is kept of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from weakref import WeakKeyDictionary

from g4f_magic.answerer import Answerer
from g4f_magic.ask import Ask, Bound
from g4f_magic.chunks import Chunk
from g4f_magic.comparison import Comparison, Contender
from g4f_magic.context import Context, context_of
from g4f_magic.errors import InputError
from g4f_magic.history import SNIPPET_MARKS, ConversationOutline, History, Hit, NotebookOutline
from g4f_magic.names import LONGEST, is_name, listed
from g4f_magic.open_notebook import OpenNotebook
from g4f_magic.running_turn import Reply, RunningTurn
from g4f_magic.steering import Steering, Store
from g4f_magic.turn import Turn

__all__ = ["SNIPPET_MARKS", "Conversation", "ConversationOutline", "Conversations", "Hit", "NotebookOutline"]

Watcher = Callable[[Turn, Chunk | None], None]
"""Is told of a turn that began or settled, and of each chunk between. Quick, and raises nothing."""


class Conversation(Steering):
    """Turns in order. Turns of one conversation queue up; conversations run side by side."""

    def __init__(self, store: Store, notebook: str, name: str) -> None:
        super().__init__(store, notebook, name)
        # A lock belongs to the loop that first waits for it, and a terminal may have a new loop for each cell.
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
        self._watchers: list[Watcher] = []
        self._under_way: dict[str, RunningTurn] = {}

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Have `watcher` told what happens here, whoever asks; call what this returns to end that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    @property
    def is_watched(self) -> bool:
        """Say whether anyone is told what happens here."""
        return bool(self._watchers)

    def under_way(self) -> dict[str, Turn]:
        """Return the open turns of this kernel, with what has come so far, by their ids."""
        return {identity: running.so_far() for identity, running in self._under_way.items()}

    def began(self, running: RunningTurn) -> None:
        """Keep a turn that begins, and tell of it."""
        self.store.begin(self.notebook, self.name, running.turn)
        self._under_way[running.turn.id] = running
        if self._watchers:
            self.tell(running.turn, None)

    def began_beside(self, running: RunningTurn) -> None:
        """Keep a turn that begins as a revision of its slot, where another one stands."""
        self.store.begin_beside(self.notebook, self.name, running.turn)

    def settled_beside(self, running: RunningTurn) -> None:
        """Keep how such a turn ended, and tell of it: the slot has a further revision."""
        self.store.settle(running.turn)
        self.tell(running.turn, None)

    def stand_in(self, turn: Turn) -> None:
        """Let another revision be the turn of a slot that was just asked, and tell of it."""
        self.store.stand_in(self.notebook, self.name, turn.id)
        self.tell(turn, None)

    def settled(self, running: RunningTurn) -> None:
        """Keep how a turn ended, and tell of it."""
        self.store.settle(running.turn)
        self._under_way.pop(running.turn.id, None)
        self.tell(running.turn, None)

    def flush(self, turn_id: str, *, reply: str, reasoning: str) -> None:
        """Keep what an open turn has received so far."""
        self.store.flush(turn_id, reply=reply, reasoning=reasoning)

    def tell(self, turn: Turn, chunk: Chunk | None) -> None:
        """Tell those who watch of a turn that began or settled, or of a chunk of it."""
        for watcher in tuple(self._watchers):
            watcher(turn, chunk)

    def before(self, slot: str = "") -> tuple[Turn, ...]:
        """Return the turns before the one in `slot`, which are those that it is told of; of an empty slot, all."""
        return self.store.before(self.notebook, self.name, slot)

    def context(self, bound: Bound | None = None, *, for_guide: bool = False) -> Context:
        """Return what the next turn at the end is told of before its own prompt."""
        return context_of(self.before(), bound or Bound(), for_guide=for_guide)

    def ask(
        self,
        ask: Ask,
        answerer: Answerer,
        *,
        slot: str = "",
        longest: int | None = None,
        is_kept: bool = True,
    ) -> Reply:
        """Return the reply of `answerer`, not yet sent: iterate it, inside `aclosing`.

        `slot` is the place in the conversation; empty: a new one at the end. After `longest` characters, the
        reasoning's included, the reply is ended. With `is_kept` false the turn sees nothing of the conversation
        and leaves nothing in it.
        """
        return Reply(self if is_kept else None, ask, answerer, slot, longest)

    def compare(
        self, asked: Sequence[Contender], *, slot: str = "", longest: int | None = None, is_kept: bool = True
    ) -> Comparison:
        """Return the replies of several who are asked at once, not yet sent; the arguments are those of `ask`."""
        return Comparison(self if is_kept else None, asked, slot, longest)

    def queue(self, loop: asyncio.AbstractEventLoop) -> asyncio.Lock:
        """Return what is held by the one whose turn it is."""
        return self._locks.setdefault(loop, asyncio.Lock())


MAIN = "main"
"""The conversation that cells ask in which name none."""


class Conversations:
    """What the open notebook holds, by names."""

    def __init__(self, history: History, notebook: OpenNotebook) -> None:
        self._notebook = notebook
        self.in_use = MAIN
        """The name of the one that is meant where none is named."""
        self._history = history
        self._made: dict[tuple[str, str], Conversation] = {}

    @property
    def file(self) -> Path | None:
        """Return the file that keeps the turns; None where they are in memory alone."""
        return self._history.file

    def get(self, name: str = "") -> Conversation:
        """Return the conversation of that name; of an empty name, the one in use.

        Raises:
            InputError: that can be no name.
        """
        key = (self._notebook.key, name or self.in_use)
        if key not in self._made and not is_name(key[1]):
            raise InputError(
                "that is not a name for a conversation",
                hint=f"Write at most {LONGEST} letters, on one line, and no dash before them.",
            )
        if key not in self._made:
            self._made[key] = Conversation(self._history, *key)
        return self._made[key]

    def outlines(self) -> tuple[ConversationOutline, ...]:
        """Return what there is of each, in the order in which they began."""
        return self._history.conversations(self._notebook.key)

    def names(self) -> list[str]:
        """Return the names of those that hold turns."""
        return listed(outline.name for outline in self.outlines())

    def rename(self, name: str, new: str) -> None:
        """Give a conversation another name; where it is the one in use, it stays so.

        Raises:
            InputError: that can be no name or is taken, a reply is under way, or it is `main`, which cells ask in.
        """
        if name == MAIN:
            raise InputError(
                f"{MAIN} keeps its name", hint="The cells ask in it. Copy it instead: %chat fork NAME."
            )
        if new == name:
            return
        self.get(new or " ")  # an empty name would mean the one in use
        if new == MAIN:
            raise InputError(f"There is a conversation {new!r} already", hint="Choose another name.")
        self._history.rename(self._notebook.key, name, new)
        self._made.pop((self._notebook.key, name), None)
        if self.in_use == name:
            self.in_use = new

    def forget(self, name: str = "") -> int:
        """Forget one for good, without a name all of the notebook's, and return how many turns went."""
        if name:
            return self._history.forget_conversation(self._notebook.key, name)
        return self._history.forget_notebook(self._notebook.key)

    def forget_older(self, days: float) -> int:
        """Forget for good what was written last so many days ago, in all notebooks, and return how many turns went."""
        return self._history.forget_older(days * 86_400)

    def others(self) -> list[NotebookOutline]:
        """Return the other notebooks, the one used last first."""
        return [one for one in self._history.notebooks() if one.notebook != self._notebook.key]

    def adopt(self, other: NotebookOutline) -> int:
        """Append the turns of another notebook, and return how many there were."""
        return self._history.adopt(self._notebook.key, other.notebook)

    def search(self, words: str) -> tuple[Hit, ...]:
        """Return the turns of all notebooks that hold the words, best first; `SNIPPET_MARKS` stand around what was found."""
        return self._history.search(words)

    def latest(self, limit: int) -> tuple[Turn, ...]:
        """Return the turns of all notebooks that began last."""
        return self._history.latest(limit)
