"""Values that must not show: in no output, traceback, log or file; and their redaction out of texts.

What was ever a `Secret` here, or a password in an `Address`, is known from then on, and so are the variables of the
environment whose names say that they hold one. `redact` and `mask_known` mask them in a text that leaves us,
`redaction.StreamingRedactor` in one that comes in pieces.

The values themselves stand in closures: who prints the variables of a frame, or what an object is made of (rich, an
error tracker, a debugger), sees none of them.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from g4f_magic.secret_names import names_a_secret

T = TypeVar("T")

MASK = "***"
_MOST_KNOWN = 512
_MOST_CUT = 8_192
"""Of what is cut away: a secret that begins before the cut ends within it."""
_KEY_SHAPED = (
    r"\b(?:sk|pk|rk|gsk|hf|xai|ghp|nvapi|tgp|r8|pplx|csk)[-_](?=[\w-]{16})(?:[A-Za-z0-9]{1,12}[-_]){0,3}"
    r"(?=[A-Za-z0-9]*\d)(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}[\w-]*|\bhf_[A-Za-z]{34}\b|\bAIza[\w-]{30,}"
)
"""Words alone are no key: `sk-learn-compatible-estimators`, `hf-internal-testing`."""
# `user:password@` is what our own hints write.
_USERINFO = r"(?<=://)(?!user:password@)[^/\s?#]+@"
_QUERY_NAMES = frozenset(
    {"key", "api_key", "apikey", "api-key", "token", "access_token", "secret", "password", "sig", "signature"}
)
_QUERY_VALUE = (
    r"(?i)(?<=[?&])((?:api[-_]?key|key|(?:access_)?token|secret|password|sig(?:nature)?)=)[^&\s#\"'<>]+"
)
_SHORTEST = 8
"""Of a value that is masked wherever it stands, in characters."""
_SHORTEST_SENT = 4
"""Of one that was sent, and that stands by itself in what comes back."""
_TELLING = (
    rf"(?s)(?!https?[:%]|[/~]|[A-Za-z]:[\\/])(?:(?=\D*\d)(?=[^A-Za-z]*[A-Za-z]).{{{_SHORTEST},}}|.{{20,}})"
)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern, made at its first use: loading the extension needs none."""
    return re.compile(pattern)


class Opaque(Generic[T]):
    """A value that whoever looks at this object does not see; `open` gives it."""

    __slots__ = ("open",)

    def __init__(self, value: T) -> None:
        self.open: Callable[[], T] = lambda: value

    def __repr__(self) -> str:
        return MASK

    def __deepcopy__(self, memo: object) -> Opaque[T]:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("what is sealed stays in its process")


class Secret:
    """A key, a cookie or a password. It shows as `***` everywhere; only `reveal` gives it."""

    __slots__ = ("_value", "homes")

    def __init__(self, value: str, *, homes: frozenset[str] = frozenset(), is_known: bool = True) -> None:
        self._value = Opaque(value)
        self.homes = homes
        """The origins that it is sent to; none: wherever the person, who gave it by hand, sends it."""
        if is_known:
            remember(value.removeprefix("Bearer "))

    def reveal(self) -> str:
        """Return the value itself, for the wire alone."""
        return self._value.open()

    def bound(self, homes: frozenset[str]) -> Secret:
        """Return the same value, for those origins alone."""
        return Secret(self.reveal(), homes=homes, is_known=False)

    def prefixed(self, prefix: str) -> Secret:
        """Return what a header carries of it, for the same origins."""
        return Secret(prefix + self.reveal(), homes=self.homes, is_known=False)

    def __bool__(self) -> bool:
        return bool(self.reveal())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.reveal() == self.reveal()

    def __hash__(self) -> int:
        return hash((Secret, self.reveal()))

    def __repr__(self) -> str:
        return MASK

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret stays in its process")


class Address(str):
    """A URL as it may be shown: `***` stands for the user and password in it. `reveal` gives it whole, for the wire."""

    __slots__ = ("_whole", "bare", "userinfo")
    _whole: Opaque[str]
    bare: str
    """The URL without user and password."""
    userinfo: Secret | None
    """User and password as they stand in the URL; None where there are none."""

    def __new__(cls, url: str) -> Address:
        """Return the URL; what it holds of a password is known from now on."""
        if isinstance(url, Address):
            return url
        for password in passwords_in(url):
            remember(password)
        scheme, userinfo, rest = parts_of(url)
        made = super().__new__(cls, f"{scheme}{MASK}@{rest}" if userinfo else url)
        made._whole = Opaque(url)
        made.bare = scheme + rest
        made.userinfo = Secret(userinfo, is_known=False) if userinfo else None
        return made

    def reveal(self) -> str:
        """Return the URL with user and password."""
        return self._whole.open()

    def __deepcopy__(self, memo: object) -> Address:
        return self

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def parts_of(url: str) -> tuple[str, str, str]:
    """Return a URL in three: its scheme with `://`, user and password without their `@`, and the rest."""
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    if "@" not in rest:
        return f"{scheme}{mark}", "", rest
    end = next((place for place, sign in enumerate(rest) if sign in "/?#"), len(rest))
    userinfo, at, host = rest[:end].rpartition("@")
    return f"{scheme}{mark}", userinfo if at else "", f"{host}{rest[end:]}"


