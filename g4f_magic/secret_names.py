"""Which names say that what they name is a secret: of a variable, a header, a field of a query."""

from __future__ import annotations

import re
from functools import lru_cache

_SECRET_WORDS = frozenset(
    {"key", "keys", "apikey", "token", "secret", "secrets", "password", "passwd", "passphrase", "pass"}
    | {"pat", "pwd", "credential", "credentials", "cookie", "cookies", "jwt", "bearer"}
)
_GLUED = (
    r".*(?:password|passwd|passphrase|secret|(?:auth|access|api|bot|refresh|session|id)token"
    r"|(?:api|secret|access|private|auth|account|master|signing|encryption)keys?)"
)
"""Words that are written as one: PGPASSWORD, AUTHTOKEN, APIKEY. No MONKEY and no KEYBOARD."""
_QUALIFIERS = frozenset(
    {"prod", "production", "dev", "test", "testing", "live", "staging", "work", "home", "private", "personal"}
    | {"old", "new", "default", "primary", "secondary", "value", "base64", "b64", "main", "backup"}
)
"""Which of several it is: MY_API_KEY_2, STRIPE_KEY_TEST."""
_WORDS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"


@lru_cache(maxsize=1024)
def names_a_secret(name: str) -> bool:
    """Say whether a variable of that name holds a secret: one whose last word says so (KEY, TOKEN, SECRET, PASSWORD, ...).

    A number or a word for which of several it is may follow. `TOKENIZERS_PARALLELISM`, `KEYBOARD` and `SSH_AUTH_SOCK`
    name none.
    """
    words = [word.lower() for word in re.findall(_WORDS, name[:256])]
    while len(words) > 1 and (words[-1].isdigit() or words[-1] in _QUALIFIERS or len(words[-1]) == 1):
        words.pop()
    last = words[-1] if words else ""
    return words != ["pwd"] and (last in _SECRET_WORDS or bool(re.fullmatch(_GLUED, last)))
