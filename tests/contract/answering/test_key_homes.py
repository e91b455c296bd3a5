"""Which host a key is at home with, by its name and its address: whatever the spelling."""

from __future__ import annotations

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st
from yarl import URL

from g4f_magic.answering.sign_in import destination_of
from g4f_magic.commands import login
from g4f_magic.credentials import login_name, origin_of
from g4f_magic.providers.openai import OpenAI
from g4f_magic.subcommand import Given
from tests.examples import examples

KEY = "sk-official-0123456789abcdef"
HOME = "https://api.openai.com"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.openai.com/v1", HOME),
        ("https://API.OpenAI.com:443/v1?a=b#c", HOME),
        ("https://api.openai.com:444/v1", f"{HOME}:444"),
        ("http://api.openai.com/v1", "http://api.openai.com"),
        ("https://api.openai.com./v1", ""),
        ("https://me:password@api.openai.com/v1", ""),
        ("https://api.openai.com@evil.example/v1", ""),
        ("https://api.openai.com:443@evil.example/v1", ""),
        ("https://api.openai.com\\@evil.example/v1", ""),
        ("https://evil.example\\.api.openai.com/v1", ""),
        ("https://api.openai.com%2eevil.example/", ""),
        ("https://api.openai.com\t.evil.example/", ""),
        ("https://api.openai.com\n", ""),
        (" https://api.openai.com", ""),
        ("https://api.openai.com:0/v1", ""),
        ("https://api.openai.com:x/v1", ""),
        ("https:///v1", ""),
        ("//api.openai.com", ""),
        ("ftp://api.openai.com", ""),
        ("https://аpi.openai.com/v1", "https://xn--pi-6kc.openai.com"),
        ("https://api。openai。com/v1", None),
        ("http://[::1]:8080/v1", "http://[::1]:8080"),
        ("", ""),
    ],
)
def test_an_origin_has_one_spelling_and_no_doubt(url: str, origin: str | None) -> None:
    found = origin_of(url)
    assert found == origin if origin is not None else found in ("", HOME)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("llm.corp.example", "llm.corp.example"),
        ("LLM.corp.example:443/", "llm.corp.example"),
        ("https://llm.corp.example:8443/v1", "llm.corp.example:8443"),
        ("http://llm.corp.example/v1", "http://llm.corp.example"),
        ("localhost:8000", "localhost:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("groq", "groq"),
    ],
)
def test_a_login_names_the_host_that_its_key_is_for(words: str, name: str) -> None:
    assert login._name("login", Given((words,))) == name


def test_a_key_of_a_host_does_not_go_there_where_others_can_read_it() -> None:
    assert (
        login_name("http://llm.corp.example")
        not in destination_of(OpenAI.at("https://llm.corp.example"), "openai").names
    )
    assert destination_of(OpenAI.at("http://llm.corp.example/v1"), "openai").names == (
        "http://llm.corp.example",
    )


PARTS = (
    *(
        "https://",
        "http://",
        "HTTPS://",
        "api.openai.com",
        "API.openai.com",
        ".",
        "@",
        ":443",
        ":80",
        ":",
        "/",
        "//",
    ),
    *("\\", "evil.example", "v1", "#", "?", "%2e", " ", "\t", "。", "me:pw@", "[", "]", "xn--", "\0", "а"),
)


@examples(2000)
@given_any(
    st.lists(st.sampled_from(PARTS), max_size=7).map("".join)
    | st.text().map("https://api.openai.com".__add__)
)
def test_whatever_a_class_is_pointed_at_a_key_goes_home_alone(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPENAI_API_KEY", KEY)
        key = type("Moved", (OpenAI,), {"url": url}).key_for(None)
    if key:
        read = URL(url)
        assert (read.scheme, read.host, read.port, read.user) == ("https", "api.openai.com", 443, None)
