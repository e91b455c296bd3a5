"""Values that must not show: in no output, traceback, log or file."""

from __future__ import annotations

import re
from collections.abc import Iterable

_KEY_SHAPED = re.compile(r"\b(?:sk|pk|gsk|hf|xai|sk-ant|sk-or|ghp|nvapi)[-_][\w-]{16,}|\bAIza[\w-]{30,}")
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


class Address(str):
    """A URL that may hold a user and a password: it is one for the wire, and its repr shows neither."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(redact(self, ()))


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Return `text` with every one of `secrets`, what has the form of a key, and user and password in a URL made `***`."""
    for secret in sorted((secret.reveal() for secret in secrets if secret), key=len, reverse=True):
        text = text.replace(secret, "***")
    return _USERINFO.sub("***@", _KEY_SHAPED.sub("***", text))
