"""The cassette in use, and who answers in the modes record, replay and auto."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from g4f_magic.answerer import Answerer
from g4f_magic.answering.folder_player import FolderPlayer, FolderUse, cassettes_in
from g4f_magic.answering.player import Player
from g4f_magic.answering.recorder import Make, Noticed, PlayerElse, recorded_by
from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked, CassetteFile, OpenCassette, Pace
from g4f_magic.errors import InputError
from g4f_magic.host import here
from g4f_magic.loop import interruptible

if TYPE_CHECKING:
    from g4f_magic.host.base import Host

_OPENED: dict[Path, OpenCassette] = {}
"""One for each file: whoever asks in this process takes part in one run."""


def cassette_at(path: Path, within: Path | None = None) -> OpenCassette:
    """Return the cassette at `path`, the same one for each call in this process.

    `within` is the folder out of which no link may lead; None where the person named the file.
    """
    if path not in _OPENED:
        _OPENED[path] = OpenCassette(path)
    cassette = _OPENED[path]
    cassette.file = CassetteFile(path, within)
    return cassette


class Recording:
    """The cassette of one session."""

    def __init__(self) -> None:
        self.in_use: OpenCassette | None = None
        self._of_folder = FolderUse()
        self.warnings: list[str] = []
        """One sentence for each thing that a person should know of what is recorded here, until it is taken."""

    def cassette(self, path: Path | None, within: Path | None) -> OpenCassette:
        """Return the cassette at `path`, as `cassette_at` does; from now on it is the one in use.

        Raises:
            InputError: it is not known which file that is, None.
        """
        if path is None:
            raise InputError(
                "it is not known beside which notebook the recordings lie",
                hint="Name the file: %chat cassette FILE, or G4F_MAGIC_CASSETTE=FILE where no front end says.",
            )
        self.in_use = cassette_at(path, within)
        return self.in_use

    def begin_run(self) -> None:
        """Let each identical request begin with its first recorded answer again."""
        for cassette in {one for one in (self.in_use, self._of_folder.cassette) if one is not None}:
            cassette.begin_run()

    def player_of_folder(self, folder: Path, ask: Ask, *, slot: str, host: Host, pace: Pace) -> Answerer:
        """Return who answers from all recordings of a folder, where it is not known which notebook asks.

        Raises:
            InputError: there are none, or one of them cannot be read.
        """
        players = []
        for path in cassettes_in(folder):
            cassette = cassette_at(path, within=folder)
            cassette.look()
            cell = slot or _cell_of_code(host, cassette, ask)
            players.append((cassette, Player(cassette, ask, cell, pace=pace)))
        return FolderPlayer(ask, players, self._of_folder)

    async def answerer(
        self,
        mode: str,
        ask: Ask,
        cassette: OpenCassette,
        make: Make,
        *,
        slot: str,
        host: Host,
        pace: Pace,
        in_force: str,
        is_recording_errors: bool,
    ) -> Answerer:
        """Return who answers in one of the modes; `make` makes who would live. In `replay` it is not called.

        `in_force` is the mode of the session, `mode` that of the question.

        Raises:
            InputError: the cassette cannot be read, or not written where it is to be recorded into; or what would be
                recorded holds a secret that is known here.
        """
        cell = slot or _cell_of_code(host, cassette, ask)
        cassette.enter(in_force)
        if not cassette.is_as_left(to_write=mode == "record"):
            with interruptible():  # others may have made it large
                cassette.look(to_write=mode == "record")
        if mode == "replay":
            return Player(cassette, ask, cell, pace=pace)
        recorder = partial(recorded_by, make, cassette, ask, cell, is_recording_errors=is_recording_errors)
        if mode == "record":
            answerer, warning = await recorder()
            self.warnings += filter(None, [warning])
            return answerer

        async def noticed() -> Answerer:
            cassette.look(to_write=True)
            answerer, warning = await recorder()
            self.warnings += filter(None, [warning])
            return Noticed(answerer, warning) if warning else answerer

        return PlayerElse(Player(cassette, ask, cell, pace=pace), noticed)


def is_watched(slot: str) -> bool:
    """Say whether a person probably looks at the reply as it comes: a front end that names cells, or a terminal."""
    return bool(slot) or here().is_terminal


def _cell_of_code(host: Host, cassette: OpenCassette, ask: Ask) -> str:
    """Return what names the running cell and, of its requests that are alike, this one; empty outside of cells.

    They are counted where all meet that ask in this process: each `Chat` has a session of its own.
    """
    cell = host.cell
    if not cell.id:
        return ""
    key = Asked.of(ask).key
    return f"{cell.id} {key} {cassette.count(cell.run, key)}"
