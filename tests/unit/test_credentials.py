"""Where a key or a cookie may go."""

from __future__ import annotations

import pytest

from g4f_magic import credentials
from g4f_magic.credentials import OPENAI_HOST, OPENAI_KEY, is_host_of_variable, origin_of, origins_of

CORP = frozenset({"https://llm.corp.example"})


@pytest.mark.parametrize(
    ("urls", "origins"),
    [
        (["https://a.example/x", "/y"], {"https://a.example"}),
        (["/x"], set()),
        (["//elsewhere.example/x"], {""}),
        (["https://a.example", "//elsewhere.example/x"], {"https://a.example", ""}),
        ([""], set()),
    ],
)
def test_a_path_has_no_origin_and_a_host_without_a_scheme_a_doubtful_one(
    urls: list[str], origins: set[str]
) -> None:
    assert origins_of(urls) == origins


@pytest.mark.parametrize(
    ("host", "variables", "origins", "is_named"),
    [
        ("https://llm.corp.example/v1", (OPENAI_KEY,), CORP, True),
        ("https://llm.corp.example/v1", ("GROQ_API_KEY", OPENAI_KEY), CORP, True),
        ("https://llm.corp.example/v1", ("GROQ_API_KEY",), CORP, False),
        ("https://llm.corp.example/v1", (OPENAI_KEY,), frozenset({"https://other.example"}), False),
        ("https://llm.corp.example/v1", (OPENAI_KEY,), CORP | {"https://other.example"}, False),
        ("https://llm.corp.example/v1", (OPENAI_KEY,), frozenset(), False),
        ("", (OPENAI_KEY,), CORP, False),
        ("", (OPENAI_KEY,), frozenset(), False),
    ],
)
def test_the_environment_names_a_host_for_its_own_key_alone(
    host: str,
    variables: tuple[str, ...],
    origins: frozenset[str],
    is_named: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(OPENAI_HOST, host)
    assert is_host_of_variable(variables, origins) == is_named


@pytest.mark.parametrize("url", ["https://ann:secret@a.example/v1", "https://a.example/v1?key=secret"])
def test_a_url_that_may_hold_a_password_is_not_remembered(url: str) -> None:
    before = credentials._remembered.cache_info().misses
    origin_of(url)
    assert credentials._remembered.cache_info().misses == before
