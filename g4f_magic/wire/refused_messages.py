"""In which form a service wants messages that carry calls of functions, told from what it refused. No I/O."""

from __future__ import annotations

import re

from g4f_magic.wire.error_words import ErrorWords

_FIELD = r"(?:reasoning_content|reasoning_details|thinking_blocks|reasoning|extra_content|thought_signature)"
_SIGNATURES = (
    r"missing (?:a |the )?[`'\"]?thought_signature|thought_signature[`'\"]? (?:is )?(?:missing|required)"
)
_THOUGHTS = (
    r"reasoning_content\b.{0,60}(?:must be (?:passed|provided|included|sent)|(?:is|are) (?:missing|required)|not be (?:empty|omitted))"
    r"|(?:missing|requires?|need|pass back|provide) (?:the )?(?:field )?[`'\"]?reasoning_content"
)
_IDS = (
    r"tool[ _]call[ _]?ids?\b.{0,120}(?:must be|length|match|characters|too long)"
    r"|tool_(?:use|result)\S{0,40}id: string should match"
    r"|tool_calls\[\d+\]\.id\b.{0,60}(?:too long|maximum length|invalid)"
)
_BARE = (
    rf"\b{_FIELD}\b.{{0,90}}(?:not permitted|unsupported|not supported|not allowed|unexpected|unrecognized|unknown|extra_forbidden)"
    rf"|(?:unknown|unexpected|unsupported|unrecognized|extra|additional|invalid)\b.{{0,60}}\b{_FIELD}\b"
)
_PATTERNS = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("signatures", _SIGNATURES),
        ("thoughts", _THOUGHTS),
        ("ids", _IDS),
        ("bare", _BARE),
    )
)
_OF_MESSAGES = re.compile(r"messages|tool|function|reasoning|thought", re.I)


def wanted_form(words: ErrorWords) -> str:
    """Return the form that is asked for: "thoughts", "signatures", "ids", "bare" (none of these fields); empty: none."""
    text = f"{words.text} {words.parameter}"
    if not _OF_MESSAGES.search(text):
        return ""
    return next((name for name, pattern in _PATTERNS if pattern.search(text)), "")
