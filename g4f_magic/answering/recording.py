"""The cassette in use, and who answers in the modes record, replay and auto."""

from __future__ import annotations

from pathlib import Path

from g4f_magic.answerer import Answerer
from g4f_magic.answering.folder_player import FolderPlayer, FolderUse, cassettes_in
from g4f_magic.answering.player import Player
from g4f_magic.answering.recorder import Make, Noticed, PlayerElse, Recorder, recorded_by, warn_before
from g4f_magic.ask import Ask
from g4f_magic.cassette import Asked, CassetteFile, OpenCassette, Pace
from g4f_magic.host import here

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
        self._warnings: list[str] = []

    @property
    def warnings(self) -> list[str]:
        """Return one sentence for each thing that a person should know."""
        if self.in_use is not None:
            self._warnings += self.in_use.warnings
            self.in_use.warnings.clear()
        return self._warnings

    def cassette(self, path: Path, within: Path | None = None) -> OpenCassette:
        """Return the cassette at `path`, as `cassette_at` does; from now on it is the one in use."""
        self.in_use = cassette_at(path, within)
        return self.in_use

    def begin_run(self) -> None:
        """Let each identical request begin with its first recorded answer again."""
        for cassette in {one for one in (self.in_use, self._of_folder.cassette) if one is not None}:
            cassette.begin_run()

    def player_of_folder(self, folder: Path, ask: Ask, *, slot: str, pace: Pace) -> Answerer:
        """Return who answers from all recordings of a folder, where it is not known which notebook asks.

        Raises:
            InputError: there are none, or one of them cannot be read.
        """
        players = []
        for path in cassettes_in(folder):
            cassette = cassette_at(path, within=folder)
            _ = cassette.index
            cell = slot or _cell_of_code(cassette, ask)
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
        pace: Pace,
        is_recording_errors: bool,
    ) -> Answerer:
        """Return who answers in one of the modes; `make` makes who would live. In `replay` it is not called.

        Raises:
            InputError: the cassette cannot be written, where it is to be recorded into; or what would be recorded
                holds a secret that is known here.
        """
        cell = slot or _cell_of_code(cassette, ask)
        if mode == "replay":
            return Player(cassette, ask, cell, pace=pace)
        asked = Asked.of(ask)

        async def recorder() -> Recorder:
            return await recorded_by(make, cassette, asked, cell, is_recording_errors=is_recording_errors)

        if mode == "record":
            self._warn(cassette, asked, ask)
            return await recorder()

        async def noticed() -> Answerer:
            warned = self._warn(cassette, asked, ask)
            return Noticed(await recorder(), warned) if warned else await recorder()

        return PlayerElse(Player(cassette, ask, cell, pace=pace), noticed)

    def _warn(self, cassette: OpenCassette, asked: Asked, ask: Ask) -> str:
        warning = warn_before(cassette, asked, ask)
        if warning:
            self._warnings.append(warning)
        return warning


def is_watched(slot: str) -> bool:
    """Say whether a person probably looks at the reply as it comes: a front end that names cells, or a terminal."""
    return bool(slot) or here().is_terminal


def _cell_of_code(cassette: OpenCassette, ask: Ask) -> str:
    """Return what names the running cell and, of its requests that are alike, this one; empty outside of cells.

    They are counted where all meet that ask in this process: each `Chat` has a session of its own.
    """
    cell = here().cell
    if not cell.id:
        return ""
    key = Asked.of(ask).key
    return f"{cell.id} {key} {cassette.count(cell.run, key)}"
