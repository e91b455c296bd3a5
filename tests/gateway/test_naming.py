"""Through the package's own gateway, a turn names the model that answered and no other."""

from __future__ import annotations

import pytest

from g4f_magic import Chat
from g4f_magic.errors import ResponseStatusError
from g4f_magic.gateway import Gateway
from g4f_magic.providers.naming import named_in, shown_name
from g4f_magic.settings import Settings
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine


@pytest.mark.parametrize("provider", ["koala", "darkai", "freenetfly", "aura", "openai", "groq"])
async def test_the_only_model_behind_the_gateway_answers_and_is_named(provider: str) -> None:
    async with Gateway(ScriptEngine(models=("org/llama",))) as model:
        settings = Settings(history="off", engine="upstream", upstream=model.openai_base_url)
        async with Chat(provider, is_local=True, settings=settings) as chat:
            reply = await chat.ask("Hello")
        assert model.requests[-1].chat.model == "org/llama"
    assert reply == SCRIPT_TEXT
    assert (reply.turn.answering_model or reply.turn.model) == "org/llama"


async def test_a_model_that_a_person_named_is_not_replaced() -> None:
    async with Gateway(ScriptEngine(models=("llama",))) as model:
        settings = Settings(history="off", engine="upstream", upstream=model.openai_base_url)
        async with Chat("openai", model="gpt-4o", is_local=True, settings=settings) as chat:
            with pytest.raises(ResponseStatusError) as caught:
                await chat.ask("Hello")
        assert model.requests == []
    assert "'llama'" in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("provider", ["koala", "darkai", "whiterabbitneo", "openai"])
async def test_the_guide_goes_by_its_own_name(provider: str) -> None:
    async with Chat(
        provider, is_local=True, settings=Settings(history="off", engine="guide", timeout_seconds=60)
    ) as chat:
        reply = await chat.ask("Hello")
    assert (reply.turn.answering_model or reply.turn.model) == "guide"


@pytest.mark.parametrize(
    ("header", "asked", "named"),
    [
        ("llama", "gpt-4o", ["llama"]),
        ("llama", "llama", []),
        ("mod%C3%A8le/%CE%B2", "m", ["modèle/β"]),
        ("/home/me/models/llama.gguf", "m", ["llama.gguf"]),
        ("", "m", []),
        ("a%0D%0Ab%1B[31m", "m", ["a b␛[31m"]),
        ("x" * 500, "m", ["x" * 119 + "…"]),
        ("llama", {"id": "llama"}, []),
        ("llama", None, ["llama"]),
    ],
)
def test_a_name_in_a_header_is_told_where_it_is_another(header: str, asked: object, named: list[str]) -> None:
    found = named_in({"X-G4F-Model": header}, {"model": asked})
    assert [one.model for one in found] == named


@pytest.mark.parametrize("model", [None, 7, "", "  \n", {"id": "x"}])
def test_what_is_no_name_is_not_shown(model: object) -> None:
    assert shown_name(model) == ""
