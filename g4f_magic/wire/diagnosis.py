"""What went wrong and what to do, from what a service said; its status decides only where the words do not. No I/O.

Source: the words are facts from public reports and documents of services, a table of kinds in all the spellings
that were met. Words are compared in lower case, without quotes, `-` and `_` as spaces, codes taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.wire import hints
from g4f_magic.wire.cause_patterns import FIRST
from g4f_magic.wire.error_words import ErrorWords
from g4f_magic.wire.lengths import is_conversation_too_long, room_for_reply
from g4f_magic.wire.refused_interfaces import wanted_interface
from g4f_magic.wire.refused_messages import wanted_form
from g4f_magic.wire.refused_parameters import is_about_stream, refused_parameter
from g4f_magic.wire.waiting import seconds_in_headers
from g4f_magic.wire.wider_cause_patterns import LAST

_AT_429 = frozenset(
    {Cause.LONG_CONVERSATION, Cause.NO_CREDIT, Cause.RATE_LIMITED, Cause.REGION, Cause.OVERLOADED}
)
_AT_401 = frozenset({Cause.NO_CREDIT, Cause.WRONG_KEY, Cause.REGION, Cause.PERMISSION})
_BY_STATUS: Mapping[int, Cause] = {
    401: Cause.WRONG_KEY,
    402: Cause.NO_CREDIT,
    403: Cause.PERMISSION,
    408: Cause.TIMED_OUT,
    413: Cause.LONG_CONVERSATION,
    424: Cause.FAILED,
    429: Cause.RATE_LIMITED,
    451: Cause.REGION,
    503: Cause.OVERLOADED,
    504: Cause.TIMED_OUT,
    522: Cause.TIMED_OUT,
    524: Cause.TIMED_OUT,
    529: Cause.OVERLOADED,
}
_OVERLOADED = dict(LAST)[Cause.OVERLOADED]
_QUOTES = re.compile(r"[\"'`“”‘’«»()*]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_PER_MINUTE = re.compile(r"per ?minute|perminute|per min\b|per second")
_PER_DAY = re.compile(r"per ?day|daily|limit: 0\b")
_APOSTROPHE = re.compile(r"(?<=[nN])['’]t\b")


def diagnose(words: ErrorWords, *, status: int = 0, headers: Mapping[str, str] | None = None) -> Diagnosis:
    """Return what the words of an error say; `headers` have lower-case names, `status` is 0 within a stream."""
    said = plain(words)
    asked = seconds_in_headers(headers or {})
    seconds = asked if asked is not None else words.retry_after_seconds
    refused = refused_parameter(words)
    is_own, room = room_for_reply(said)
    cause = _cause(said, status, seconds, _about(refused.name, room, is_reply=is_own))
    if cause is Cause.PARAMETER and refused.is_models:
        cause = Cause.MODELS_PARAMETER
    if cause not in (Cause.PARAMETER, Cause.MODELS_PARAMETER):
        refused = refused._replace(name="", instead="")
    return Diagnosis(
        cause=cause,
        hint=hints.hint_for(cause, said, seconds=seconds, room=room, parameter=refused.name) if cause else "",
        retry_after_seconds=seconds,
        parameter="stream" if is_about_stream(words) else refused.name,
        instead=refused.instead,
        form=wanted_form(words),
        interface=wanted_interface(said),
    )


def plain(words: ErrorWords) -> str:
    """Return words and codes in the form in which they are compared."""
    text = _CAMEL.sub(" ", _APOSTROPHE.sub(" not", words.text)).replace("_", " ").replace("-", " ")
    codes = " ".join(_CAMEL.sub(" ", code) for code in words.codes if code not in words.text)
    codes = re.sub(r"[_.:/-]", " ", codes)
    line = _THOUSANDS.sub("", _QUOTES.sub("", f"{text} | {codes}").lower())
    return " ".join(line.split())


def _about(parameter: str, room: int | None, *, is_reply: bool) -> Cause | None:
    """Return what numbers and parameters speak for: a number of tokens more clearly than a parameter."""
    if room:
        return Cause.LONG_REPLY
    if parameter:
        return Cause.PARAMETER
    return Cause.LONG_REPLY if is_reply else None


def _cause(said: str, status: int, seconds: float | None, about: Cause | None) -> Cause | None:
    if status == 402:
        return Cause.NO_CREDIT
    for cause, signs in FIRST:
        if not _fits(cause, status) or not signs.search(said):
            continue
        if cause is Cause.NO_CREDIT and _is_passing(said, seconds):
            return Cause.RATE_LIMITED
        if cause is Cause.RATE_LIMITED and seconds is None and _PER_DAY.search(said):
            return Cause.NO_CREDIT  # of today
        return cause
    if status in (401, 429):
        is_overloaded = status == 429 and _OVERLOADED.search(said)
        return Cause.OVERLOADED if is_overloaded else _BY_STATUS[status]
    if about is not None:
        return about
    if is_conversation_too_long(said):
        return Cause.LONG_CONVERSATION
    for cause, signs in LAST:
        if signs.search(said):
            return cause
    return _BY_STATUS.get(status, Cause.FAILED if status >= 500 and status not in (501, 505) else None)


def _fits(cause: Cause, status: int) -> bool:
    return cause in _AT_429 if status == 429 else status != 401 or cause in _AT_401


def _is_passing(said: str, seconds: float | None) -> bool:
    """Say whether "quota exceeded" means the minute's: Gemini writes of both in the same words."""
    if "insufficient" in said or _PER_DAY.search(said) or "credit" in said or "balance" in said:
        return False
    return bool(_PER_MINUTE.search(said)) or seconds is not None
