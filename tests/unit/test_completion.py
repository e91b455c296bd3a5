"""What Tab offers, without a kernel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic import commands, grammar, providers, settings
from g4f_magic.completion import SUBCOMMANDS, Known, complete, offer
from g4f_magic.providers.catalogue import Catalogue
from g4f_magic.settings import Settings


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Known:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    catalogue = Catalogue(tmp_path / "models.json")
    catalogue.keep("https://api.groq.com/openai/v1", ["llama-a", "llama-b", "qwen"])
    return Known(
        settings=Settings(chains={"work": "groq,koala"}),
        catalogue=catalogue,
        conversations=lambda: ["main", "thoughts"],
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%%chat --prov", ["--provider"]),
        ("%%chat -p koa", ["koala"]),
        ("%%chat -p KOA", ["koala"]),
        ("%%chat --provider=koa", ["--provider=koala"]),
        ("%%chat -p wor", ["work"]),
        ("%%chat -p groq,koa", ["groq,koala"]),
        ("%%chat -p groq,wor", []),
        ("%%chat -p groq:ll", ["groq:llama-3.3-70b-versatile", "groq:llama-a", "groq:llama-b"]),
        ("%%chat -p koala,groq:qw", ["koala,groq:qwen"]),
        ("%%chat -p groq -m q", ["qwen"]),
        ("%%chat -m q", []),
        ("%%chat -p darkai -m gpt", ["gpt-3.5-turbo", "gpt-4o"]),
        ("%%chat -c t", ["thoughts"]),
        ("%%chat -f ", ["code", "html", "json", "markdown", "text"]),
        ("%%chat -t ", []),
        ("%%chat -s ", []),
        ("%chat prov", ["providers"]),
        ("%chat use koa", ["koala"]),
        ("%chat use groq,koa", ["groq,koala"]),
        ("%chat use groq qw", ["qwen"]),
        ("%chat models koa", ["koala"]),
        ("%chat switch th", ["thoughts"]),
        ("%chat doctor ", ["--online"]),
        ("%chat gateway st", ["start", "status", "stop"]),
        ("%chat help more ", []),
    ],
)
def test_it_offers_what_fits(known: Known, line: str, words: list[str]) -> None:
    assert complete(line, known) == words


def test_after_the_name_of_the_cell_come_all_options(known: Known) -> None:
    assert set(complete("%%chat ", known)) == set(grammar.options())


def test_every_provider_is_offered(known: Known) -> None:
    assert set(complete("%%chat -p ", known)) == {*providers.names(), "work"}


def test_every_mode_is_offered(known: Known) -> None:
    assert complete("%chat mode ", known) == ["auto", "live", "record", "replay"]


def test_every_subcommand_is_known() -> None:
    assert sorted(SUBCOMMANDS) == sorted(filter(None, commands.COMMANDS))


@pytest.mark.parametrize(
    ("line", "symbol", "words"),
    [
        ("%%chat -p groq,koa", "koa", ["koala"]),
        ("%%chat --provider=koa", "koa", ["koala"]),
        ("%%chat -p koa", "koa", ["koala"]),
        ("%%chat -c ", "", ["main", "thoughts"]),
    ],
)
def test_it_offers_the_part_that_ipython_replaces(
    known: Known, line: str, symbol: str, words: list[str]
) -> None:
    assert offer(line, symbol, known) == words


_LOADED = """
import sys
from g4f_magic.completion import Known, complete
from g4f_magic.settings import Settings
for line in ("%%chat -p ", "%%chat -p koala -m ", "%%chat -p groq -m ", "%%chat -f ", "%chat mode "):
    assert complete(line, Known(settings=Settings())), line
print(" ".join(name for name in ("aiohttp", "sqlite3", "markdown_it") if name in sys.modules))
"""


def test_nothing_heavy_is_loaded_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout == "\n"


@given(st.sampled_from(["%%chat", "%chat"]), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_line_is_an_error_and_all_that_is_offered_begins_with_what_stands_there(
    magic: str, rest: str
) -> None:
    line = f"{magic} {rest}"
    last = "" if line[-1:].isspace() else line.split()[-1]
    for word in complete(line, Known(settings=Settings())):
        assert word.lower().startswith(last.lower())
