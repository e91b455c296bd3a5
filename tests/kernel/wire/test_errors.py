"""What went wrong and what to do, in a real kernel: two lines for every kind, and the next cell works."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web

from g4f_magic.causes import Cause
from tests.contract.providers.openai_server import delta, events
from tests.contract.wire.error_bodies import CASES
from tests.contract.wire.error_bodies import openai as said
from tests.kernel.kernels import Kernel
from tests.serving import served

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = {
    "anthropic: credit": ("RateLimitError", "No credit is left there; use another provider."),
    "gemini: key, JSON within JSON": ("MissingAuthError", "It wants a key, or another one: run %chat login "),
    "openai: insufficient_quota": ("RateLimitError", "No credit is left there; use another provider."),
    "groq: tokens a day": ("RateLimitError", "Try again in 13 min, or use another provider."),
    "openai: both": (
        "ResponseStatusError",
        "That is too long a reply for this model: ask for at most --max-tokens 8128.",
    ),
    "anthropic: prompt": ("ResponseStatusError", "The conversation is too long for this model"),
    "openai: temperature": ("ResponseStatusError", "This model does not take temperature as it was given"),
    "fastapi: field": (
        "ResponseStatusError",
        "Look at the parameter frequency_penalti: correct it, or leave it out.",
    ),
    "gemma: instruction": ("ResponseStatusError", "This model takes no system message"),
    "openai: no model": ("ResponseStatusError", "Is the model's name right?"),
    "openrouter: no picture": ("ResponseStatusError", "This model does not see"),
    "openai: responses": (
        "ResponseStatusError",
        "This model does not chat, or only through another interface",
    ),
    "ollama: memory": ("ResponseStatusError", "That machine has too little memory for the model"),
    "gemini: location": (
        "ResponseStatusError",
        "The service does not answer requests from where this machine is",
    ),
    "cloudflare: errors": ("ResponseStatusError", "Your key or account may not do that there"),
    "azure: filter": ("ResponseStatusError", "The service's own filter refuses this content"),
    "gemini: overloaded": ("ResponseStatusError", "The service is overloaded."),
    "llama.cpp: loading": ("ResponseStatusError", "The model is still being loaded."),
    "nginx": ("ResponseStatusError", "The service failed. Try again, or use another provider."),
}


class Site:
    """Answers each path of a case's number as that case says, and every other one with a reply."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, object]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        name = request.match_info["name"]
        if name.isdigit():
            case = CASES[list(SHOWN)[int(name)]]
            return web.Response(status=case.status, body=case.sent)
        if name == "newer" and "max_tokens" in self.bodies[-1]:
            words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
            return web.json_response(said(words, "unsupported_parameter", param="max_tokens"), status=400)
        if name == "mute" and self.bodies[-1]["model"] == "riddle":
            return web.json_response({"error": {"message": '"riddle" does not support chat'}}, status=400)
        if name == "broken":
            body = events(delta("Hello"), end='event: error\ndata: {"message": "Overloaded"}\n\n')
        elif name == "bare":
            body = b'{"code":50000,"msg":"account balance not enough","data":null}'
        else:
            body = events(delta("Hello", "stop"))
        return web.Response(body=body, headers={"Content-Type": "text/event-stream"})

    async def list(self, request: web.Request) -> web.Response:
        names = ["nomic-embed-text", "riddle", "llama3.2"]
        return web.json_response({"data": [{"id": name, "object": "model"} for name in names]})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[tuple[Site, str]]:
    site = Site()
    app = web.Application()
    app.router.add_post("/{name}/v1/chat/completions", site.answer)
    app.router.add_get("/{name}/v1/models", site.list)
    async with served(app) as address:
        yield site, address


@pytest.mark.parametrize("name", SHOWN)
async def test_a_failure_is_two_lines_with_what_to_do(
    chat: Kernel, site: tuple[Site, str], name: str
) -> None:
    kind, hint = SHOWN[name]
    ran = await chat.run(f"%%chat -p openai -m m --base-url {site[1]}/{list(SHOWN).index(name)}/v1\nHello")
    assert ran.status == "error"
    assert len(ran.error) == 2
    assert ran.error[0].startswith(f"{kind}: 127.0.0.1:")
    assert CASES[name].words in ran.error[0]
    assert ran.error[1].startswith(hint)
    assert ran.stdout == ""
    again = await chat.ok(f"%%chat -p openai -m m --base-url {site[1]}/well/v1\nHello")
    assert again.reply == "Hello"


async def test_every_kind_is_shown_here() -> None:
    shown = {CASES[name].cause for name in SHOWN}
    assert shown | {Cause.NO_MODEL, Cause.NO_SERVICE, Cause.TIMED_OUT} == set(Cause)


async def test_an_error_in_the_stream_keeps_what_had_come(chat: Kernel, site: tuple[Site, str]) -> None:
    ran = await chat.run(f"%%chat -p openai -m m --base-url {site[1]}/broken/v1\nHello")
    assert ran.error[0] == "BrokenOffError: the service reported an error: Overloaded"
    assert ran.error[1].startswith("What had arrived is kept. The service is overloaded.")
    assert ran.reply == "Hello"


async def test_a_success_without_a_reply_says_why(chat: Kernel, site: tuple[Site, str]) -> None:
    ran = await chat.run(f"%%chat -p openai -m m --base-url {site[1]}/bare/v1\nHello")
    assert ran.error == [
        "ServiceError: the service reported an error: account balance not enough",
        "No credit is left there; use another provider.",
    ]


async def test_a_limit_is_sent_by_the_name_that_the_model_takes(chat: Kernel, site: tuple[Site, str]) -> None:
    ran = await chat.ok(f"%%chat -p openai -m o3 --max-tokens 9 --base-url {site[1]}/newer/v1\nHello")
    assert ran.reply == "Hello"
    assert site[0].bodies[-1]["max_completion_tokens"] == 9


async def test_the_line_under_the_reply_names_the_model_that_chats(
    chat: Kernel, site: tuple[Site, str]
) -> None:
    ran = await chat.ok(f"%%chat -p openai --base-url {site[1]}/mute/v1\nHello")
    assert ran.reply == "Hello"
    assert "llama3.2" in ran.provenance
    assert "riddle" not in ran.provenance
    assert "gpt-4o-mini" not in ran.provenance
