"""Names from outside: which are listed, and that what Tab writes is read back as the same name."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic import Chat, commands, grammar, names, quoting
from g4f_magic.completion import Known, complete, offer
from g4f_magic.errors import InputError
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings
from tests.serving import served

HOSTILE = [
    "m-a\n!touch F",
    "m-a\r!touch F",
    "m-a\u2028!touch F",
    "m-a\x0b!touch F",
    "m-a\x85!touch F",
    "half \ud83d",
    "\x1b]0;pwned\x07",
    "m\u202etxt",
    "--out=x",
    "-m",
    "",
    " ",
    " m",
    "m" * 100_000,
    "m" * 257,
]
STRANGE = [
    "my model",
    "it's",
    'the "best"',
    "{{x}}",
    "$HOME",
    "a\\b",
    "a\\ b",
    "a\\",
    "a`b`",
    "x?",
    "a;b!c",
    "'",
    "\\'",
    "a=b",
    "日本語 模型",
    "👩\u200d🔬",
    "m" * 256,
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: ascii(name)[:20])
def test_what_can_be_no_name_is_not_listed(name: str) -> None:
    assert names.listed(["a", name, "b"]) == ["a", "b"]


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_only_strange_is(name: str) -> None:
    assert names.listed([name, name]) == [name]


def test_a_list_is_bounded() -> None:
    assert len(names.listed(map(str, range(1_000_000)))) == names.MOST_LISTED


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_word_is_read_back(word: str) -> None:
    assert grammar.split(quoting.quote(word)) == [word]
    assert grammar.split(f"a {quoting.quote(word)} b") == ["a", word, "b"]


@given(st.lists(st.text("a'\" \\-=", max_size=5), max_size=4))
def test_what_is_begun_agrees_with_what_is_read(words: list[str]) -> None:
    line = " ".join(words)
    before, last, written = grammar.begun(line)
    assert line.endswith(written)
    try:
        whole = grammar.split(line)
    except ValueError:
        return
    assert [*before, *([last] if written else [])] == whole


@pytest.fixture
def known(tmp_path: Path) -> Known:
    model_cache = ModelCache(tmp_path / "models.json")
    model_cache.keep("https://api.groq.com/openai/v1", [*HOSTILE, *STRANGE])
    return Known(settings=Settings(), model_cache=model_cache, conversations=lambda: [*HOSTILE, *STRANGE])


@pytest.mark.parametrize(
    "start", ["%%chat -p groq -m ", "%%chat -p groq --model=", "%%chat -p groq:", "%%chat -c "]
)
@pytest.mark.parametrize("begun", ["", "m", "my\\ ", "'", '"', "'my m", "\\'", "a\\", "日"])
def test_what_is_offered_is_the_name_itself_and_one_line(known: Known, start: str, begun: str) -> None:
    head = (start + begun).removesuffix(grammar.begun(start + begun)[2])
    for word in complete(start + begun, known):
        assert word.lower().startswith(grammar.begun(start + begun)[2].lower())
        assert len((head + word).splitlines()) == 1
        options = grammar.ChatLine((head + word).removeprefix("%%chat")).options
        found = options.model or options.conversation or options.provider.partition(":")[2]
        assert found in {*STRANGE, "openai/gpt-oss-120b"} or not begun


def test_all_that_is_strange_is_offered(known: Known) -> None:
    offered = [grammar.split(word)[0] for word in complete("%%chat -c ", known)]
    assert sorted(offered) == sorted(STRANGE)


def test_a_name_with_a_blank_goes_on_after_it(known: Known) -> None:
    assert complete("%%chat -c my\\ m", known) == ["my\\ model"]
    assert offer("%%chat -c my\\ m", "m", known) == ["model"]
    assert complete("%%chat -c 'my m", known) == ["'my model'"]


def test_a_file_that_others_filled_is_read_by_the_same_rule(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    file.write_text(json.dumps({"https://a.example": {"at": 1.0, "models": [*HOSTILE, "m"]}}))
    assert ModelCache(file).known("https://a.example") == ["m"]


@pytest.fixture
async def listing() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=json.dumps({"data": [{"id": name} for name in [*HOSTILE, *STRANGE]]}))

    async with served(answer) as address:
        yield f"{address}/v1"


async def test_a_servers_list_is_read_by_the_same_rule(listing: str) -> None:
    assert await OpenAI.at(listing).list_models() == STRANGE


@pytest.mark.parametrize("name", [name for name in HOSTILE if name])
async def test_a_conversation_has_a_name_that_can_be_shown(name: str) -> None:
    async with Chat("koala", settings=Settings(history="off"), conversation=name) as chat:
        with pytest.raises(InputError, match="not a name"):
            await chat.ask("Hi")


async def test_a_list_shows_names_as_a_line_takes_them(
    listing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Chat("openai", settings=Settings(history="off", base_url=listing)) as chat:
        await commands.run("models openai --fresh", chat._session)
    shown = capsys.readouterr().out
    assert "my\\ model" in shown
    assert "pwned" not in shown
    assert "touch" not in shown
