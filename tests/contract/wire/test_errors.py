"""What went wrong and what to do: from what services send where they do not answer, over real HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.causes import Cause
from g4f_magic.errors import ChatError, MissingAuthError, RateLimitError
from g4f_magic.providers.openai import OpenAI
from g4f_magic.wire.diagnosis import diagnose
from g4f_magic.wire.error_words import SHOWN_CHARACTERS, ErrorWords, said_in, words_in
from tests.contract.conftest import raw_server
from tests.contract.providers.openai_server import Server, error_of, text_at
from tests.contract.wire.error_bodies import CASES, Case


@pytest.fixture(autouse=True)
def _quick(quick_retries: list[float]) -> None:
    """No case waits before its next try."""


@pytest.mark.parametrize("name", CASES)
async def test_the_words_the_cause_and_what_to_do_are_told(name: str) -> None:
    case = CASES[name]
    error = await error_of(case.sent, case.status)
    assert case.words in str(error)
    assert error.cause is case.cause
    assert case.hint in error.hint
    assert "SECRET TEXT" not in f"{error} {error.hint}"
    assert len(error._render_traceback_()) == 2


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.cause is Cause.WRONG_KEY])
async def test_a_wrong_key_is_one_whatever_its_status(name: str) -> None:
    error = await error_of(CASES[name].sent, CASES[name].status)
    assert isinstance(error, MissingAuthError)
    assert "%chat login" in error.hint


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.cause is Cause.NO_CREDIT])
async def test_no_credit_is_no_credit_whatever_its_status(name: str) -> None:
    case = CASES[name]
    error = await error_of(case.sent, case.status)
    assert isinstance(error, MissingAuthError if case.status == 401 else RateLimitError)
    assert "login" not in error.hint


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("iso-8859-1", "La clé est expirée"),
        ("gbk", "余额不足，请充值"),
        ("utf-16", "the widget is broken"),
        ("idna", "the widget"),
    ],
)
async def test_words_are_read_in_the_charset_that_the_headers_name(charset: str, words: str) -> None:
    body = json.dumps({"error": {"message": words}}, ensure_ascii=False)
    sent = body.encode("utf-8" if charset == "idna" else charset)
    error = await error_of(sent, 400, type=f"application/json; charset={charset}")
    assert words in str(error)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "error",
                    "errors",
                    "message",
                    "detail",
                    "msg",
                    "code",
                    "loc",
                    "metadata",
                    "raw",
                    "param",
                    "x",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(JSON, st.integers(0, 599))
def test_whatever_comes_is_one_short_line_and_a_diagnosis(value: Any, status: int) -> None:
    words = words_in(value)
    shown = words.shown()
    assert len(shown) <= SHOWN_CHARACTERS
    assert shown.isprintable()
    assert isinstance(diagnose(words, status=status).hint, str)


@given(st.text(max_size=400), st.text(max_size=20))
def test_a_text_without_json_is_its_own_words(text: str, code: str) -> None:
    if not set("{[<") & set(text) and "Traceback" not in text:
        assert words_in(text).text == " ".join(text.split())
    assert diagnose(ErrorWords(text, (code,))) is not None


def test_deep_and_wide_values_are_looked_at_within_bounds() -> None:
    deep: Any = "the end"
    for _ in range(5000):
        deep = {"error": deep}
    assert said_in(deep) == ""
    details = [{"message": "x y"}] * 1000
    wide = {"errors": [{"message": f"no {n}", "details": details} for n in range(100_000)]}
    assert said_in(wide).startswith("no 0; no 1")
    text = '{"error":' * 3000
    assert said_in(text) == ""
    within = json.dumps({"error": {"message": "at the bottom"}})
    for _ in range(8):
        within = json.dumps({"error": {"message": within}})
    assert said_in(json.loads(within)) in ("at the bottom", "")


@pytest.mark.parametrize(
    "sign",
    [
        "a",
        "1",
        " ",
        "(",
        "model ",
        "max tokens ",
        "1 ",
        "1 + ",
        "model\n",
        "try again ",
        "a_",
        "the a_b ",
        "'a",
    ],
)
def test_long_words_cost_no_more_than_their_length(sign: str) -> None:
    text = sign * (200_000 // len(sign))
    assert diagnose(words_in(text)) is not None
    assert diagnose(words_in({"error": {"message": text, "param": text, "code": text}})) is not None


def test_what_is_shown_is_inert_and_without_keys() -> None:
    key = "sk-proj-abcdefghijklmnop1234"
    shown = said_in({"error": {"message": f"bad\x1b[31m key {key} \u202e is not valid"}})
    assert key not in shown
    assert "\x1b" not in shown


def test_a_case_is_unlike_every_other() -> None:
    assert len({(case.status, case.sent) for case in CASES.values()}) == len(CASES)
    assert {case.cause for case in CASES.values()} >= set(Cause) - {
        Cause.NO_MODEL,
        Cause.NO_SERVICE,
        Cause.TIMED_OUT,
    }
    assert isinstance(next(iter(CASES.values())), Case)


def page(title: str) -> bytes:
    return f"<html><head><title>{title}</title></head><body></body></html>".encode()


@pytest.mark.parametrize(
    ("head", "body", "words", "hint"),
    [
        ("511 Network Authentication Required", page("Sign in"), "HTTP 511", "sign in, and try again"),
        ("403 Forbidden", page("ERROR: The requested URL could not be retrieved"), "could not be retrieved", "a proxy, a filter or a firewall"),
        ("403 Forbidden", b'{"error": "not for you"}', "not for you", "Your key or account"),
        ("403 Forbidden", b"error code: 1010", "error code: 1010", "whatever the key"),
        ("403 Forbidden", b'{"error_code": 1010, "cloudflare_error": true, "detail": "Blocked access based on your signature."}', "on your signature", "whatever the key"),
        ("403 Forbidden", b"error code: 1009", "error code: 1009", "from where this machine is"),
        ("302 Found\r\nLocation: https://a.cloudflareaccess.com/login/b?kid=1", b"", "HTTP 302", "a page to sign in (a.cloudflareaccess.com)"),
        ("303 See Other\r\nLocation: /oauth2/start?rd=1", b"", "HTTP 303", "a page to sign in (/oauth2/start?rd=1)"),
        ("530 <none>", page("a.example | 1033: Tunnel error"), "1033: Tunnel error", "The service failed"),
        ("521 <none>", b"error code: 521", "error code: 521", "The service failed"),
        ("429 Too Many Requests\r\nx-vercel-mitigated: challenge", page("Vercel Security Checkpoint"), "checks for a human", "Open the page in a browser"),
    ],
)  # fmt: skip
async def test_what_stands_between_is_told_from_the_service(
    head: str, body: bytes, words: str, hint: str
) -> None:
    sent = f"HTTP/1.1 {head}\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n".encode() + body
    async with raw_server(sent) as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(f"{address}/v1"))
    assert words in str(caught.value)
    assert hint in caught.value.hint


async def test_a_default_that_is_gone_is_told_as_the_default() -> None:
    class Dated(OpenAI):
        default_model = "m"

    body = json.dumps({"error": {"message": "The model `m` does not exist or you do not have access to it."}})
    async with Server(body.encode(), status=404, type="application/json").running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(Dated.at(f"{address}/v1"))
    assert caught.value.hint.startswith("m is the default, and gone there. Name another one: -m MODEL")
