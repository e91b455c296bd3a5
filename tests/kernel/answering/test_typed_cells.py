"""Cells with a typed reply, in a real kernel."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from tests.completions import Completions, completions
from tests.kernel.kernels import Kernel

pytestmark = pytest.mark.asyncio(loop_scope="module")

CLASSES = """
import dataclasses, enum, typing
class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"
@dataclasses.dataclass
class Review:
    mood: Mood
    why: str = ""
class Row(typing.TypedDict):
    mood: str
shape = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
"""


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[Completions]:
    async with completions() as server:
        yield server


def cell(server: Completions, options: str, prompt: str = "Judge it.") -> str:
    return f"%%chat -p {server.url} -m tiny {options}\n{prompt}"


@pytest.mark.parametrize(
    ("schema", "answer", "value"),
    [
        ('"label: good|bad, why: str"', '{"label": "good", "why": "so"}', "{'label': 'good', 'why': 'so'}"),
        ("Review", '{"mood": "bad", "why": "x"}', "Review(mood=<Mood.BAD: 'bad'>, why='x')"),
        ("Row", '{"mood": "x"}', "{'mood': 'x'}"),
        ("shape", '{"n": 3}', "{'n': 3}"),
        ('"good|bad"', '{"value": "bad"}', "'bad'"),
        ("Review --schema-many", '{"items": [{"mood": "good"}]}', "[Review(mood=<Mood.GOOD: 'good'>, why='')]"),
    ],
)  # fmt: skip
async def test_the_variable_is_the_value_with_its_turn(
    chat: Kernel, server: Completions, schema: str, answer: str, value: str
) -> None:
    await chat.ok(CLASSES)
    server.answer = answer
    for _ in range(2):
        ran = await chat.ok(cell(server, f"--schema {schema} -o x"), cell="one")
        assert await chat.value("x") == value
        assert await chat.value("x.turn.reply") == repr(answer)
    shown = re.findall(r"""<div>(?:"\w+": )?([^<>]+)</div>""", ran.html)
    assert shown == re.findall(r"""(?<=: )(?:"\w+"|\d+)""", answer)
    assert "tiny" in ran.provenance


async def test_a_member_of_an_enum_is_itself(chat: Kernel, server: Completions) -> None:
    await chat.ok(CLASSES)
    server.answer = '{"value": "good"}'
    await chat.ok(cell(server, "--schema Mood -o x"))
    assert await chat.value("x is Mood.GOOD") == "True"
    assert await chat.value("__import__('g4f_magic').Chat.current().last.reply") == repr(server.answer)


async def test_what_never_fits_fails_the_cell_and_keeps_the_text(chat: Kernel, server: Completions) -> None:
    server.answer = "I would rather not."
    ran = await chat.run(cell(server, '--schema "label: good|bad" -o x'))
    assert ran.status == "error"
    assert "UnfitReplyError" in "\n".join(ran.error)
    assert "it is not JSON" in "\n".join(ran.error)
    assert "I would rather not." in ran.plain
    assert await chat.value("str(x)") == "'I would rather not.'"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--schema Nowhere", "there is no Nowhere in the notebook"),
        ('--schema "label: strng"', "'strng' is not a type"),
        ("--schema-many", "there is none"),
        ("--schema dataclasses", "module is not a kind of schema"),
    ],
)
async def test_a_schema_that_cannot_be_sends_nothing(
    chat: Kernel, server: Completions, options: str, said: str
) -> None:
    await chat.ok(CLASSES)
    sent = len(server.bodies)
    ran = await chat.run(cell(server, options))
    assert ran.status == "error"
    assert said in "\n".join(ran.error)
    assert len(server.bodies) == sent


@pytest.mark.parametrize(
    ("format", "answer", "value"),
    [
        ("json", 'Here:\n```json\n[1, {"a": 2}]\n```', "[1, {'a': 2}]"),
        ("json", 'Here: [1, {"a": 2}], or not', None),
        ("json", '```json\n[1, {"a": 2}]\n```', "[1, {'a': 2}]"),
        ("code", "Here:\n```python\nx = 1\n```\nDone.", "'x = 1'"),
    ],
)
async def test_the_variable_holds_what_was_shown(
    chat: Kernel,
    server: Completions,
    format: str,  # noqa: A002
    answer: str,
    value: str | None,
) -> None:
    server.answer = answer
    ran = await chat.run(cell(server, f"-f {format} -o held"))
    assert ran.status == ("ok" if value else "error")
    assert await chat.value("held") == (value or repr(answer))


async def test_the_tree_grows_while_it_comes(chat: Kernel) -> None:
    has_grown = asyncio.Event()

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)

        async def say(text: str, reason: str | None = None) -> None:
            event = {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]}
            await response.write(f"data: {json.dumps(event)}\n\n".encode())

        await say('{"first": "alpha", "second": "be')
        await asyncio.wait_for(has_grown.wait(), 60)
        await say('ta"}')
        await say("", "stop")
        await response.write(b"data: [DONE]\n\n")
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()

    def look(message: dict[str, object]) -> None:
        html = json.dumps(message["content"])
        if "alpha" in html and "second" in html and "beta" not in html:
            has_grown.set()

    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    ran = await chat.run(f'%%chat -p {url} -m m --schema "first: str, second: str"\nGo.', on_message=look)
    assert ran.status == "ok", ran.error
    assert has_grown.is_set()
    assert json.loads(ran.reply) == {"first": "alpha", "second": "beta"}
    await runner.cleanup()


async def test_a_dry_run_shows_the_schema(chat: Kernel, server: Completions) -> None:
    sent = len(server.bodies)
    ran = await chat.ok(cell(server, '--schema "label: good|bad" --dry-run'))
    assert '"enum": ["good", "bad"]' in ran.plain
    assert len(server.bodies) == sent
