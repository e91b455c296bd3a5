"""A real model in a real kernel: what a person sees, and Stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.kernel.kernels import Kernel, kernel
from tests.model.llama import Llama

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(llama: Llama) -> AsyncIterator[Kernel]:
    async with kernel(OPENAI_BASE_URL=llama.base_url, OPENAI_API_KEY=llama.key) as one:
        await one.ok("%load_ext g4f_magic")
        yield one


async def test_a_cell_shows_the_reply_and_the_models_own_name(shared: Kernel) -> None:
    ran = await shared.ok("%%chat -p openai --max-tokens 6 -o said\nSay hello.")
    assert ran.reply
    assert "SmolLM2" in ran.provenance
    assert "SmolLM2" in await shared.value("said.model")


async def test_a_schema_of_a_cell_is_kept(shared: Kernel) -> None:
    schema = '{"type":"json_schema","json_schema":{"name":"n","schema":{"enum":["yes","no"]}}}'
    await shared.ok(f"%%chat -p openai --once --param response_format='{schema}' -o said\nIs water wet?")
    assert await shared.value("str(said) in ('\"yes\"', '\"no\"')") == "True"


async def test_stop_ends_the_computation_and_the_next_cell_works(shared: Kernel, llama: Llama) -> None:
    identity = shared.send("%%chat -p openai --once --param ignore_eos=true --max-tokens 400\nSay hello.")
    running = asyncio.create_task(shared.finish(identity))
    await llama.until_busy()
    await shared.interrupt()
    ran = await running
    assert ran.status == "error"
    await llama.until_idle()
    assert (await shared.ok("%%chat -p openai --once --max-tokens 3\nSay hello.")).reply


async def test_a_conversation_that_is_too_long_fails_its_cell(shared: Kernel) -> None:
    ran = await shared.run("%%chat -p openai --once\n" + "word " * 1500)
    assert ran.status == "error"
    assert "too long" in " ".join(ran.error)


async def test_a_typed_reply_of_a_model_is_the_value(shared: Kernel) -> None:
    options = '--once --max-tokens 60 -t 0 -o judged --schema "label: positive|negative, stars: 1..5"'
    ran = await shared.ok(f"%%chat -p openai {options}\nThe soup was cold and the waiter rude.")
    assert await shared.value("judged['label'] in ('positive', 'negative'), 1 <= judged['stars'] <= 5") == (
        "(True, True)"
    )
    assert await shared.value("judged.turn.repaired, len(judged.turn.reply) > 10") == "('', True)"
    assert " tokens" in ran.provenance


async def test_many_of_a_class_come_from_a_model(shared: Kernel) -> None:
    await shared.ok("import enum\nclass Mood(enum.Enum):\n    GOOD = 'good'\n    BAD = 'bad'\n")
    schema = '{"type": "array", "items": {"enum": ["good", "bad"]}, "minItems": 1, "maxItems": 2}'
    await shared.ok(f"import json\nmoods = json.loads({schema!r})")
    await shared.ok(
        "%%chat -p openai --once --max-tokens 60 -t 0 -o found --schema moods\nOne word each: sun, rain."
    )
    assert await shared.value("1 <= len(found) <= 2 and {*found} <= {'good', 'bad'}") == "True"
    await shared.ok("%%chat -p openai --once --max-tokens 60 -t 0 -o mood --schema Mood\nHow is the sun?")
    assert await shared.value("isinstance(mood, Mood)") == "True"
