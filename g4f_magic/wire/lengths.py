"""Too long: the reply that was asked for, or the conversation? By the numbers in a service's words. No I/O."""

from __future__ import annotations

import re

_NUMBER = r"(\d{1,12})"
_LIMIT = re.compile(
    rf"(?:maximum|max|total) (?:context|prompt|sequence|model) ?(?:length|window|size)?(?: of| is|:|=)?\D{{0,24}}{_NUMBER}"
    rf"|context (?:length|window|size|limit)\D{{0,40}}{_NUMBER}|(?:must be|<=) ?(?:<=)? ?{_NUMBER}\b"
    rf"|max model len\D{{0,12}}{_NUMBER}|tokens > {_NUMBER}|{_NUMBER} maximum context length"
)
_ASKED = re.compile(
    rf"{_NUMBER} (?:tokens )?(?:in (?:the|your) (?:messages|prompt|input)|of (?:the |text )?input|from the (?:input|messages|prompt)|(?:input|prompt|inputs) tokens|inputs\b)"
)
_WANTED = re.compile(
    rf"{_NUMBER} (?:tokens )?(?:in the (?:completion|output|response|reply)|for the (?:completion|output|response)|(?:of|output) (?:output|tokens)|max new tokens)"
)
_SUM = re.compile(rf"{_NUMBER} \+ {_NUMBER} > {_NUMBER}")
_REPLY = re.compile(
    r"max (?:completion |output |new |generated )?tokens|output tokens|completion tokens|maximum tokens (?:you )?(?:requested|value)"
)
_TOO_MUCH = re.compile(
    r"too (?:large|high|big|long|many)|exceed|less than|at most|range|maximum|greater than|must be|cannot be|>|up to|between|limit"
)
_TOO_LITTLE = re.compile(
    r"at least|minimum|greater than (?:or equal to )?[01]\b|>=? ?[01]\b|positive|below (?:the )?min"
)
_CEILING = re.compile(
    rf"(?:at most|less than or equal to|smaller than or equal to|not exceed|cannot exceed|up to|(?:maximum|max) (?:allowed )?(?:value |number )?(?:of|is)|limit (?:of|is)|limited to|must be <=?|<=) ?(?:the (?:maximum|limit) (?:of|is) )?{_NUMBER}"
    rf"|> {_NUMBER}|\[\d+, ?{_NUMBER}\]|between \d+ and {_NUMBER}|range\D{{0,40}}\d+ (?:inclusive )?(?:to|and|-) {_NUMBER}|\[\d+ - {_NUMBER}\]"
)
_EXCLUSIVE = re.compile(r"to \d+ exclusive|must be less than \d")
_CONVERSATION = re.compile(
    r"context (?:length|window|size|limit|overflow)|(?:prompt|input|messages?|conversation|request)s? (?:is |are |was )?too (?:long|large|many tokens)"
    r"|(?:prompt|input) length|too many (?:input |prompt |total )?tokens|too large for model|reduce (?:the|your) (?:length|prompt|message|input)"
    r"|input token(?:s| count)|maximum (?:prompt|input|number of input) (?:length|tokens)|prompt contains \d+ tokens|prompt exceeds"
    r"|exceeds? (?:the )?(?:maximum|max|model|allowed|limit|available).{0,40}(?:tokens|context|input|length|window)|payload too large"
    r"|entity too large|body (?:is )?too large|string too long|string above max length|token limit|keep the first \d+ tokens|tokens to keep from"
    r"|exceed context|truncate prompt|context the overflows|max (?:seq|prompt|input) len|too many tokens|maximum number of tokens|超长"
)


def room_for_reply(words: str) -> tuple[bool, int | None]:
    """Return whether the words (lower case, no quotes) say that too long a reply was asked for, and how long it may be.

    "(64 in the messages, 8192 in the completion)" leaves what the messages do not take.
    """
    if sums := _SUM.search(words):
        asked, _, limit = (int(number) for number in sums.groups())
        return (True, limit - asked) if limit > asked else (False, None)
    asked_, wanted_ = _first(_ASKED, words), _first(_WANTED, words)
    limit_ = _first(_LIMIT, words)
    is_about_reply = bool(_REPLY.search(words)) or wanted_ is not None
    if asked_ is not None and limit_ is not None and is_about_reply:
        return (True, limit_ - asked_) if limit_ > asked_ and wanted_ != 0 else (False, None)
    if asked_ is not None and wanted_ is not None and wanted_ > asked_ and limit_ is None:
        return True, None  # "you requested 8256 tokens (64 in the messages, 8192 in the completion)"
    if not _REPLY.search(words) or not _TOO_MUCH.search(words) or _TOO_LITTLE.search(words):
        return False, None
    if _CONVERSATION.search(words) and not _CEILING.search(words):
        return False, None
    ceiling = _first(_CEILING, words)
    if ceiling is None:
        supported = re.search(rf"supports (?:at most |up to )?{_NUMBER}", words)
        ceiling = int(supported[1]) if supported else None
    return True, ceiling - 1 if ceiling and _EXCLUSIVE.search(words) else ceiling


def is_conversation_too_long(words: str) -> bool:
    """Say whether the words mean that what was sent is too long."""
    return bool(_CONVERSATION.search(words))


def longest_context(words: str) -> int | None:
    """Return how many tokens the model takes, if the words tell."""
    found = _first(_LIMIT, words)
    return found if found and found >= 16 else None


def _first(pattern: re.Pattern[str], words: str) -> int | None:
    found = pattern.search(words)
    return next((int(number) for number in found.groups() if number), None) if found else None
