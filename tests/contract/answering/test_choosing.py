"""Which model answers where none is named, over real HTTP: services, hosts of one's own, the gateway, a chain."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from g4f_magic import Chat, settings
from g4f_magic.answering.availability import of_providers
from g4f_magic.causes import Cause
from g4f_magic.chunks import Notice
from g4f_magic.doctor import examine
from g4f_magic.errors import ChatError, InputError
from g4f_magic.gateway import Gateway, GuideEngine, UpstreamEngine, choose_engine
from g4f_magic.panel.choices import model_choice
from g4f_magic.providers.openai import OpenAI
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import delta, events
from tests.serving import served


class Models:
    """A server with models, of which some do not chat; Ollama's and LM Studio's own lists besides."""

    def __init__(
        self, *names: str, mute: tuple[str, ...] = (), owner: str = "me", own: dict[str, Any] | None = None
    ) -> None:
        self._names, self._mute, self._owner, self._own = names, mute, owner, own or {}
        self.asked: list[str] = []
        self.status = 200

    async def list(self, request: web.Request) -> web.Response:
        entries = [{"id": name, "object": "model", "owned_by": self._owner} for name in self._names]
        return web.json_response({"object": "list", "data": entries}, status=self.status)

    async def other(self, request: web.Request) -> web.Response:
        answer = self._own.get(request.path)
        return web.json_response(answer) if answer is not None else web.Response(status=404)

    async def chat(self, request: web.Request) -> web.Response:
        model = (await request.json())["model"]
        self.asked.append(model)
        if model in self._mute:
            error = {
                "error": {"message": f'"{model}" does not support chat', "type": "invalid_request_error"}
            }
            return web.json_response(error, status=400)
        if model not in self._names:
            return web.json_response({"error": {"message": f"model '{model}' not found"}}, status=404)
        body = events(delta(f"I am {model}", "stop"))
        return web.Response(body=body, headers={"Content-Type": "text/event-stream"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/v1/models", self.list)
        app.router.add_post("/v1/chat/completions", self.chat)
        app.router.add_route("*", "/{path:.*}", self.other)
        async with served(app) as address:
            yield f"{address}/v1"


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    return tmp_path / "services.toml"


def chat(provider: str, base_url: str = "", **given: Any) -> Chat:
    return Chat(provider, base_url=base_url, settings=Settings(history="off", **given))


@pytest.mark.parametrize(
    ("names", "answers"),
    [
        (("nomic-embed-text", "llama3.2"), "llama3.2"),
        (("all-minilm", "bge-m3", "llama3.2"), "llama3.2"),
        (("dall-e-3", "whisper-1", "text-embedding-3-small", "qwen2.5"), "qwen2.5"),
        (("other", "gpt-4o-mini"), "gpt-4o-mini"),
    ],
)
@pytest.mark.parametrize("provider", ["openai", "ollama", "vllm", "lmstudio", "litellm", "groq"])
async def test_a_host_of_ones_own_is_asked_for_a_model_that_it_has(
    provider: str, names: tuple[str, ...], answers: str
) -> None:
    if answers == "gpt-4o-mini" and provider != "openai":
        answers = "other"
    server = Models(*names)
    async with server.running() as address, chat(provider, address) as one:
        reply = await one.ask("Hello")
    assert (reply, reply.turn.model) == (f"I am {answers}", answers)
    assert server.asked == [answers]


async def test_the_next_answers_where_the_first_does_not_chat_and_that_is_remembered() -> None:
    server = Models("riddle", "enigma", "llama", mute=("riddle", "enigma"))
    async with server.running() as address, chat("openai", address) as one:
        chunks = [chunk async for chunk in one.stream("Hello")]
        reply = await one.ask("And again")
    assert reply.turn.model == "llama"
    assert server.asked == ["riddle", "enigma", "llama", "llama"]
    assert sum("does not support chat" in chunk.text for chunk in chunks if isinstance(chunk, Notice)) == 2


async def test_no_more_than_three_models_are_tried() -> None:
    names = [f"riddle{n}" for n in range(9)]
    server = Models(*names, mute=tuple(names))
    async with server.running() as address, chat("openai", address) as one:
        with pytest.raises(ChatError, match="does not support chat") as caught:
            await one.ask("Hello")
    assert caught.value.cause is Cause.NOT_FOR_CHAT
    assert server.asked == names[:3]


async def test_a_model_that_the_person_named_is_asked_and_no_other() -> None:
    server = Models("riddle", "llama", mute=("riddle",))
    async with (
        server.running() as address,
        Chat("openai", model="riddle", base_url=address, settings=Settings(history="off")) as one,
    ):
        with pytest.raises(ChatError, match="does not support chat"):
            await one.ask("Hello")
    assert server.asked == ["riddle"]


async def test_a_server_without_a_list_is_asked_for_the_default() -> None:
    server = Models("gpt-4o-mini")
    server.status = 404
    async with server.running() as address, chat("openai", address) as one:
        assert await one.ask("Hello") == "I am gpt-4o-mini"


async def test_ollamas_own_lists_tell_what_chats_and_what_is_loaded() -> None:
    own = {
        "/api/tags": {
            "models": [
                {"name": "riddle", "details": {"family": "nomic-bert", "families": ["nomic-bert"]}},
                {"name": "llama", "details": {"family": "llama"}},
                {"name": "qwen", "details": {"family": "qwen2"}},
                {"name": "told", "capabilities": ["embedding"]},
            ]
        },
        "/api/ps": {"models": [{"name": "qwen"}]},
    }
    server = Models("riddle", "told", "llama", "qwen", owner="library", own=own)
    async with server.running() as address:
        assert await OpenAI.at(address).list_models() == ["qwen", "llama", "riddle", "told"]
        async with chat("openai", address) as one:
            assert await one.ask("Hello") == "I am qwen"


async def test_lm_studios_own_list_tells_what_chats_and_what_is_loaded() -> None:
    own = {
        "/api/v0/models": {
            "data": [
                {"id": "riddle", "type": "embeddings", "state": "loaded"},
                {"id": "llama", "type": "llm", "state": "not-loaded"},
                {"id": "qwen", "type": "vlm", "state": "loaded"},
            ]
        }
    }
    server = Models("riddle", "llama", "qwen", owner="organization_owner", own=own)
    async with server.running() as address, chat("openai", address) as one:
        assert await one.ask("Hello") == "I am qwen"


@pytest.mark.parametrize("own", [{}, {"/api/tags": [], "/api/ps": 5}, {"/api/tags": {"models": [{}]}}])
async def test_an_ollama_that_tells_nothing_more_is_asked_by_the_names(own: dict[str, Any]) -> None:
    server = Models("nomic-embed-text", "llama", owner="library", own=own)
    async with server.running() as address, chat("openai", address) as one:
        assert await one.ask("Hello") == "I am llama"


@pytest.mark.parametrize("dialect", ["koala", "openai"])
async def test_the_gateway_asks_a_model_that_chats_and_the_next_where_one_does_not(dialect: str) -> None:
    server = Models("nomic-embed-text", "riddle", "llama3.2", mute=("riddle",))
    async with server.running() as address, Gateway(UpstreamEngine(address)) as gateway:
        base_url = gateway.openai_base_url if dialect == "openai" else gateway.base_url
        async with chat(dialect, base_url) as one:
            assert await one.ask("Hello") == "I am llama3.2"
    assert "nomic-embed-text" not in server.asked


async def test_a_gateway_over_models_for_other_tasks_says_so() -> None:
    own = {
        "/api/tags": {"models": [{"name": "riddle", "capabilities": ["embedding"]}]},
        "/api/ps": {"models": []},
    }
    server = Models("riddle", owner="library", own=own)
    async with (
        server.running() as address,
        Gateway(UpstreamEngine(address)) as gateway,
        chat("koala", gateway.base_url) as one,
    ):
        with pytest.raises(ChatError, match="no model that chats: riddle"):
            await one.ask("Hello")
    assert server.asked == []


async def test_the_guide_answers_where_an_ollama_has_nothing_that_chats(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_BASE_URL", "G4F_MAGIC_ENGINE", "G4F_MAGIC_UPSTREAM"):
        monkeypatch.delenv(name, raising=False)
    async with Models("nomic-embed-text", "all-minilm").running() as address:
        assert isinstance(await choose_engine(Settings(engine="auto"), ollama=address), GuideEngine)


@pytest.mark.parametrize("names", [(), ("nomic-embed-text",)])
async def test_a_chain_moves_on_from_a_server_without_a_model(toml: Path, names: tuple[str, ...]) -> None:
    empty, full = Models(*names, mute=names), Models("llama")
    async with empty.running() as first, full.running() as second:
        toml.write_text(f'[one]\nbase_url = "{first}"\n[two]\nbase_url = "{second}"\n')
        async with chat("one,two") as both:
            reply = await both.ask("Hello")
    assert reply.provider == "two"
    assert reply.turn.via.startswith("fallback after one (no ")


@pytest.mark.parametrize("answer", ['{"hello": 1}', "[1]", "plain text", '{"detail": "Not Found"}'])
async def test_a_chain_moves_on_from_another_program_on_the_port(toml: Path, answer: str) -> None:
    async def whatever(request: web.Request) -> web.Response:
        return web.Response(text=answer, content_type="application/json")

    async with served(whatever) as first, Models("llama").running() as second:
        toml.write_text(f'[one]\nbase_url = "{first}/v1"\n[two]\nbase_url = "{second}"\n')
        async with chat("one,two") as both:
            assert (await both.ask("Hello")).provider == "two"


async def test_alone_a_server_without_a_model_says_what_to_do(toml: Path) -> None:
    async with Models().running() as address:
        toml.write_text(f'[one]\nbase_url = "{address}"\nadvice = "Load one."\n')
        async with chat("one") as one:
            with pytest.raises(InputError, match="no model") as caught:
                await one.ask("Hello")
    assert caught.value.hint == "Load one."


async def test_the_panel_and_the_doctor_know_which_models_chat(toml: Path) -> None:
    async with Models("nomic-embed-text", "llama").running() as full, Models("bge-m3").running() as other:
        toml.write_text(
            f'[one]\nbase_url = "{full}"\nlocal = true\n[two]\nbase_url = "{other}"\nlocal = true\n'
        )
        session = Session(Settings(history="off"))
        choice = await model_choice(session, "one")
        found = {one.name: one.model for one in await of_providers(session.services)}
        report = {one.provider: one.reached for one in (await examine(session)).findings}
        await session.aclose()
    assert (choice["names"], choice["default"]) == (["llama", "nomic-embed-text"], "llama")
    assert (found["one"], found["two"]) == ("llama", "no chat model is loaded")
    assert (report["one"], report["two"]) == ("yes, 2 models", "yes, but none of its 1 models chats")
