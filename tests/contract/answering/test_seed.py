"""`--seed`: from the line of a cell, and from code, to the service, the recording and the exported notebook."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic import Chat, providers
from g4f_magic.errors import InputError, MissError
from g4f_magic.files.runnable_notebook import to_notebook
from g4f_magic.gateway import Gateway
from g4f_magic.grammar import ChatLine
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine

DOCUMENTED = ("aura", "darkai", "freenetfly", "koala", "whiterabbitneo")


async def test_it_reaches_a_service_that_takes_parameters() -> None:
    async with Gateway(ScriptEngine()) as gateway:
        async with Chat("openai", base_url=gateway.openai_base_url, settings=Settings(history="off")) as chat:
            await chat.ask("Hello")
            chat._options = ChatLine(f"-p openai --seed 7 --base-url {gateway.openai_base_url}").options
            await chat.ask("Hello")
        sent = [request.chat.parameters for request in gateway.requests if request.chat.messages]
    assert "seed" not in sent[0]
    assert sent[1]["seed"] == 7


@pytest.mark.parametrize("name", DOCUMENTED)
async def test_who_takes_none_refuses_it_before_anything_is_sent(name: str) -> None:
    assert "seed" not in (providers.get(name).parameters or ())
    async with Gateway(ScriptEngine()) as gateway:
        async with Chat(name, base_url=gateway.base_url, seed=7, settings=Settings(history="off")) as chat:
            with pytest.raises(InputError, match="takes no parameter called 'seed'"):
                await chat.ask("Hello")
        assert gateway.requests == []


async def test_a_recording_is_of_one_seed(tmp_path: Path) -> None:
    cassette = str(tmp_path / "a.chat.jsonl")

    def chat(mode: str, seed: int | None) -> Chat:
        settings = Settings(mode=mode, cassette=cassette, history="off")
        return Chat("openai", base_url=gateway.openai_base_url, settings=settings, seed=seed)

    async with Gateway(ScriptEngine("Seven.")) as gateway:
        async with chat("record", 7) as one:
            reply = await one.ask("Hello")
            turns = one.turns
        async with chat("replay", 7) as one:
            assert await one.ask("Hello") == reply == "Seven."
        for other in (8, None):
            async with chat("replay", other) as one:
                with pytest.raises(MissError):
                    await one.ask("Hello")
    assert "--seed 7" in to_notebook(turns)


@pytest.mark.parametrize("text", ["seven", "7.5", ""])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--seed"):
        ChatLine(f"--seed '{text}'")
