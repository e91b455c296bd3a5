"""What a person sees of what services really send: a real kernel, real HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.contract.providers.openai_server import Server, delta, events
from tests.kernel.kernels import Kernel, Ran, kernel

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALOUD = (
    '<think>\nfirst idea:\n```python\nprint("draft")\n```\n</think>\nHere:\n```python\nprint("final")\n```'
)
SAID = 'Here:\n```python\nprint("final")\n```'


@asynccontextmanager
async def served(*texts: str, finish: Any = "stop", **more: Any) -> AsyncIterator[str]:
    """Serve a reply in these pieces, and give the options that ask for it."""
    body = events(*map(delta, texts), {**delta(None, finish), **more})
    async with Server(body).running() as address:
        yield f"-p openai --base-url {address}/v1 -m asked"


async def asked(chat: Kernel, options: str, more: str = "") -> Ran:
    return await chat.run(f"%%chat {options} {more}\nHello")


async def test_what_is_thought_aloud_is_folded_and_nowhere_else(chat: Kernel) -> None:
    async with served(*(ALOUD[at : at + 3] for at in range(0, len(ALOUD), 3))) as options:
        ran = await asked(chat, options, "--out said")
    assert ran.status == "ok"
    assert ran.reply == SAID
    folded = re.search(r"<details.*?</details>", ran.html, re.DOTALL)
    assert folded is not None
    assert "draft" in folded[0]
    assert "draft" not in ran.html.replace(folded[0], "")
    assert await chat.value("str(said)") == repr(SAID)


async def test_only_the_code_of_the_reply_is_offered(chat: Kernel) -> None:
    async with served(ALOUD) as options:
        ran = await asked(chat, options, "--format code")
    assert ran.reply == 'print("final")'
    offers = [act["text"] for act in ran.payload if act["source"] == "set_next_input"]
    assert ['print("final")' in offer and "draft" not in offer for offer in offers] == [True]


async def test_json_after_thoughts_is_json(chat: Kernel) -> None:
    async with served("<think>{not json}</think>\n", '{"a": 1}') as options:
        assert (await asked(chat, options, "--format json")).status == "ok"


async def test_thoughts_that_only_ended_are_folded_at_the_end(chat: Kernel) -> None:
    async with served("Let me see.\n", "</think>\n\n", "Yes.") as options:
        ran = await asked(chat, options, "--out said")
    assert ran.reply == "Yes."
    assert "Let me see." in ran.html.partition("</details>")[0]
    assert "/think" not in ran.html
    assert await chat.value("str(said)") == "'Yes.'"


async def test_code_that_was_cut_is_not_offered(chat: Kernel) -> None:
    async with served("```python\nprint(1)\n```", finish="length") as options:
        ran = await asked(chat, options, "--format code")
    assert ran.status == "ok"
    assert "cut at the length limit" in ran.provenance
    assert [act for act in ran.payload if act["source"] == "set_next_input"] == []


@pytest.mark.parametrize(
    ("finish", "words"),
    [
        ("content_filter", "held back by the service's filter"),
        ("model_length", "cut at the length limit"),
        ("MAX_TOKENS", "cut at the length limit"),
        ({"type": "length"}, "cut at the length limit"),
        ("tool_calls", "asked for a tool"),
        ("weary", "ended with weary"),
    ],
)
async def test_an_end_that_is_not_plain_is_told(chat: Kernel, finish: Any, words: str) -> None:
    async with served("Hello", finish=finish) as options:
        ran = await asked(chat, options)
    assert ran.status == "ok"
    assert words in ran.provenance
    assert words in ran.html.replace("&#x27;", "'")


async def test_a_reply_that_its_service_broke_off_fails_the_cell_and_stays(chat: Kernel) -> None:
    async with served("Hello", finish="error") as options:
        ran = await asked(chat, options)
    assert ran.status == "error"
    assert ran.reply == "Hello"
    assert "broken off" in ran.provenance
    assert "the service broke the reply off (error)" in ran.error[0]


async def test_a_refusal_is_marked(chat: Kernel) -> None:
    async with Server(events(delta("", refusal="I will not."), delta(None, "stop"))).running() as address:
        ran = await asked(chat, f"-p openai --base-url {address}/v1 -m asked")
    assert (ran.status, ran.reply) == ("ok", "I will not.")
    assert "the model refused" in ran.provenance


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"tool_calls": [{"function": {"name": "get_weather"}}]}, "only a call of get_weather"),
        ({"images": ["data:image/png;base64,AA", "data:image/png;base64,BB"]}, "only 2 images"),
        ({"reasoning_content": "Hm"}, "thought and said nothing"),
    ],
)
async def test_what_came_in_place_of_words_is_named(chat: Kernel, said: dict[str, Any], words: str) -> None:
    async with Server(events(delta(None, **said), delta(None, "stop"))).running() as address:
        ran = await asked(chat, f"-p openai --base-url {address}/v1 -m asked")
    assert ran.status == "error"
    assert words in ran.error[0]


async def test_the_model_that_answered_is_named(chat: Kernel) -> None:
    async with served("Yes", model="anthropic/claude-x") as options:
        ran = await asked(chat, options, "--out said")
    assert "asked → anthropic/claude-x" in ran.provenance
    assert await chat.value("said.model") == "'anthropic/claude-x'"


PAGES = [
    {"url": "https://a.example/1", "title": "One <b>$x$</b> [t](javascript:alert(1))"},
    {"url": "javascript:alert(1)", "title": "Two"},
    {"url": "https://a.example/2?a=1&b='\"<", "title": "Three"},
    {"url": "https://a.example/3", "title": "Four"},
]


@pytest.mark.parametrize("format", ["markdown", "text", "code"])
async def test_the_pages_it_refers_to_are_links_under_the_reply(chat: Kernel, format: str) -> None:  # noqa: A002
    async with served("Yes [1]\n```python\n1\n```", search_results=PAGES) as options:
        ran = await asked(chat, options, f"--format {format}")
    hrefs = re.findall(r'href="([^"]*)"', ran.html)
    assert hrefs == ["https://a.example/1", "https://a.example/3"]
    assert "<b>" not in ran.html
    assert "[2] Four · https://a.example/3" in ran.plain
    assert ran.html.index("a.example/3") < ran.html.index("— live")


async def test_what_was_recorded_replays_with_its_pages_and_its_model(tmp_path: Path) -> None:
    file = tmp_path / "a.chat.jsonl"
    async with kernel(G4F_MAGIC_CASSETTE=str(file)) as one:
        await one.ok("%load_ext g4f_magic\n%chat mode record")
        body = events(*map(delta, ("Let me see.\n</think>\n", "Yes [1]")), {**delta(None, "length"), **MORE})
        async with Server(body).running() as address:
            live = await one.ok(f"%%chat -p openai --base-url {address}/v1 -m asked\nHello")
        await one.ok("%chat reset")
        await one.ok("%chat mode replay")
        again = await one.ok("%%chat -p openai -m asked\nHello")
    assert again.reply == live.reply == "Yes [1]\n\n[1] https://a.example/1"
    assert "asked → other" in again.provenance
    assert "cut at the length limit" in again.provenance
    assert "Let me see." in again.html.partition("</details>")[0]
    record = json.loads(file.read_text())
    assert (record["reply"], record["reasoning"]) == ("Yes [1]", "Let me see.\n")
    assert record["citations"] == [["https://a.example/1", ""]]


MORE = {"model": "other", "citations": ["https://a.example/1"]}


async def test_what_is_exported_holds_all_of_it_and_comes_back(tmp_path: Path) -> None:
    async with kernel(G4F_MAGIC_HISTORY=str(tmp_path / "history.db")) as one:
        await one.ok(f"%load_ext g4f_magic\n%cd -q {tmp_path}")
        async with served("Yes [1]", finish="content_filter", **MORE) as options:
            await one.ok(f"%%chat {options}\nHello")
        told = (await one.ok("%chat history")).plain
        await one.ok("%chat export a.md\n")
        await one.ok("%chat export a.ipynb")
        await one.ok("%chat reset\n")
        await one.ok("%chat import a.ipynb")
        await one.ok("%chat export b.jsonl")
    assert "asked → other · held back by the service's filter" in told
    assert "https://a.example/1" in told
    markdown = (tmp_path / "a.md").read_text()
    assert "1. <https://a.example/1>" in markdown
    assert "*held back by the service's filter*" in markdown
    assert "asked → other" in markdown
    notebook: Any = nbformat.read(tmp_path / "a.ipynb", as_version=4)
    assert 'href="https://a.example/1"' in notebook.cells[1].outputs[0].data["text/html"]
    assert "held back by the service's filter" in notebook.cells[1].outputs[0].data["text/plain"]
    turn = json.loads((tmp_path / "b.jsonl").read_text())
    assert (turn["reply"], turn["citations"]) == ("Yes [1]", [["https://a.example/1", ""]])
    assert (turn["answering_model"], turn["finish"]) == ("other", "content_filter")
