"""A real model whose chat template does not speak of functions: it is refused, on each of the ways to it."""

from __future__ import annotations

import pytest

import g4f_magic
from g4f_magic import Chat
from g4f_magic.errors import ChatError, InputError
from g4f_magic.settings import Settings
from tests.model.llama import Llama, missing

pytestmark = [pytest.mark.skipif(bool(missing()), reason=missing()), pytest.mark.timeout(300)]


@g4f_magic.tool(asks=False)
def lookup(item: str) -> int:
    """Look up a price."""
    return 3


async def test_a_file_without_functions_in_its_template_is_refused_before_it_is_asked() -> None:
    async with Chat("local", model="SmolLM2", settings=Settings(history="off")) as chat:
        with pytest.raises(InputError, match=r"SmolLM2.* takes no tools"):
            await chat.ask("What does tea cost?", tools=[lookup])


async def test_a_server_of_llama_cpp_says_so_of_its_model(llama: Llama) -> None:
    settings = Settings(history="off")
    chat = Chat("openai", base_url=llama.base_url, settings=settings, params={})
    async with chat:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("OPENAI_API_KEY", llama.key)
            patch.setenv("OPENAI_BASE_URL", llama.base_url)
            with pytest.raises(InputError, match="takes no tools: its server says"):
                await chat.ask("What does tea cost?", tools=[lookup])


async def test_the_gateway_refuses_functions_for_it() -> None:
    settings = Settings(history="off", engine="local", upstream_model="SmolLM2")
    async with Chat("openai", is_local=True, settings=settings) as chat:
        with pytest.raises(ChatError, match="tools"):
            await chat.ask("What does tea cost?", tools=[lookup])
