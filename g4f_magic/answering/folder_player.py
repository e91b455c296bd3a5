"""Answers from the recordings of a folder, where nobody says which notebook asks: a machine that runs one tells no name."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

from g4f_magic import disk
from g4f_magic.answering.player import Player, failing
from g4f_magic.ask import Ask
from g4f_magic.cassette import OpenCassette
from g4f_magic.chunks import Chunk, Served
from g4f_magic.errors import InputError, MissError
from g4f_magic.host import here
from g4f_magic.notebook import MOST_BYTES, TEXTS, saved_cells
from g4f_magic.turn import Turn

MOST_CASSETTES = 256
"""In a folder with more recordings nobody looks into all of them."""
_NAME_IT = "Name the recording of this notebook: G4F_MAGIC_CASSETTE=FILE, or %chat cassette FILE."


class FolderPlayer:
    """The recorded answers of one question in all cassettes of a folder.

    The one that answered before in this kernel answers on. Else it is the only one that holds the question; of
    several the one whose notebook has the cells that ran here. In doubt none is taken.
    """

    hosts: tuple[str, ...] = ()

    def __init__(self, ask: Ask, players: Sequence[tuple[OpenCassette, Player]], last: FolderUse) -> None:
        self.who = Served(ask.provider, ask.model, source="replayed")
        self._players = players
        self._last = last

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who answered, and the reply.

        Raises:
            MissError: no recording holds the question, or several do and nothing tells which is meant.
            ChatError: the failure that was recorded.
        """
        holding = [(one, player) for one, player in self._players if player.held(turns, ask) is not None]
        try:
            cassette, player = self._chosen(holding, turns, ask)
        except MissError as exc:
            return failing(self.who, exc)
        self._last.cassette = cassette
        return player.answer(turns, ask)

    def _chosen(
        self, holding: Sequence[tuple[OpenCassette, Player]], turns: Sequence[Turn], ask: Ask
    ) -> tuple[OpenCassette, Player]:
        """Return the one that answers.

        Raises:
            MissError: there is none, or it is not clear which.
        """
        last = self._last.cassette
        for cassette, player in holding or self._players:
            if cassette is last:
                return cassette, player
        if not holding:
            if len(self._players) == 1:
                return self._players[0]
            count = len(self._players)
            raise MissError(
                f"none of the {count} recordings in this folder holds this request",
                hint=f"{_NAME_IT} Its error then says what differs.",
            )
        fitting = holding if len(holding) == 1 else [one for one in holding if _fits(one[0].path)] or holding
        if len(fitting) == 1 or len({player.held(turns, ask) for _, player in fitting}) == 1:
            return fitting[0]
        names = ", ".join(cassette.path.name for cassette, _ in fitting[:5])
        raise MissError(f"several recordings in this folder hold this request: {names}", hint=_NAME_IT)


class FolderUse:
    """Which recording of a folder answered last, in one kernel."""

    def __init__(self) -> None:
        self.cassette: OpenCassette | None = None


def cassettes_in(folder: Path) -> list[Path]:
    """Return the recordings of a folder, by their names.

    Raises:
        InputError: there are none, or too many to look into all of them.
    """
    found = sorted(folder.glob("*.chat.jsonl"))
    if not found:
        raise InputError(
            f"it is not known which notebook asks, and there is no recording in {folder}",
            hint="Run it in its own folder, or name the file: G4F_MAGIC_CASSETTE=FILE.",
        )
    if len(found) > MOST_CASSETTES:
        raise InputError(
            f"it is not known which notebook asks, and {folder} holds {len(found)} recordings", hint=_NAME_IT
        )
    return found


def _fits(cassette: Path) -> bool:
    """Say whether the notebook beside a recording has all cells that ran in this kernel."""
    ran = [code.strip() for code in here().inputs[1:] if not code.startswith("# Parameters")]
    stem = cassette.name.removesuffix(".chat.jsonl")
    notebook = cassette.with_name(f"{stem}.ipynb")
    if notebook.exists():
        sources = {cell.source.strip() for cell in saved_cells(notebook) if cell.kind == "code"}
        return sources.issuperset(ran)
    return any(_is_in(cassette.with_name(stem + suffix), ran) for suffix in TEXTS)


def _is_in(file: Path, ran: Sequence[str]) -> bool:
    """Say whether a text file holds the lines of all those cells, be it behind the sign of a comment."""
    try:
        text = disk.read(file, most_bytes=MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return False
    lines = {line.removeprefix("#").strip() for line in text.splitlines()}
    return all(line.removeprefix("#").strip() in lines for code in ran for line in code.splitlines())
