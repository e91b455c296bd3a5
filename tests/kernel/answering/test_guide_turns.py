"""What the offline guide said is for the guide alone: no model is sent its pages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine
from tests.kernel.kernels import Kernel, Ran, kernel

pytestmark = pytest.mark.heavy

TO_THE_GUIDE = "%%chat -p koala --gateway"


@pytest.fixture
async def model() -> AsyncIterator[str]:
    """The options of a model on loopback that says what it was sent."""
    async with Gateway(ScriptEngine()) as gateway:
        yield f"-p openai -m echo --base-url {gateway.base_url}/v1"


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Kernel]:
    environment = {
        "G4F_MAGIC_ENGINE": "guide",
        "G4F_MAGIC_HISTORY": str(tmp_path / "history.sqlite"),
        "G4F_MAGIC_CASSETTE": str(tmp_path / "talk.chat.jsonl"),
        "JPY_SESSION_NAME": str(tmp_path / "talk.ipynb"),
    }
    async with kernel(**environment) as running:
        await running.ok("%load_ext g4f_magic", cell="load")
        yield running


def contents(ran: Ran) -> list[str]:
    return [message["content"] for message in json.loads(ran.reply)["messages"]]


async def test_a_model_is_sent_nothing_that_the_guide_said_and_that_is_told(one: Kernel, model: str) -> None:
    for cell in ("a", "b"):
        await one.ok(f"{TO_THE_GUIDE}\nHello", cell=cell)
    beforehand = (await one.ok("%chat context", cell="x")).plain
    assert "sends 4 messages" in beforehand  # the guide, if it is asked again
    assert "2 turns of the offline guide: a model is not sent these" in beforehand
    ran = await one.ok(f"%%chat {model}\n!echo c", cell="c")
    assert contents(ran) == ["!echo c"]
    assert "without 2 turns of the guide" in ran.provenance
    assert "after" not in ran.provenance
    assert contents(await one.ok(f"%%chat {model}\n!echo d", cell="d"))[::2] == ["!echo c", "!echo d"]
    shown = (await one.ok("%chat context", cell="x")).plain
    assert "sends 8 messages" in shown
    assert "to the offline guide (no model is connected)" in shown  # who is asked where a cell names nobody
    shown = (await one.ok(f"%%chat {model} --dry-run\nAnd then?", cell="x")).plain
    assert "would go 5 messages" in shown
    assert "2 turns of the offline guide: not sent to a model" in shown
    assert "after 4 turns" in (await one.ok(f"{TO_THE_GUIDE}\nAnd now?", cell="e")).provenance


async def test_a_chain_is_sent_nothing_of_the_guide_either(one: Kernel, model: str) -> None:
    await one.ok(f"{TO_THE_GUIDE}\nHello", cell="a")
    ran = await one.ok(
        f"%%chat {model.replace('-p openai -m echo', '-p openai:echo,groq')}\n!echo b", cell="b"
    )
    assert contents(ran) == ["!echo b"]


async def test_it_holds_after_a_restart_for_turns_that_were_kept(one: Kernel, model: str) -> None:
    await one.ok(f"{TO_THE_GUIDE}\nHello", cell="a")
    await one.restart()
    await one.ok("%load_ext g4f_magic", cell="load")
    assert "Hello" in (await one.ok("%chat history", cell="x")).plain
    assert contents(await one.ok(f"%%chat {model}\n!echo b", cell="b")) == ["!echo b"]


async def test_both_replay_as_they_were_recorded(one: Kernel, model: str) -> None:
    cells = {"a": f"{TO_THE_GUIDE}\nHello", "b": f"%%chat {model}\n!echo b", "c": f"{TO_THE_GUIDE}\nAgain"}
    await one.ok("%chat mode record", cell="m")
    recorded = [await one.ok(code, cell=cell) for cell, code in cells.items()]
    await one.ok("%chat mode replay", cell="m")
    await one.ok("%chat reset", cell="r")
    replayed = [await one.ok(code, cell=cell) for cell, code in cells.items()]
    assert [ran.reply for ran in replayed] == [ran.reply for ran in recorded]
    assert [ran.provenance.partition(" · after")[2] for ran in replayed] == ["", "", " 2 turns"]
    assert contents(replayed[1]) == ["!echo b"]
    await one.ok("%chat mode live", cell="m")
    assert "`%chat mode replay` shows them" in (await one.ok("%%chat\n1+1", cell="d")).reply
