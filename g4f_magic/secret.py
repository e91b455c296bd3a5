"""Values that must not show: in no output, traceback, log or file."""

from __future__ import annotations

import re
from collections.abc import Iterable

_USERINFO = re.compile(r"(?<=://)[^/@\s]+@")


class Secret:
    """A key, a cookie or a password. It shows as `***` everywhere; only `reveal` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself, for the wire alone."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "***"


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Return `text` with every one of `secrets`, and any user and password in a URL, made `***`."""
    for secret in sorted((secret.reveal() for secret in secrets if secret), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _USERINFO.sub("***@", text)
