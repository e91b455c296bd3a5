"""Text as it is shown: its control characters made visible, so that they are not obeyed, and cut to a length. No I/O."""

from __future__ import annotations

import re

_CONTROLS: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: "␡",
    **{code: f"⟨{code:02X}⟩" for code in range(0x80, 0xA0)},
}
_DIRECTIONS = {code: f"⟨{code:04X}⟩" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Overrides of direction, which make a text look like another one. Plain marks (200E, 200F) are harmless."""

_HAS_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f]")
_HAS_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def make_visible(text: str) -> str:
    """Return `text` with each control character but tab and newline, and each override of direction, as a sign.

    CR LF becomes a newline. A text without such characters comes back as it is.
    """
    text = without_controls(text)
    return text.translate(_DIRECTIONS) if _HAS_DIRECTION.search(text) else text


def without_controls(text: str) -> str:
    """Return the same, with overrides of direction left as they are: right where no code and no terminal is."""
    return text.replace("\r\n", "\n").translate(_CONTROLS) if _HAS_CONTROL.search(text) else text


class VisibleStream:
    """`make_visible` for a text in pieces: CR LF may be cut in the middle."""

    def __init__(self) -> None:
        self._carriage = ""

    def feed(self, piece: str) -> str:
        """Return what can be shown of `piece`; a last CR waits for what follows it."""
        text = self._carriage + piece
        self._carriage = "\r" if text.endswith("\r") else ""
        return make_visible(text[: len(text) - len(self._carriage)])

    def end(self) -> str:
        """Return what still waited."""
        rest, self._carriage = self._carriage, ""
        return make_visible(rest)


def numbered(count: int, noun: str) -> str:
    """Return a number and a noun that fits it: `1 turn`, `1,200 turns`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters, the last of them `…` where it was cut."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
