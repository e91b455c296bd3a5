"""How long a service asks us to wait, in every form that was seen, and in absurd ones."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.wire.error_words import words_in
from g4f_magic.wire.waiting import LONGEST_SECONDS, in_words, seconds_in_headers, seconds_in_words, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("26s", 26.0),
        ("1.5s", 1.5),
        ("350ms", 0.35),
        ("450µs", 0.00045),
        ("6m0s", 360.0),
        ("1m9.696s", 69.696),
        ("2h", 7200.0),
        ("1d2h", 93600.0),
        ("20 seconds", 20.0),
        ("-5", 0.0),
        ("-5s", 0.0),
        ("inf", LONGEST_SECONDS),
        ("1e300", LONGEST_SECONDS),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_SECONDS),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Fri, 31 Dec 2025 23:59:59 +9999", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0.0),
        ("2020-01-01T00:00:00Z", 0.0),
    ],
)
def test_each_form_is_a_number_of_seconds_within_bounds_or_nothing(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == (None if seconds is None else pytest.approx(seconds))


def test_a_date_is_from_now() -> None:
    found = seconds_of(format_datetime(datetime.now(UTC) + timedelta(seconds=90)))
    assert found is not None
    assert 60 < found <= 90
    moment = (datetime.now(UTC) + timedelta(seconds=90)).timestamp()
    for text in (str(int(moment)), str(int(moment * 1000))):
        assert 60 < (seconds_of(text) or 0) <= 90


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("Please try again in 1.5s.", 1.5),
        ("Please try again in 350ms.", 0.35),
        ("Please try again in 6m0s. Visit https://x", 360.0),
        ("Please retry after 20 seconds.", 20.0),
        ("Please retry in 41.2s.", 41.2),
        ("Please wait 41234 seconds before retrying.", 41234.0),
        ("Try again in 1 minute and 5 seconds", 65.0),
        ("Rate limit of 50 per 86400s exceeded", None),
        ("try again later", None),
        ("it took 5 seconds", None),
    ],
)
def test_a_sentence_tells_how_long(said: str, seconds: float | None) -> None:
    assert seconds_in_words(said) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "350", "retry-after": "1"}, 0.35),
        ({"x-ms-retry-after-ms": "1200"}, 1.2),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "6m0s"}, None),
        ({"x-ratelimit-reset": "12"}, 12.0),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_headers_tell_how_long(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_in_headers(headers) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ({"error": {"details": [{"retryDelay": "26s"}]}}, 26.0),
        ({"error": "x is loading", "estimated_time": 20.0}, 20.0),
        ({"error": {"message": "slow", "retry_after": 3}}, 3.0),
        ({"error": {"message": "slow", "retry_after_ms": 1500}}, 1.5),
        ({"error": {"message": "slow", "retry_after": True}}, None),
        ({"error": {"message": "slow", "retry_after": {"a": 1}}}, None),
    ],
)
def test_a_body_tells_how_long(value: object, seconds: float | None) -> None:
    assert words_in(value).retry_after_seconds == (None if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=80) | st.from_regex(r"-?[0-9]{0,30}(\.[0-9]+)?(ms|s|m|h|d)?", fullmatch=True))
def test_whatever_comes_is_bounded(text: str) -> None:
    for found in (
        seconds_of(text),
        seconds_of(text, is_milliseconds=True),
        seconds_in_words(f"retry in {text}"),
    ):
        assert found is None or (math.isfinite(found) and 0 <= found <= LONGEST_SECONDS)


@pytest.mark.parametrize(
    ("seconds", "words"), [(7, "7 s"), (99.4, "99 s"), (777.6, "13 min"), (41234, "11 h"), (10**6, "12 days")]
)
def test_a_wait_is_told_as_a_person_would(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-requests-day": "0", "x-ratelimit-reset-requests-day": "33011.4"}, 33011.4),
        ({"x-ratelimit-remaining-requests-day": "9", "x-ratelimit-reset-requests-day": "33011.4", "x-ratelimit-remaining-tokens-minute": "0", "x-ratelimit-reset-tokens-minute": "11.4"}, 11.4),
        ({"ratelimit": '"api";r=0;t=55', "ratelimit-policy": '"fixed window";"api";q=500;w=300'}, 55.0),
        ({"ratelimit": '"minute";r=4;t=27, "day";r=0;t=400'}, 400.0),
        ({"ratelimit": '"minute";r=4;t=27'}, None),
        ({"ratelimit": "limit=100, remaining=0, reset=50"}, 50.0),
        ({"ratelimit": "limit=100, remaining=7, reset=50"}, None),
        ({"ratelimit": "soon"}, None),
        ({"x-ratelimit-timeremaining": "37"}, 37.0),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "17"}, 17.0),
        ({"ratelimitbysize-remaining": "0", "ratelimitbysize-reset": "21"}, 21.0),
        ({"x-tokenlimit-remaining": "0", "x-tokenlimit-reset": "20", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "9"}, 20.0),
        ({"anthropic-priority-input-tokens-remaining": "0", "anthropic-priority-input-tokens-reset": "12s"}, 12.0),
        ({"anthropic-ratelimit-unified-status": "rejected", "anthropic-ratelimit-unified-reset": "40"}, 40.0),
        ({"retry-after": "7", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m"}, 7.0),
    ],
)  # fmt: skip
def test_what_is_used_up_is_read_from_headers_of_any_spelling(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert seconds_in_headers(headers) == seconds


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"error": {"message": "x", "resets_in_seconds": 90}}, 90.0),
        ({"error": {"message": "x", "reset_at": "2020-01-01T00:00:00Z"}}, 0.0),
        ({"error": {"message": "x", "reset_at": 5}}, None),
    ],
)
def test_a_moment_in_a_body_is_read(body: dict[str, object], seconds: float | None) -> None:
    assert words_in(body).retry_after_seconds == seconds
