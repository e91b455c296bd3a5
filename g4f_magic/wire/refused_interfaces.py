"""By which other interface a service wants to be asked, from the words with which it refuses. No I/O."""

from __future__ import annotations

import re

RESPONSES_API = "responses"
_WANTED = re.compile(
    r"\b(?:use|try|in|via|through|with|by|on|at|only|call|supports?) (?:the |openais? )*"
    r"(?:/?v1/responses|/responses\b|responses (?:api|endpoint))|unsupported api for model"
)
_NOT_THERE = re.compile(
    r"not (?:\w+ )?(?:in|via|through|with|by|on|at|the) (?:the |openais? )*(?:/?v1/responses|responses (?:api|endpoint))"
)


def wanted_interface(said: str) -> str:
    """Return the interface that the words of a refusal name, in the form in which words are compared; empty for none."""
    return RESPONSES_API if _WANTED.search(said) and not _NOT_THERE.search(said) else ""
