"""Questions that wait for the reply before them, in their order. The kernel holds them: a page may be loaded anew."""

from __future__ import annotations

from dataclasses import dataclass

from g4f_magic.errors import InputError
from g4f_magic.panel.chips import Along
from g4f_magic.panel.protocol import PromptsWaiting, WaitingPrompt

MOST = 20
"""Questions that wait at once."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One of them, under the key of its request."""

    key: str
    prompt: str
    along: Along


class WaitingLine:
    """All of them; nothing here asks."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, one: Waiting) -> None:
        """Let one more wait.

        Raises:
            InputError: too many wait already.
        """
        if len(self._waiting) >= MOST:
            raise InputError(
                f"{MOST} questions wait already", hint="Wait for a reply, or remove one of them."
            )
        self._waiting.append(one)

    def next(self) -> Waiting | None:
        """Return the one whose turn it is, which waits no longer; None where none waits."""
        return self._waiting.pop(0) if self._waiting else None

    def drop(self, key: str) -> None:
        """Take one out."""
        self._waiting = [one for one in self._waiting if one.key != key]

    def clear(self) -> list[Waiting]:
        """Take all of them out and return them."""
        waiting, self._waiting = self._waiting, []
        return waiting

    def told(self, following: str = "") -> PromptsWaiting:
        """Return what the pages are told of them; `following` is the key of the one that is asked now."""
        prompts = [
            WaitingPrompt(
                key=one.key,
                prompt=one.prompt,
                attached=[*one.along.attached, *(kept.name for kept in one.along.kept)],
            )
            for one in self._waiting
        ]
        return PromptsWaiting(kind="waiting", prompts=prompts, next=following)
