"""Text that grows by pieces. No I/O."""

from __future__ import annotations

_FEW = 1024


class GrowingText:
    """Pieces of text, kept as few objects however many they are; `str` gives the whole."""

    def __init__(self) -> None:
        self.characters = 0
        self._blocks: list[str] = []
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self.characters += len(piece)
        self._pieces.append(piece)
        if len(self._pieces) == _FEW:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()

    def __str__(self) -> str:
        return "".join((*self._blocks, *self._pieces))

    def __bool__(self) -> bool:
        return self.characters > 0
