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
_UNITS = {"ms": 0.001, "mi": 60.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = r"\d{1,12}(?:\.\d{1,12})?\s?(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])"
_PARTS = re.compile(r"(\d{1,12}(?:\.\d{1,12})?)\s?([a-z]+)", re.I)
_TOLD = re.compile(
    rf"(?:try(?:ing)?\s+again|retry(?:ing)?|wait(?:ing)?|available\s+again|resets?)\b[^\d.]{{0,32}}({_PART}(?:[\s,]{{0,2}}(?:and\s)?{_PART}){{0,3}})",
    re.I,
)
_DURATION = re.compile(rf"\s*-?(?:{_PART}\s?){{1,4}}", re.I)
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e9, 1e12
_MILLISECONDS = frozenset({"retry-after-ms", "x-ms-retry-after-ms", "retryafterms"})
_AFTER = ("retry-after-ms", "x-ms-retry-after-ms", "retry-after", "x-retry-after")
_RESETS = ("x-ratelimit-reset", "ratelimit-reset", "x-ratelimit-reset-after")
_LIMITS = ("requests", "tokens", "input-tokens", "output-tokens")
_KEYS = frozenset(
    {"retrydelay", "retryafter", "retryafterseconds", "retryafterms", "retryin", "estimatedtime", "waittime"}
)


def seconds_in_headers(headers: Mapping[str, str]) -> float | None:
    """Return what the headers ask for; they are known by lower-case names."""
    for name in _AFTER:
        if (found := seconds_of(headers.get(name, ""), is_milliseconds=name in _MILLISECONDS)) is not None:
            return found
    used_up = [
        seconds_of(headers.get(form.format(limit, "reset"), ""))
        for form in ("x-ratelimit-{1}-{0}", "anthropic-ratelimit-{0}-{1}")
        for limit in _LIMITS
        if headers.get(form.format(limit, "remaining"), "").strip() in ("0", "0.0")
    ]
    found = max(filter(None, used_up), default=None)
    return (
        found
        if found is not None
        else next(
            (seconds for name in _RESETS if (seconds := seconds_of(headers.get(name, ""))) is not None), None
        )
    )


def seconds_in_value(name: str, value: Any) -> float | None:
    """Return what one value of a JSON object asks for, its name without signs and capitals; None: it is another."""
    if name not in _KEYS or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return seconds_of(str(value)[:64], is_milliseconds=name in _MILLISECONDS)


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
        unit = unit.lower()
        total += float(number) * (_UNITS.get("ms" if unit[:5] in ("ms", "milli") else unit[0], 0.0))
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
