"""What a page of JupyterLab or Notebook 7 tells its kernel, and asks of it, beside its cells.

The other end is in `labextension/`. The kernel's side opens the comm, once the extension is loaded here and a cell shows that
such a front end is there; a page that came later finds it. Nothing that a page says is executed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from g4f_magic.errors import ChatError
from g4f_magic.version import __version__

if TYPE_CHECKING:
    from g4f_magic.host.base import Channel, Hear, Host
    from g4f_magic.panel.beside import BesideNotebook
    from g4f_magic.session import Session
    from g4f_magic.turn import Turn

PROTOCOL = 1
"""What both sides understand. A page that says a lower number is told no more than it knows."""
_OLDER = f"The kernel's g4f_magic ({__version__}) is older than this page: %pip install --upgrade g4f-magic, and restart it."
_MOST_CELLS = 20_000
_LONGEST = 4096


class Told(NamedTuple):
    """What pages told last of the notebook that they show."""

    path: str = ""
    """Where its file lies now, below the folder that the server shows; empty where no page said."""
    own: str = ""
    """The notebook's own id, which stands in its metadata; empty where none stands."""
    cells: tuple[str, ...] | None = None
    """The ids of the cells that may chat, in the order in which the page shows them; None where no page said."""


class PageLink:
    """The comm of one kernel, which all pages that show its notebook share."""

    def __init__(self, comm: str, host: Host, session: Callable[[], Session]) -> None:
        """`comm` is its name; `session` gives the session, at the notebook that the kernel serves by then."""
        self._comm = comm
        self._host = host
        self._session = session
        self._channels: list[Channel] = []
        self.told = Told()
        self._wanted = ("", "")
        self._root: Path | None = None
        self._beside: BesideNotebook | None = None
        self._said: dict[str, Any] = {}
        """What the pages were told last."""

    def begin(self) -> None:
        """Open the comm, in a front end that may have the other end, unless there is one."""
        if self._channels:
            return
        channel = self._host.channel(
            self._comm, {"protocol": PROTOCOL}, lambda data: self._hear(channel, data)
        )
        if channel is not None:
            self._channels.append(channel)

    def take(self, channel: Channel) -> Hear:
        """Take a comm that a page opened, which had the extension loaded here by itself."""
        self._channels.append(channel)
        self._wanted = ("", "")  # this page knows of nothing yet
        return lambda data: self._hear(channel, data)

    def end(self) -> None:
        """Close it."""
        if self._beside is not None:
            self._beside.close()
        for channel in self._channels:
            channel.close()
        self._channels.clear()

    def tell(self, older: list[str], answers: dict[str, int]) -> None:
        """Tell the pages in which cells answers stand that are older than what they build on, and how many others had."""
        said = {"older": older, "answers": answers}
        if said != (self._said or {"older": [], "answers": {}}):
            self._said = said
            for channel in self._channels:
                channel.send(said)

    def file(self, named: str) -> str:
        """Return the path of the notebook's file as it is now; `named`, as the host has it, where no page told."""
        if not (self.told.path and named):
            return named
        below = PurePosixPath(self.told.path)
        if self._root is None:
            parts = Path(named).parts
            if parts[-len(below.parts) :] != below.parts:  # it was renamed before its page told
                from g4f_magic.whereabouts import placed

                return placed(named, self.told.path, self.told.own)
            self._root = Path(*parts[: -len(below.parts)])
        return str(self._root.joinpath(*below.parts))

    def identify(self, own: str, instead: str) -> None:
        """Have the page write that id into the notebook's metadata, where none stands or the one that it stands in for."""
        if own and self._wanted != (own, instead):
            self._wanted = (own, instead)
            for channel in self._channels:
                channel.send({"identify": own, "instead": instead})

    def _hear(self, channel: Channel | None, data: Mapping[str, Any]) -> None:
        if isinstance(notebook := data.get("notebook"), dict):
            self.told = self._read(notebook)
            if self.told.own and self.told.own == self._wanted[0]:
                self._wanted = ("", "")
                self._session()  # the history is to know it, also where nothing is asked any more
        if "protocol" in data and channel is not None and self._said:  # a page that has come
            channel.send(self._said)
        number = data.get("ask")
        if not isinstance(number, int) or channel is None:
            return
        try:
            answer = self._answer(data)
        except ChatError as exc:
            answer = {"error": str(exc)}
        channel.send({**answer, "answer": number})

    def _read(self, notebook: Mapping[str, Any]) -> Told:
        """Return what a page tells of its notebook, as far as it has the form that it should have, over what was told before."""
        from g4f_magic.host.told import note_shared
        from g4f_magic.label import KEY, OWN, own_id

        note_shared(notebook.get("isShared") is True)
        told = self.told._replace(own=own_id({KEY: {OWN: notebook.get("id")}}))
        path, cells = notebook.get("path"), notebook.get("cells")
        if isinstance(path, str) and len(path) < _LONGEST and ".." not in PurePosixPath(path).parts:
            told = told._replace(path=path.lstrip("/"))
        if isinstance(cells, list) and len(cells) <= _MOST_CELLS:
            told = told._replace(
                cells=tuple(dict.fromkeys(one for one in cells if isinstance(one, str) and one))
            )
        return told

    def _answer(self, data: Mapping[str, Any]) -> dict[str, Any]:
        what, cell, number = data.get("what"), data.get("cell"), data.get("number")
        if what in ("answers", "answer") and isinstance(cell, str):
            name, turns = self._turns(cell)
            if what == "answers":
                return {"count": len(turns), "again": self._again(name, cell)}
            if isinstance(number, int) and 0 < number <= len(turns):
                return _shown(turns[number - 1])
            return {"error": "There is no such answer any more."}
        if what == "panel":
            return {"model": self._panel()}
        return {"error": _OLDER}

    def _panel(self) -> str:
        """Return the id of the widget of the panel in the side bar, which is made when it is first asked for."""
        from g4f_magic.panel.beside import BesideNotebook

        if self._beside is None or self._beside.is_closed:
            self._beside = BesideNotebook(session=self._session())
        return str(self._beside.model_id)

    def _turns(self, cell: str) -> tuple[str, tuple[Turn, ...]]:
        """Return the turns of a cell, the oldest first, in whichever conversation it asked last, and the name of that."""
        session = self._session()
        found = [
            (name, turns)
            for name in session.conversation_names()
            if (turns := session.conversation(name).revisions(cell))
        ]
        return max(found, key=lambda one: one[1][-1].started_at, default=("", ()))

    def _again(self, name: str, cell: str) -> list[str]:
        """Return the cells to ask again in their order, that one first, if its answer is older than what it builds on."""
        session = self._session()
        if not any(turn.slot == cell for turn in session.older.turns(name)):
            return []
        slots = [turn.slot for turn in session.conversation(name).turns]
        return slots[slots.index(cell) :][:_MOST_CELLS]


def _shown(turn: Turn) -> dict[str, Any]:
    """Return an answer as cleaned HTML, and a line on when it came and who gave it."""
    from g4f_magic.renderers.document import markdown_to_html
    from g4f_magic.renderers.provenance import provenance

    date = time.strftime("%Y-%m-%d %H:%M", time.localtime(turn.started_at))
    return {"html": markdown_to_html(turn.reply or turn.error), "about": f"{date} {provenance(turn)}"}
