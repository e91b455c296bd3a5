"""How long a service asks us to wait: in its headers, its JSON or its words. No I/O.

Whatever stands there gives a number of seconds between none and a month, or nothing: years far away, negative
numbers and NaN come from real services.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_SECONDS = 30 * 86400.0
_UNITS = {"us": 1e-6, "ms": 0.001, "mi": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = r"\d{1,12}(?:\.\d{1,12})?\s?(?:microseconds?|µs|us|milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])"
_PARTS = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s?([a-zµ]+)", re.I)
_TOLD = re.compile(
    rf"(?:try(?:ing)?\s+again|retry(?:ing)?|wait(?:ing)?|available\s+again|resets?)\b[^\d.]{{0,32}}({_PART}(?:[\s,]{{0,2}}(?:and\s)?{_PART}){{0,3}})",
    re.I,
)
_DURATION = re.compile(rf"\s*-?(?:{_PART}\s?){{1,4}}", re.I)
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e9, 1e12
_MILLISECONDS = frozenset({"retry-after-ms", "x-ms-retry-after-ms", "retryafterms"})
_AFTER = ("retry-after-ms", "x-ms-retry-after-ms", "retry-after", "x-retry-after")
_WHOLE = (
    *("x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-reset-after", "x-rate-limit-reset"),
    *("x-ratelimit-timeremaining", "anthropic-ratelimit-unified-reset"),
)
"""Moments that are of no one limit."""
_FIELD = re.compile(r"\b(remaining|reset|r|t)\s?=\s?(\d{1,12})")
_KEYS = frozenset(
    {"retrydelay", "retryafter", "retryafterseconds", "retryafterms", "retryin", "estimatedtime", "waittime"}
    | {"resetat", "resetsat", "resetsinseconds", "resetinseconds", "resetafterseconds"}
)
_MOMENTS = frozenset({"resetat", "resetsat"})


def seconds_in_headers(headers: Mapping[str, str]) -> float | None:
    """Return what the headers ask for; they are known by lower-case names."""
    for name in _AFTER:
        if (found := seconds_of(headers.get(name, ""), is_milliseconds=name in _MILLISECONDS)) is not None:
            return found
    used_up = [
        seconds_of(text)
        for name, text in headers.items()
        if "reset" in name and _is_used_up(headers.get(name.replace("reset", "remaining"), ""))
    ]
    found = max(filter(None, [*used_up, *_in_list(headers.get("ratelimit", ""))]), default=None)
    whole = (seconds_of(headers.get(name, "")) for name in _WHOLE)
    return found if found is not None else next((one for one in whole if one is not None), None)


def _is_used_up(remaining: str) -> bool:
    return remaining.strip() in ("0", "0.0")


def _in_list(text: str) -> list[float]:
    """Return the seconds of those limits that are used up in the one header that names them all.

    Two drafts of the standard: `"minute";r=0;t=27`, and `limit=10, remaining=0, reset=27` of a single one.
    """
    found = []
    for one in (text[:1000],) if "remaining" in text else text[:1000].split(","):
        fields = {name: float(number) for name, number in _FIELD.findall(one)}
        left, seconds = fields.get("remaining", fields.get("r")), fields.get("reset", fields.get("t"))
        found += [seconds] if seconds is not None and not left else []
    return found


def seconds_in_value(name: str, value: Any) -> float | None:
    """Return what one value of a JSON object asks for, its name without signs and capitals; None: it is another."""
    if name not in _KEYS or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)[:64]
    if name in _MOMENTS and text.isdecimal() and int(text) < _EPOCH_SECONDS:
        return None  # no moment since 1970 that may come again
    return seconds_of(text, is_milliseconds=name in _MILLISECONDS)


def seconds_in_words(text: str) -> float | None:
    """Return what a sentence asks for: "try again in 6m0s", "retry after 20 seconds"."""
    found = _TOLD.search(text)
    return _duration(found[1]) if found else None


def seconds_of(text: str, *, is_milliseconds: bool = False) -> float | None:
    """Return seconds from now, of a number, a duration ("1.5s", "6m0s"), a moment (since 1970) or a date."""
    text = text.strip()[:64]
    try:
        number = float(text)
    except ValueError:
        return _duration(text) if _DURATION.fullmatch(text) else _until(text)
    if is_milliseconds:
        return _bounded(number / 1000)
    if number > _EPOCH_SECONDS:
        moment = number / 1000 if number > _EPOCH_MILLISECONDS else number
        return _bounded(moment - datetime.now(UTC).timestamp())
    return _bounded(number)


def in_words(seconds: float) -> str:
    """Return a time as a person would say it: "26 s", "13 min", "5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def _duration(text: str) -> float | None:
    if text.startswith("-"):
        return 0.0
    total = 0.0
    for number, unit in _PARTS.findall(text):
        unit = unit.lower().replace("µs", "us")
        short = {"us": "us", "micro": "us", "ms": "ms", "milli": "ms"}.get(unit[:5], unit[0])
        total += float(number) * _UNITS.get(short, 0.0)
    return _bounded(total)


def _until(text: str) -> float | None:
    moment = None
    with suppress(ValueError, OverflowError, TypeError, IndexError):
        moment = parsedate_to_datetime(text)
    if moment is None:
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(text)
    if moment is None:
        return None
    try:
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return _bounded((moment - datetime.now(UTC)).total_seconds())
    except (ValueError, OverflowError):
        return None


def _bounded(seconds: float) -> float | None:
    if math.isnan(seconds):
        return None
    return min(max(0.0, seconds), LONGEST_SECONDS)
