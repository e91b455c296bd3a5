"""What Tab offers, without a kernel."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic import providers, settings
from g4f_magic.completion import Known, complete, offer
from g4f_magic.format_table import FORMATS
from g4f_magic.option_table import OPTIONS
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.settings import Settings
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Known:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    model_cache = ModelCache(tmp_path / "models.json")
    model_cache.keep("https://api.groq.com/openai/v1", ["llama-a", "llama-b", "qwen"])
    return Known(
        settings=Settings(chains={"work": "groq,koala"}),
        model_cache=model_cache,
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
        ("%%chat -p groq:ll", ["groq:llama-a", "groq:llama-b"]),
        ("%%chat -p groq:op", ["groq:openai/gpt-oss-120b"]),
        ("%%chat -p koala,groq:qw", ["koala,groq:qwen"]),
        ("%%chat -p groq -m q", ["qwen"]),
        ("%%chat -m q", []),
        ("%%chat -p darkai -m gpt", ["gpt-3.5-turbo", "gpt-4o"]),
        ("%%chat -c t", ["thoughts"]),
        ("%%chat -f ", sorted(one.name for one in FORMATS)),
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
        ("%chat help for", ["forget", "fork"]),
        ("%chat cassette ", ["check", "prune"]),
        ("%chat forget ", ["main", "thoughts", "--notebook", "--older", "--yes"]),
        ("%chat history -n ", []),
        ("%chat history --all ", ["-n"]),
        ("%chat panel -p groq,koa", ["groq,koala"]),
        ("%chat nothing ", []),
        ("%chat local ", ["pull"]),
        ("%chat connect --name mine gro", ["groq"]),
        ("%chat connect groq --name ", []),
        ("%chat restore -1 ", []),
        ("%chat undo ", []),
    ],
)
def test_it_offers_what_fits(known: Known, line: str, words: list[str]) -> None:
    assert complete(line, known) == words


def test_after_the_name_of_the_cell_come_all_options(known: Known) -> None:
    assert set(complete("%%chat ", known)) == {option.name for option in OPTIONS}


def test_every_provider_is_offered(known: Known) -> None:
    assert set(complete("%%chat -p ", known)) == {*providers.names(), "work"}


def test_every_mode_is_offered(known: Known) -> None:
    assert complete("%chat mode ", known) == ["auto", "live", "record", "replay"]


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
for line in ("%%chat -p ", "%%chat -p koala -m ", "%%chat -p groq -m ", "%%chat -f ", "%chat mode ", "%chat "):
    assert complete(line, Known(settings=Settings())), line
print(" ".join(name for name in ("aiohttp", "sqlite3", "markdown_it") if name in sys.modules))
"""


def test_nothing_heavy_is_loaded_for_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
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


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%%chat -w ro", ["rows"]),
        ("%%chat -w rows,@c", ["rows,@cells", "rows,@cells:above:"]),
        ("%%chat -w no", ["notes.md"]),
        ("%%chat --with=sub/i", ["--with=sub/inner.txt"]),
        ("%%chat -w su", ["sub/"]),
        ("%%chat -w 'rows|s", ["'rows|sample'", "'rows|schema'"]),
        ("%%chat -w _h", ["_hidden"]),
        ("%%chat -w nowhere/", []),
    ],
)
def test_with_offers_names_files_and_what_the_notebook_has(
    known: Known, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.txt").touch()
    assert complete(line, replace(known, variables=lambda: ["rows", "_hidden"])) == words
