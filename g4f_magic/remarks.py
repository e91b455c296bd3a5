"""What a person is told once in a kernel about the credentials that were used, or were not. No I/O."""

from __future__ import annotations

_said: set[tuple[str, ...]] = set()
_waiting: list[str] = []


def make(text: str, *, about: tuple[str, ...]) -> None:
    """Have a sentence shown under the next reply, the first time that it is `about` this."""
    if about not in _said:
        _said.add(about)
        _waiting.append(text)


def take() -> list[str]:
    """Return what is to be shown now."""
    found, _waiting[:] = list(_waiting), []
    return found
