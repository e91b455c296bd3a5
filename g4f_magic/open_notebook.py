"""The notebook that a kernel serves: which one it is, where it lies, and the slots of what its cells ask."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from g4f_magic import vscode
from g4f_magic.history import KERNEL, FoundNotebook, History, Identity, Marks
from g4f_magic.host import RunningCell
from g4f_magic.host.told import ToldNotebook
from g4f_magic.notebook import chat_cells, saved_cells
from g4f_magic.whereabouts import Surroundings, identify, identify_told, named_path, told


class OpenNotebook:
    """One notebook at a time; what the person names counts before what the front end says."""

    def __init__(self, history: History, key: str = "") -> None:
        self.key = key or f"{KERNEL}{uuid4().hex}"
        """What it goes by in the history."""
        self.file: Path | None = None
        """Its file, where the front end says which that is."""
        self.found: FoundNotebook | None = None
        """Which stored notebook it is; None where the front end names none."""
        self.notes: list[str] = []
        """One sentence for each thing that the person should know of how it was found."""
        self._history = history
        self._is_named = False
        self._identity: Identity | None = None
        self._own = ""
        self._instead = ""
        self._page: ToldNotebook | None = None
        self._shown: tuple[str, ...] | None = None
        self._slots = Slots()

    def enter(
        self,
        named: str,
        ran: Marks = frozenset(),
        page: ToldNotebook | None = None,
        shown: tuple[str, ...] | None = None,
        own: str = "",
    ) -> None:
        """Take up the history of the notebook that the front end names, unless the person named another.

        `named` is what `Host.notebook` says, `ran` are the cells that ran in this kernel, `page` is what
        `Host.told_notebook` says where no file is named, `shown` are the ids of the cells that may chat, as a page
        shows them, saved or not; None where no page told. `own` is the id in the notebook's metadata, as a page tells it.
        """
        if self._is_stranger(named, own):
            return
        self._shown = shown
        identity = identify(named, ran, self._identity, own) if named else None
        self._page = page if identity is None else None
        if identity is not None:
            self.file = Path(identity.named)
        elif page is not None:
            identity = identify_told(page, ran)
        if identity is not None and not self._is_named:
            self._meet(identity)
        self.arrange()

    @property
    def _is_met(self) -> bool:
        return self.found is not None and not self._history.is_new(self.key)

    def id_to_write(self) -> tuple[str, str]:
        """Return the id that the notebook's page is to write into it, and which one it is to stand in for.

        Both empty where that is done, or nothing was said yet. A copy gets one of its own.
        """
        identity, found = self._identity, self.found
        if identity is None or found is None or self._is_named or identity.is_text or not self._is_met:
            return "", ""
        wanted = self._own or found.own
        if identity.own and (identity.own == wanted if wanted else not found.is_twin):
            self._own = identity.own
            return "", ""
        self._own, self._instead = wanted or str(uuid4()), identity.own
        return self._own, self._instead

    def enter_named(self, key: str) -> None:
        """Take up the history of the notebook of that key, whatever the front end says."""
        self.key = key
        self._is_named = True

    def look_for_file(self, named: str) -> Path | None:
        """Return its file, which may have become known since it was entered; None where it still is not."""
        self.file = self.file or named_path(named)
        return self.file

    def arrange(self) -> None:
        """Let the turns follow the cells as a page shows them, else as the file holds them now.

        Not where the person named another notebook.
        """
        identity, found = self._identity, self.found
        if identity is None or found is None or self._is_named:
            return
        if identity.cells and (identity.is_sure or found.is_known):
            for old, new in self._slots.saved(self._saved_cells()):
                self._history.rename_slot(self.key, old, new)
            if self._shown is None:
                self._history.arrange(self.key, chat_cells(self._saved_cells()))
        if self._shown is not None:
            self._history.arrange(self.key, self._shown)

    def slot(self, cell: RunningCell, *, is_watched: bool = False) -> str:
        """Return the slot of the next turn that the running cell asks for; empty where it is not known which that is.

        A front end that names none, and before which somebody sits (`is_watched`), runs the one saved cell that holds
        the same code, if there is just one.
        """
        if not cell.id and is_watched and self.is_sure:
            cell = RunningCell(vscode.own_id("", cell.code, self._saved_cells()), cell.run, cell.code)
        if not cell.id:
            return ""
        return self._slots.following(cell, self._saved_cells() if cell.is_address else ())

    @property
    def folder(self) -> Path:
        """Return where it lies; the current folder where no front end says."""
        return self.file.parent if self.file else Path()

    @property
    def named(self) -> str:
        """Return the name that the person gave it; empty where it goes by its file."""
        return self.key.partition(":")[2] if self._is_named else ""

    @property
    def is_kept(self) -> bool:
        """Say whether what is said here outlives the kernel."""
        return not self.key.startswith(KERNEL)

    @property
    def is_sure(self) -> bool:
        """Say whether a cell that ran here is saved in its file."""
        return self._identity is not None and self._identity.is_sure

    @property
    def place(self) -> str:
        """Return what it is known by: the path of its file, or the name that the person gave it."""
        return self.named or ("" if self._identity is None else self._identity.path)

    def _meet(self, identity: Identity) -> None:
        """Find out which notebook it is until that is known, or it has a turn; then only follow its file."""
        before, self._identity = self._identity, identity
        is_copy = self._is_copied(before, identity)
        if not self._is_met or is_copy:
            key = "" if self.found is None or is_copy else self.key
            self._own = "" if is_copy else self._own
            self.found = self._history.meet(identity, Surroundings(), key=key)
            self.key = self.found.key
            note = told(self.found, identity)
            if note and note not in self.notes:
                self.notes.append(note)
        elif before is None or _facts(before) != _facts(identity):
            self._history.see(self.key, identity)

    def _is_stranger(self, named: str, own: str) -> bool:
        """Say whether the page of another notebook tells this: one that shares the kernel. It has no say here."""
        before, path = self._identity, named_path(named) if named else None
        if not (self._own and self._is_met) or before is None or path is None or str(path) == before.named:
            return False
        if own:
            return own not in (self._own, self._instead)
        return bool(Surroundings().holds_id(before.path, self._own))

    def _is_copied(self, before: Identity | None, identity: Identity) -> bool:
        """Say whether its page went over to another file, while the one of before stays: "save as"."""
        if before is None or not identity.own or identity.path == before.path:
            return False
        return bool(Surroundings().holds_id(before.path, identity.own))

    def _saved_cells(self) -> Sequence[vscode.Cell]:
        if self._page is not None:
            return self._page.cells
        return () if self._identity is None else saved_cells(Path(self._identity.path))


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """A cell that the saved file does not hold as it was run."""

    address: str
    code: str


class Slots:
    """Names the slots of one session.

    A cell's slot is its id. Where the front end tells a place instead, and the saved file does not tell which cell
    that is, the slot is one of this session alone, until a save shows it.
    """

    def __init__(self) -> None:
        self._run = ""
        self._asked = 0
        self._session = uuid4().hex[:12]
        self._unsaved: dict[str, _Unsaved] = {}

    def following(self, cell: RunningCell, saved: Sequence[vscode.Cell]) -> str:
        """Return the slot of the next turn; empty where the front end names no cells.

        `saved` are the cells of the notebook's file. A cell that asks more than once gets a slot for each time.
        """
        if not cell.id:
            return ""
        slot = self._of_address(cell, saved) if cell.is_address else cell.id
        self._asked = self._asked + 1 if cell.run == self._run else 1
        self._run = cell.run
        return slot if self._asked == 1 else f"{slot}#{self._asked}"

    def saved(self, cells: Sequence[vscode.Cell]) -> Iterator[tuple[str, str]]:
        """Yield the slots of this session alone whose cells are saved by now, and those cells' ids."""
        for slot, one in tuple(self._unsaved.items()):
            if identity := vscode.own_id(one.address, one.code, cells):
                del self._unsaved[slot]
                yield slot, identity

    def _of_address(self, cell: RunningCell, saved: Sequence[vscode.Cell]) -> str:
        if identity := vscode.own_id(cell.id, cell.code, saved):
            return identity
        slot = f"unsaved-{self._session}-{sha256(cell.id.encode('utf-8', 'replace')).hexdigest()[:12]}"
        self._unsaved[slot] = _Unsaved(cell.id, cell.code)
        return slot


def _facts(identity: Identity) -> tuple[object, ...]:
    """Return what is worth a note when it changes: the file, its id; where nothing of it is saved, the cells that ran."""
    return identity.path, identity.is_sure, identity.inode, identity.own, identity.marks or identity.ran
