"""A model behind the gateway, played by a second gateway that speaks OpenAI's protocol."""

from __future__ import annotations

import json

import pytest

from g4f_magic.errors import InputError
from g4f_magic.gateway import Gateway, GuideEngine, UpstreamEngine, choose_engine
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.gateway.raw import ask, talk, text_in

ALL = ["koala", "darkai", "freenetfly", "aura", "whiterabbitneo", "openai"]


@pytest.fixture
def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "G4F_MAGIC_ENGINE", "G4F_MAGIC_UPSTREAM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("dialect", ALL)
async def test_the_models_reply_comes_through_in_every_dialect(dialect: str) -> None:
    async with (
        Gateway(ScriptEngine("größer 🦊")) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        reply = await ask(gateway, dialect)
    assert text_in(dialect, reply.body) == "größer 🦊"
    assert reply.ending == "whole"


async def test_the_conversation_and_its_parameters_arrive_there() -> None:
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hi"}]
    body = {"model": "", "messages": messages, "temperature": 0.2, "max_tokens": 9}
    async with (
        Gateway(ScriptEngine(models=("first", "second"))) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        await talk(gateway, "/v1/chat/completions", body)
        asked = model.requests[0].chat
    assert [message.to_json() for message in asked.messages] == messages
    assert (asked.model, asked.parameters["temperature"], asked.parameters["max_tokens"]) == ("first", 0.2, 9)


@pytest.mark.parametrize(
    ("given", "named", "asked"),
    [
        ("", "", "first"),
        ("own", "", "own"),
        ("", "second", "second"),
        ("own", "second", "second"),
        ("own", "gpt-4", "gpt-4"),  # it has several: it knows by itself
        ("", "gpt-4", "gpt-4"),
    ],
)
async def test_the_model_that_is_named_is_asked_else_the_given_one_else_the_first(
    given: str, named: str, asked: str
) -> None:
    body = {"model": named, "messages": [{"role": "user", "content": "Hi"}]}
    async with (
        Gateway(ScriptEngine(models=("first", "second"))) as model,
        Gateway(UpstreamEngine(model.openai_base_url, given)) as gateway,
    ):
        reply = await talk(gateway, "/v1/chat/completions", body)
        assert model.requests[0].chat.model == asked
    assert json.loads(reply.body)["model"] == asked
    assert reply.headers["x-g4f-model"] == asked


@pytest.mark.parametrize(
    ("given", "named", "asked"), [("", "gpt-4o-mini", "first"), ("own", "gpt-4o-mini", "own")]
)
async def test_an_old_protocols_model_is_a_matter_of_form(given: str, named: str, asked: str) -> None:
    body = {"input": "Hi", "inputHistory": [], "outputHistory": [], "model": named}
    async with (
        Gateway(ScriptEngine(models=("first", "second"))) as model,
        Gateway(UpstreamEngine(model.openai_base_url, given)) as gateway,
    ):
        reply = await talk(gateway, "/api/gpt/", body)
        assert model.requests[0].chat.model == asked
    assert reply.headers["x-g4f-model"] == asked


@pytest.mark.parametrize("given", ["", "own"])
async def test_a_model_that_is_not_there_is_not_replaced_by_another(given: str) -> None:
    own = given or "only"
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    async with (
        Gateway(ScriptEngine(models=(own,))) as model,
        Gateway(UpstreamEngine(model.openai_base_url, given)) as gateway,
    ):
        reply = await talk(gateway, "/v1/chat/completions", body)
        assert model.requests == []
    error = json.loads(reply.body)["error"]
    assert (reply.status, error["code"], error["param"]) == (404, "model_not_found", "model")
    assert own in error["message"]


async def test_a_model_that_was_loaded_since_is_found() -> None:
    engine = ScriptEngine(models=("one",))
    body = {"messages": [{"role": "user", "content": "Hi"}]}
    async with (
        Gateway(engine) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        await talk(gateway, "/v1/chat/completions", {**body, "model": "one"})
        engine._models = ("two",)
        reply = await talk(gateway, "/v1/chat/completions", {**body, "model": "two"})
    assert json.loads(reply.body)["model"] == "two"


async def test_an_alias_is_a_further_name_of_a_model() -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    async with (
        Gateway(ScriptEngine(models=("llama",))) as model,
        Gateway(UpstreamEngine(model.openai_base_url), aliases={"gpt-4o": "llama"}) as gateway,
    ):
        reply = await talk(gateway, "/v1/chat/completions", body)
        listed = await talk(gateway, "/v1/models", method="GET")
    assert json.loads(reply.body)["model"] == "llama"
    assert [model["id"] for model in json.loads(listed.body)["data"]] == ["llama", "gpt-4o"]


async def test_its_count_of_tokens_comes_through() -> None:
    async with (
        Gateway(ScriptEngine("a b c")) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        reply = await talk(
            gateway, "/v1/chat/completions", {"model": "", "messages": [{"role": "user", "content": "x y"}]}
        )
    assert json.loads(reply.body)["usage"]["completion_tokens"] == 3


@pytest.mark.parametrize(("behaviour", "status"), [("401", 401), ("429", 429), ("500", 500), ("504", 504)])
async def test_its_errors_keep_their_status(behaviour: str, status: int) -> None:
    async with (
        Gateway(ScriptEngine(behaviour=behaviour)) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        reply = await ask(gateway, "koala")
    assert reply.status == status


async def test_its_retry_after_comes_through() -> None:
    async with (
        Gateway(ScriptEngine(behaviour="429")) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        reply = await ask(gateway, "openai")
    assert reply.headers["retry-after"] == "7"


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize("behaviour", ["cut-off", "no-end-mark", "error-event"])
async def test_a_reply_that_broke_off_there_is_not_whole_here(dialect: str, behaviour: str) -> None:
    async with (
        Gateway(ScriptEngine(behaviour=behaviour)) as model,
        Gateway(UpstreamEngine(model.openai_base_url)) as gateway,
    ):
        reply = await ask(gateway, dialect)
    assert b"quick" in reply.body.replace(b'"', b"") or "quic" in reply.body.decode()
    assert reply.ending == "cut" or b"error" in reply.body
    assert b"[DONE]" not in reply.body
    assert b"stream-end" not in reply.body


@pytest.mark.parametrize(("dialect", "status"), [("koala", 502), ("aura", 500), ("darkai", 200)])
async def test_a_server_that_is_not_there_is_the_dialects_own_error(dialect: str, status: int) -> None:
    async with Gateway(UpstreamEngine("http://127.0.0.1:9/v1", "m")) as gateway:
        reply = await ask(gateway, dialect)
    assert reply.status == status
    assert "127.0.0.1:9" in reply.body.decode() + reply.status_line


async def test_its_label_names_model_and_host_and_no_password() -> None:
    engine = UpstreamEngine("http://me:hunter2@127.0.0.1:11434/v1", "llama3.2")
    assert engine.label == "llama3.2 at 127.0.0.1:11434"


@pytest.mark.usefixtures("no_variables")
async def test_auto_is_the_guide_where_nothing_else_is_there() -> None:
    engine = await choose_engine(Settings(engine="auto"), ollama="http://127.0.0.1:9/v1")
    assert isinstance(engine, GuideEngine)


@pytest.mark.usefixtures("no_variables")
async def test_auto_finds_an_ollama_that_has_a_model() -> None:
    async with Gateway(ScriptEngine(models=("llama3.2",))) as ollama:
        engine = await choose_engine(Settings(engine="auto"), ollama=ollama.openai_base_url)
        assert engine.label == f"llama3.2 at 127.0.0.1:{ollama.port}"


@pytest.mark.usefixtures("no_variables")
async def test_auto_passes_an_ollama_without_models_by() -> None:
    async with Gateway(ScriptEngine(models=())) as ollama:
        engine = await choose_engine(Settings(engine="auto"), ollama=ollama.openai_base_url)
    assert engine.name == "guide"


@pytest.mark.usefixtures("no_variables")
async def test_auto_takes_the_server_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    engine = await choose_engine(Settings(engine="auto"))
    assert engine.label == "127.0.0.1:9"


@pytest.mark.usefixtures("no_variables")
@pytest.mark.parametrize("name", ["guide", "script", "upstream", "Guide"])
async def test_an_engine_can_be_named(name: str) -> None:
    assert (await choose_engine(Settings(engine=name))).name == name.lower()


@pytest.mark.usefixtures("no_variables")
async def test_an_engine_that_does_not_exist_names_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        await choose_engine(Settings(engine="giude"))
    assert "Did you mean guide? There are auto, guide, local, upstream, script." in caught.value.hint


async def test_a_gateway_that_would_ask_itself_does_not_start() -> None:
    async with Gateway(ScriptEngine()) as other:
        port = other.port
    gateway = Gateway(UpstreamEngine(f"http://localhost:{port}/v1"), port=port)
    with pytest.raises(InputError, match="itself"):
        await gateway.start()
    assert not gateway.is_running
