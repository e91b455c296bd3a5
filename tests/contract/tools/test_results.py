"""What goes back to the model: results, errors, pictures; and what does not."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import g4f_magic
from g4f_magic import Chat
from g4f_magic.settings import Settings
from g4f_magic.turn import ToolResult
from tests.contract.tools.serving import service
from tests.contract.tools.shop import lookup
from tests.contract.tools.streams import openai, words
from tests.optional import Optional

pyplot = Optional("matplotlib.pyplot")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"item": ', "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"item": 3}', "is not a string"),
        ("{}", "item is missing"),
        ('{"item": "tea", "more": 1}', "was not asked for"),
        ('{"item": NaN}', "not JSON"),
    ],
)
async def test_arguments_that_a_function_does_not_take_go_back_as_words(arguments: str, told: str) -> None:
    delta = {"index": 0, "id": "c", "function": {"name": "lookup", "arguments": arguments}}
    choice = {"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": "tool_calls"}
    asked = f"data: {json.dumps({'model': 'm', 'choices': [choice]})}\n\ndata: [DONE]\n\n"
    async with service([asked, words("Sorry.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("What does tea cost?", tools=[lookup])
    assert told in server.bodies[1]["messages"][-1]["content"]
    json.loads(server.bodies[1]["messages"][1]["tool_calls"][0]["function"]["arguments"])
    (result,) = (one for one in reply.turn.steps if isinstance(one, ToolResult))
    assert result.status == "refused"


async def test_an_error_goes_back_as_its_message() -> None:
    async with (
        service([openai([("lookup", {"item": "gold"})]), words("Unknown.")]) as server,
        Chat(server.url, model="m") as chat,
    ):
        await chat.ask("What does gold cost?", tools=[lookup])
    assert server.bodies[1]["messages"][-1]["content"] == "KeyError: 'gold'"


@g4f_magic.tool(asks=False)
def counted(most: int) -> Iterator[int]:
    """Count."""
    yield from range(most)


@g4f_magic.tool(asks=False)
async def counted_slowly(most: int) -> AsyncIterator[int]:
    """Count."""
    for one in range(most):
        yield one


@g4f_magic.tool(asks=False)
def counted_without_end(most: int) -> Iterator[int]:
    """Count."""
    yield from itertools.count(most)


@g4f_magic.tool(asks=False)
def broken(most: int) -> Iterator[int]:
    """Count."""
    yield most
    raise KeyError("lost")


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (counted, "[0, 1, 2]"),
        (counted_slowly, "[0, 1, 2]"),
        (counted_without_end, "ValueError: it yielded more than 10,000 values, and was ended"),
        (broken, "KeyError: 'lost'"),
    ],
)
async def test_what_a_generator_yields_goes_back_as_a_list(function: Any, told: str) -> None:
    calls = openai([(function.__name__, {"most": 3})])
    async with service([calls, words("Done.")]) as server, Chat(server.url, model="m") as chat:
        await chat.ask("Count", tools=[function])
    assert server.bodies[1]["messages"][-1]["content"] == told


@pytest.mark.parametrize("sees", [True, False])
async def test_a_picture_goes_along_where_the_server_says_that_the_model_sees(sees: bool) -> None:
    @g4f_magic.tool(asks=False)
    def draw() -> None:
        """Draw."""
        _, axes = pyplot.subplots(figsize=(2, 1))
        axes.plot([1, 2])

    before = pyplot.get_fignums()
    async with service([openai([("draw", {})]), words("A line.")]) as server:
        inputs = ["text", "image"] if sees else ["text"]
        server.tells = {"/v1/models": {"data": [{"id": "m", "architecture": {"input_modalities": inputs}}]}}
        async with Chat(server.url, model="m", settings=Settings(history="off")) as chat:
            reply = await chat.ask("Draw", tools=[draw])
    assert pyplot.get_fignums() == before  # the cell does not show it once more
    (result,) = (one for one in reply.turn.steps if isinstance(one, ToolResult))
    assert result.picture_address.startswith("data:image/png;base64,")
    last = server.bodies[1]["messages"][-1]
    assert (last["role"] == "user") is sees
    if sees:
        assert last["content"][1] == {"type": "image_url", "image_url": {"url": result.picture_address}}
    else:
        assert "what draw(...) drew" in last["content"]


async def test_a_secret_that_is_known_here_is_masked_wherever_a_function_says_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "sk-shop-4f9a8b7c6d5e4f3a2b1c"
    monkeypatch.setenv("SHOP_API_KEY", secret)

    @g4f_magic.tool(asks=False)
    def reveal() -> str:
        print("the key is", secret)
        return f"key={secret}"

    @g4f_magic.tool(asks=False)
    def fail() -> None:
        raise ValueError(f"wrong key {secret}")

    calls = openai([("reveal", {}), ("fail", {})])
    async with service([calls, words("Done.")]) as server, Chat(server.url, model="m") as chat:
        reply = await chat.ask("Reveal", tools=[reveal, fail])
    assert secret not in "".join(server.raw)
    assert secret not in repr(reply.turn)
    assert [one["content"] for one in server.bodies[1]["messages"][2:]] == [
        "key=***",
        "ValueError: wrong key ***",
    ]


@pytest.mark.parametrize("share", ["names", "schema"])
async def test_the_ceiling_of_sharing_holds_for_results(share: str) -> None:
    @g4f_magic.tool(asks=False)
    def rows() -> dict[str, str]:
        return {"name": "Ada Lovelace"}

    settings = Settings(history="off", share=share)
    streams = [openai([("rows", {})]), words("Done.")]
    async with service(streams) as server, Chat(server.url, model="m", settings=settings) as chat:
        await chat.ask("Who?", tools=[rows])
    assert "Ada" not in "".join(server.raw)
