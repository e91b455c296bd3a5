"""Values that must not show: in no output, traceback, log or file.

What was ever a `Secret` here, or a password in an `Address`, is known from then on, and so are the variables of the
environment whose names say that they hold one. `redact` and `hide` take them out of a text that leaves us,
`Hiding` out of one that comes in pieces.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from urllib.parse import unquote, urlsplit

MASK = "***"
_MOST_KNOWN = 512
_KEY_SHAPED = re.compile(r"\b(?:sk|pk|gsk|hf|xai|sk-ant|sk-or|ghp|nvapi)[-_][\w-]{16,}|\bAIza[\w-]{30,}")
# `user:password@` is what our own hints write.
_USERINFO = re.compile(r"(?<=://)(?!user:password@)[^/@\s]+@")
_SHORTEST = 8
"""Of a value that is hidden, in characters."""
_TELLING = re.compile(
    rf"(?!https?[:%]|[/~])(?:(?=\D*\d)(?=[^A-Za-z]*[A-Za-z]).{{{_SHORTEST},}}|.{{20,}})", re.DOTALL
)

_known: dict[str, None] = {}
sources: list[Callable[[], Iterable[str]]] = []
"""What gives further values to hide, asked each time."""


class Secret:
    """A key, a cookie or a password. It shows as `***` everywhere; only `reveal` gives it."""

    __slots__ = ("_value",)

    def __init__(self, value: str, *, is_known: bool = True) -> None:
        self._value = value
        if is_known:
            remember(value.removeprefix("Bearer "))

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
        return MASK


class Address(str):
    """A URL that may hold a user and a password: it is one for the wire, and its repr shows neither."""

    __slots__ = ()

    def __new__(cls, url: str) -> Address:
        """Return the URL; what it holds of a password is known from now on."""
        for password in passwords_in(url):
            remember(password)
        return super().__new__(cls, url)

    def __repr__(self) -> str:
        return repr(redact(self, ()))


def remember(value: str) -> None:
    """Hide this value from now on, unless it is so short or plain that it could be any word of a text."""
    value = value.strip()
    if not _TELLING.fullmatch(value):
        return
    _known.pop(value, None)
    _known[value] = None
    if len(_known) > _MOST_KNOWN:
        del _known[next(iter(_known))]


def passwords_in(url: str) -> list[str]:
    """Return the password of a URL in the forms in which a service or a proxy may repeat it."""
    if "@" not in url:
        return []
    userinfo = urlsplit(url if "://" in url else f"//{url}").netloc.rpartition("@")[0]
    user, _, password = userinfo.partition(":")
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return [basic, *filter(None, (password or user, unquote(password or user)))]


def known() -> list[str]:
    """Return the values that must not show, the longest first."""
    given = (value.strip() for source in sources for value in source())
    return sorted({*_known, *filter(_TELLING.fullmatch, given)}, key=len, reverse=True)


def hide(text: str) -> str:
    """Return `text` with every secret that is known here made `***`, and nothing else changed."""
    return text if len(text) < _SHORTEST else _without(text, known())


def redact(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return `text` with what is known here, every one of `secrets`, what has the form of a key, and user and password in a URL made `***`."""
    given = sorted((secret.reveal() for secret in secrets if secret), key=len, reverse=True)
    text = _without(_without(text, known()), given)
    return _USERINFO.sub(f"{MASK}@", _KEY_SHAPED.sub(MASK, text))


def _without(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, MASK)
    return text


class Hiding:
    """Hides values in a text that comes in pieces: one that is cut in two is found as well.

    What may be the beginning of a value waits for the next piece, and nothing else does.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._values = sorted(filter(None, values), key=len, reverse=True)
        self._by_first: dict[str, list[str]] = {}
        for value in self._values:
            self._by_first.setdefault(value[0], []).append(value)
        self._longest = len(self._values[0]) if self._values else 0
        self._shortest = len(self._values[-1]) if self._values else 0
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be shown of the text until here."""
        if not self._values:
            return piece
        text = self._held + piece if self._held else piece
        begun = self._begun(text)
        if len(text) < self._shortest or not any(value in text for value in self._values):
            # Nearly always, and so the shortest way.
            self._held = text[begun:]
            return text[:begun] if self._held else text
        shown, self._held = self._cut(text, begun)
        return shown

    @property
    def held(self) -> str:
        """Return what waits."""
        return self._held

    def close(self) -> str:
        """Return the rest."""
        shown, self._held = self._cut(self._held, len(self._held))[0], ""
        return shown

    def _cut(self, text: str, begun: int) -> tuple[str, str]:
        """Return what can be shown, and what waits: a whole value before `begun` is hidden, the rest stays."""
        shown: list[str] = []
        start = 0
        while (found := self._first(text, start)) is not None and found[0] < begun:
            place, value = found
            shown += (text[start:place], MASK)
            start = place + len(value)
        begun = max(begun, start)
        return "".join((*shown, text[start:begun])), text[begun:]

    def _first(self, text: str, start: int) -> tuple[int, str] | None:
        """Return where the first value stands, and the longest that begins there."""
        places = [(place, value) for value in self._values if (place := text.find(value, start)) >= 0]
        return min(places, key=lambda found: (found[0], -len(found[1])), default=None)

    def _begun(self, text: str) -> int:
        """Return where a value begins of which more may come; the length of the text where none does."""
        by_first, size = self._by_first, len(text)
        for start in range(max(0, size - self._longest + 1), size):
            for value in by_first.get(text[start], ()):
                if len(value) > size - start and value.startswith(text[start:]):
                    return start
        return size
