"""Headers that a person adds to a service: their names, and values that come from variables."""

from __future__ import annotations

import re
from collections.abc import Iterable

from g4f_magic.errors import InputError, MissingAuthError
from g4f_magic.secret import Secret
from g4f_magic.secret_names import names_a_secret
from g4f_magic.settings import environment
from g4f_magic.wire.request import HeaderValue

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARIABLE = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")
_OURS = frozenset(
    {
        "host",
        "content-length",
        "content-type",
        "transfer-encoding",
        "connection",
        "cookie",
        "accept-encoding",
        "te",
    }
)
_SECRET = frozenset({"authorization", "proxy-authorization"})


def check_headers(given: Iterable[tuple[object, object]]) -> None:
    """Check the names and the values of headers that a person wrote down.

    Raises:
        InputError: one cannot be sent, is set by the request itself, or has a key written out in it.
    """
    for name, value in given:
        if not isinstance(name, str) or not _NAME.fullmatch(name) or not isinstance(value, str):
            raise InputError("a header is a name and a text", hint='headers = { "X-Org" = "$ORG" }')
        if name.lower() in _OURS:
            raise InputError(f"the header {name} is set by the request itself", hint="Leave it out.")
        if not value.isprintable() or not value.isascii():
            raise InputError(f"the header {name} holds signs that no header can", hint="Write plain text.")
        is_secret = name.lower() in _SECRET or names_a_secret(name.replace("-", "_"))
        if is_secret and not _VARIABLE.search(value):
            raise InputError(
                f"the header {name} has its key written out",
                hint='Name a variable: "$VARIABLE" or "Bearer $VARIABLE".',
            )


def filled(name: str, headers: Iterable[tuple[str, str]], homes: frozenset[str]) -> dict[str, HeaderValue]:
    """Return the headers of the service of that name; what comes from a variable is a secret of its own origins.

    Raises:
        MissingAuthError: a variable is not set.
    """
    return {header: _value(name, header, text, homes) for header, text in headers}


def _value(name: str, header: str, text: str, homes: frozenset[str]) -> HeaderValue:
    def fill(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        variable = found[2] or found[3]
        if not (value := environment(variable).strip()):
            raise MissingAuthError(
                f"{name} wants the variable {variable}, which is not set",
                hint=f"services.toml names it for the header {header}: set it in the environment.",
            )
        values.append(Secret(value))  # known from now on, also without what stands around it
        return value

    values: list[Secret] = []
    value = _VARIABLE.sub(fill, text)
    return Secret(value, homes=homes) if values else value