@lru_cache(_MOST_KNOWN)
def _forms(value: str) -> frozenset[str]:
    """Return a value as it stands in a URL, a page, JSON or base64, and in other case: in such a form a service may repeat it."""
    quoted = {quote(value, safe=safe) for safe in ("", "/")} | {quote_plus(value)}
    # As `html.escape` and `json.dumps` write it, whose modules the loading of the extension does not wait for.
    page = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    escaped = {page, page.replace('"', "&quot;"), page.replace('"', "&#34;").replace("'", "&#39;")}
    escaped |= {page.replace('"', "&quot;").replace("'", end) for end in ("&#x27;", "&#39;")}
    escaped |= {value.replace("\\", "\\\\").replace(sign, f"\\{sign}") for sign in "\"'"}
    escaped.add(value.replace("/", "\\/"))
    # Go's and .NET's JSON write these so, too, for a page may stand around it.
    for signs in ("&<>", "&<>'\"+`"):
        for form in ("\\u{:04x}", "\\u{:04X}"):
            escaped.add("".join(form.format(ord(one)) if one in signs else one for one in value))
    plain = {value, *quoted, *(quote(one, safe="") for one in quoted)}
    return frozenset({*plain, *map(str.lower, plain), value.upper(), *escaped, *_in_base64(value)})


def _in_base64(value: str) -> Iterator[str]:
    """Yield a value in base64: by itself, and as it stands in that of a longer text, as far as that does not change it."""
    content = value.encode("utf-8", "replace")
    for code in (b64encode, urlsafe_b64encode):
        yield code(content).decode().rstrip("=")
        for before in range(3):
            made = code(bytes(before) + content).decode()
            yield made[-(-before * 4 // 3) : (before + len(content)) * 4 // 3]


def _registry() -> tuple[Callable[[str], None], Callable[[], list[str]]]:
    """Return what remembers a value, and what gives those that are remembered."""
    values: dict[str, None] = {}

    def remember(value: str) -> None:
        """Mask this value from now on, unless it is so short or plain that it could be any word of a text."""
        value = value.strip()
        if not _compiled(_TELLING).fullmatch(value):
            return
        values.pop(value, None)
        values[value] = None
        if len(values) > _MOST_KNOWN:
            del values[next(iter(values))]

    return remember, lambda: list(values)


remember, _remembered = _registry()


def passwords_in(url: str) -> list[str]:
    """Return the password of a URL in the forms in which a service or a proxy may repeat it, and keys of its query."""
    found: list[str] = []
    if "=" in url:
        found = [value for name, value in _query(url) if name.lower() in _QUERY_NAMES]
    if "@" not in url:
        return found
    userinfo = parts_of(url)[1]
    if not userinfo or userinfo == MASK:
        return found
    user, _, password = userinfo.partition(":")
    basic = b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return [basic, *filter(None, (password or user, unquote(password or user))), *found]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query)
    except ValueError:
        return []


_seen: tuple[Opaque[dict[Any, Any]], Opaque[list[str]]] = (Opaque({}), Opaque([]))
"""The environment as it was looked through last, and what it held of secrets."""


def _secret_variables() -> list[str]:
    """Return what the environment holds of secrets now: others may be set while a kernel runs."""
    global _seen
    now = getattr(os.environ, "_data", None)  # compared at once; to look through it takes a reply's time
    if now is None or now != _seen[0].open():
        _seen = (Opaque(dict(now or {})), Opaque(list(_look_for_secrets())))
    return _seen[1].open()


def _look_for_secrets() -> Iterator[str]:
    for name, value in os.environ.items():
        if names_a_secret(name):
            yield value
        elif "://" in value and "@" in value:
            yield from passwords_in(value)


def known_secrets() -> list[str]:
    """Return the values that must not show, in all their forms, the longest first."""
    given = map(str.strip, _secret_variables())
    values = {*_remembered(), *filter(_compiled(_TELLING).fullmatch, given)}
    return sorted({form for value in values for form in _forms(value)}, key=len, reverse=True)


def mask_known(text: str) -> str:
    """Return `text` with every secret known here masked, and nothing else changed."""
    return text if len(text) < _SHORTEST else _masked(text, known_secrets())


def cut(text: str, most: int) -> str:
    """Return at most so many characters of `text`: of a secret that a cut went through, the rest could not be told for one."""
    if len(text) <= most:
        return text
    text = mask_known(text[: _MOST_CUT + most])
    from g4f_magic.visible import shortened  # `%load_ext` needs none of it

    return shortened(text, most)


def redact(text: str, secrets: Iterable[Secret] = ()) -> str:
    """Return `text` with masks for what is known here, for `secrets`, what has the form of a key, and user, password and keys in a URL.

    Of `secrets`, one that could be any word is masked where it stands by itself, and left where it is shorter than that.
    """
    given = sorted({secret.reveal() for secret in secrets if secret}, key=len, reverse=True)
    text = _masked(text, known_secrets())
    for value in given:
        if _compiled(_TELLING).fullmatch(value):
            text = text.replace(value, MASK)
        elif len(value) >= _SHORTEST_SENT:
            text = re.sub(rf"(?<![\w-]){re.escape(value)}(?![\w-])", MASK, text)
    text = _compiled(_KEY_SHAPED).sub(MASK, text)
    return _compiled(_QUERY_VALUE).sub(rf"\1{MASK}", _compiled(_USERINFO).sub(f"{MASK}@", text))


def redact_code(text: str) -> str:
    """Return code with masks for the same, but for what stands there in the place of a secret: `{password}` in a URL."""
    text = _compiled(_KEY_SHAPED).sub(MASK, _masked(text, known_secrets()))
    text = _compiled(_USERINFO).sub(lambda found: found[0] if "{" in found[0] else f"{MASK}@", text)
    return _compiled(_QUERY_VALUE).sub(
        lambda found: found[0] if "{" in found[0] else f"{found[1]}{MASK}", text
    )


def _masked(text: str, values: Iterable[str]) -> str:
    for value in values:
        text = text.replace(value, MASK)
    return text
