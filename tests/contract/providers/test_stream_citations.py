"""Pages that a reply refers to, and who says that it answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.chunks import Citations, Named
from g4f_magic.messages import Citation
from g4f_magic.providers import get
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import HELLO, Server, chunks_of, delta, events
from tests.contract.providers.turns import turn_of, whole

CITED = {
    "type": "url_citation",
    "url_citation": {"url": "https://a.example/1", "title": "One", "start_index": 0},
}


ONE = Citation("https://a.example/1", "One")


TWO = Citation("https://a.example/2", "Two")


PAGES = [{"title": "One", "url": "https://a.example/1"}, {"title": "Two", "url": "https://a.example/2"}]


CITING: dict[str, dict[str, Any]] = {
    "search_results": {"search_results": PAGES},
    "citations beside them, in every chunk": {
        "citations": [one["url"] for one in PAGES],
        "search_results": PAGES,
    },
    "objects": {"citations": PAGES},
    "sources": {"sources": [{"name": one["title"], "link": one["url"]} for one in PAGES]},
    "Zhipu": {"web_search": [{"title": one["title"], "link": one["url"], "media": "A"} for one in PAGES]},
    "DashScope": {"search_info": {"search_results": PAGES}},
    "Gemini": {
        "groundingMetadata": {
            "groundingChunks": [{"web": {"uri": one["url"], "title": one["title"]}} for one in PAGES]
        }
    },
}


@pytest.mark.parametrize("case", CITING)
async def test_the_pages_a_reply_refers_to_are_kept_once_and_in_order(case: str) -> None:
    turn = await turn_of(
        events({**delta("Yes [1]"), **CITING[case]}, {**delta(None, "stop"), **CITING[case]})
    )
    assert turn.citations == (ONE, TWO)
    assert turn.reply == "Yes [1]"


async def test_annotations_are_citations() -> None:
    second = {"type": "url_citation", "url_citation": {"url": "https://a.example/2", "title": "Two"}}
    for body in (
        events(delta("Yes"), delta(None, "stop", annotations=[CITED, second, CITED])),
        json.dumps(whole({"content": "Yes", "annotations": [CITED, second]})).encode(),
    ):
        assert (await turn_of(body)).citations == (ONE, TWO)


async def test_what_darkai_found_is_cited() -> None:
    said = [
        {"event": "search-results", "data": {"results": PAGES}},
        {"event": "text-chunk", "data": {"text": "Yes"}},
        {"event": "stream-end"},
    ]
    async with Server(events(*said, end="")).running() as address:
        result = get("darkai").at(address).create_async_generator("", HELLO)
        assert Citations((ONE, TWO)) in [chunk async for chunk in result.chunks()]


async def test_only_pages_are_cited_and_not_without_bound() -> None:
    odd = [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://bank.example@a.example/",
        "https://a.example/\x1b]0;x",
        5,
        None,
        "[1]",
        "x" * 5000,
    ]
    many = [f"https://a.example/{number}" for number in range(500)]
    turn = await turn_of(events({**delta("Yes", "stop"), "citations": [*odd, *many]}))
    assert [one.url for one in turn.citations] == many[:100]
    long = {"url": "https://a.example/1", "title": "T" * 5000}
    (one,) = (await turn_of(events({**delta("Yes", "stop"), "citations": [long]}))).citations
    assert len(one.title) == 200


async def test_citations_are_not_sent_along() -> None:
    server = Server(events({**delta("Yes [1]", "stop"), "citations": ["https://a.example/1"]}))
    async with (
        server.running() as address,
        Chat("openai", settings=Settings(history="off"), base_url=f"{address}/v1", model="m") as chat,
    ):
        await chat.ask("Hello")
        await chat.ask("And?")
    assert "a.example" not in json.dumps(server.bodies[1])


NAMES = [
    ("openrouter/auto", "anthropic/claude-sonnet-4", "openrouter/auto → anthropic/claude-sonnet-4"),
    ("gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-2024-08-06"),
    ("gpt-4o", "gpt-4o", "gpt-4o"),
    ("gpt-4o", "openai/gpt-4o", "gpt-4o"),
    ("gpt-4", "gpt-4-turbo", "gpt-4 → gpt-4-turbo"),
    ("mistral-large-latest", "mistral-large-2411", "mistral-large-latest → mistral-large-2411"),
    ("m", "/home/me/models/smollm2.Q4_1.gguf", "m → smollm2.Q4_1.gguf"),
    ("m", "C:\\models\\smollm2.gguf", "m → smollm2.gguf"),
    ("llama3.2", "llama3.2:latest", "llama3.2"),
    ("m", "", "m"),
]


@pytest.mark.parametrize(("asked", "named", "shown"), NAMES)
async def test_the_services_own_name_of_the_model_is_shown(asked: str, named: str, shown: str) -> None:
    turn = await turn_of(
        events({**delta("Yes"), "model": named}, {**delta(None, "stop"), "model": named}), model=asked
    )
    assert " → ".join(turn.shown_models) == shown
    assert turn.model == asked


async def test_the_model_of_a_reply_is_the_one_that_answered() -> None:
    async with Server(events({**delta("Yes", "stop"), "model": "smollm2"})).running() as address:
        reply = await Chat(
            "openai", settings=Settings(history="off"), base_url=f"{address}/v1", model="gpt-4o-mini"
        ).ask("Hello")
    assert (reply.model, reply.turn.model) == ("smollm2", "gpt-4o-mini")


@pytest.mark.parametrize("name", [5, None, {"a": 1}, "  ", "\x1b[2J" * 100, "x" * 5000])
async def test_an_odd_name_is_bounded_and_steers_nothing(name: Any) -> None:
    chunks = await chunks_of(events({**delta("Yes", "stop"), "model": name}))
    named = [chunk.model for chunk in chunks if isinstance(chunk, Named)]
    is_name = isinstance(name, str) and not name.isspace()
    assert [len(one) <= 120 and one.isprintable() for one in named] == [True] * is_name
