"""From a name to an answer: chains, keys and local servers, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from g4f_magic import Chat, settings
from g4f_magic.chunks import Notice, Served
from g4f_magic.errors import (
    BrokenOffError,
    InputError,
    MissingAuthError,
    ResponseStatusError,
    ServiceError,
    UnreachableError,
)
from g4f_magic.gateway import Gateway
from g4f_magic.settings import Settings
from g4f_magic.testing.script import SCRIPT_TEXT, ScriptEngine


class Street:
    """Services of one's own, each a server on loopback, by name."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stack = AsyncExitStack()
        self.houses: dict[str, Gateway] = {}

    async def build(
        self, name: str, behaviour: str = "plain", *, models: tuple[str, ...] = ("script",), more: str = ""
    ) -> Gateway:
        gateway = await self._stack.enter_async_context(
            Gateway(ScriptEngine(behaviour=behaviour, models=models))
        )
        self.houses[name] = gateway
        self.write(name, gateway.openai_base_url, more)
        return gateway

    def write(self, name: str, base_url: str, more: str = "") -> None:
        with self._file.open("a") as file:
            file.write(f'[{name}]\nbase_url = "{base_url}"\n{more}\n')

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    street = Street(tmp_path / "services.toml")
    yield street
    await street.close()


def chat(provider: str, base_url: str = "", **given: object) -> Chat:
    return Chat(provider, base_url=base_url, settings=Settings(history="off", **given))


@pytest.mark.parametrize(
    "behaviour", ["401", "402", "429", "500", "503", "504", "html", "empty", "nothing", "cut-off-before"]
)
async def test_the_next_of_a_chain_answers_for_one_that_does_not(street: Street, behaviour: str) -> None:
    await street.build("one", behaviour, more='model = "m"')
    await street.build("two", more='model = "m"')
    async with chat("one,two") as one:
        reply = await one.ask("Hello")
    assert reply == SCRIPT_TEXT
    assert reply.provider == "two"
    assert reply.turn.via.startswith("fallback after one (")
    assert reply.turn.model == "m"


async def test_a_service_that_is_not_there_gives_way(street: Street) -> None:
    street.write("gone", "http://127.0.0.1:9/v1")
    await street.build("two")
    async with chat("gone,two") as one:
        reply = await one.ask("Hello")
    assert (reply.provider, reply.turn.via) == ("two", "fallback after gone (no connection)")


async def test_a_silent_service_gives_way(street: Street) -> None:
    await street.build("mute", "silent", more='model = "m"')
    await street.build("two")
    async with chat("mute,two", timeout_seconds=0.3) as one:
        assert (await one.ask("Hello")).turn.via == "fallback after mute (silent)"


@pytest.mark.parametrize("behaviour", ["cut-off", "reset", "error-event", "no-end-mark"])
async def test_a_reply_that_breaks_off_is_kept_and_nobody_else_asked(street: Street, behaviour: str) -> None:
    await street.build("one", behaviour, more='model = "m"')
    two = await street.build("two")
    async with chat("one,two") as one:
        with pytest.raises((BrokenOffError, ServiceError)):
            await one.ask("Hello")
        turn = one.turns[0]
    assert (turn.status, turn.provider) == ("broken", "one")
    assert SCRIPT_TEXT.startswith(turn.reply)
    assert two.requests == []


async def test_where_all_fail_the_turn_names_them(street: Street) -> None:
    await street.build("one", "500", more='model = "m"')
    await street.build("two", "401", more='model = "m"')
    async with chat("one,two") as one:
        with pytest.raises(ServiceError, match=r"one \(HTTP 500\), two \(no valid key\)"):
            await one.ask("Hello")
        assert (one.turns[0].status, one.turns[0].provider) == ("failed", "one,two")


async def test_a_wrong_request_stays_with_the_first(street: Street) -> None:
    await street.build("one", "404", more='model = "m"')
    two = await street.build("two", more='model = "m"')
    async with chat("one") as alone, chat("two,one") as both:
        with pytest.raises(ResponseStatusError):
            await alone.ask("Hello")
        assert (await both.ask("Hello")).provider == "two"
    assert len(two.requests) == 1


async def test_only_the_last_of_a_chain_is_asked_again(street: Street, quick_retries: list[float]) -> None:
    one = await street.build("one", "503", more='model = "m"')
    two = await street.build("two", "503", more='model = "m"')
    async with chat("one,two") as both:
        with pytest.raises(ServiceError):
            await both.ask("Hello")
    assert (len(one.requests), len(two.requests)) == (1, 3)


async def test_each_of_a_chain_may_have_its_model(street: Street) -> None:
    await street.build("one", "500")
    two = await street.build("two")
    async with chat("one:a,two:b") as one:
        assert (await one.ask("Hello")).model == "b"
    assert two.requests[-1].chat.model == "b"


async def test_a_model_for_a_whole_chain_is_refused(street: Street) -> None:
    async with Chat("koala,darkai", model="gpt-4o", settings=Settings(history="off")) as one:
        with pytest.raises(InputError, match="--model and a chain"):
            await one.ask("Hello")


async def test_an_unknown_name_in_a_chain_is_refused_before_anything_is_sent(street: Street) -> None:
    first = await street.build("one")
    async with chat("one,kaola") as one:
        with pytest.raises(InputError) as caught:
            await one.ask("Hello")
    assert "Did you mean koala?" in caught.value.hint
    assert first.requests == []


async def test_a_chain_can_have_a_name(street: Street) -> None:
    await street.build("one", "500", more='model = "m"')
    await street.build("two", more='model = "m"')
    async with chat("work", chains={"work": "one, two"}) as one:
        assert (await one.ask("Hello")).provider == "two"


def test_a_chain_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("G4F_MAGIC_CHAINS", "work=groq,koala")
    assert Settings().chains == {"work": "groq,koala"}


async def test_moving_on_is_shown(street: Street) -> None:
    await street.build("one", "429", more='model = "m"')
    await street.build("two", more='model = "m"')
    async with chat("one,two") as one:
        chunks = [chunk async for chunk in one.stream("Hello")]
    assert "asking the next one" in next(chunk.text for chunk in chunks if isinstance(chunk, Notice))
    assert sum(isinstance(chunk, Served) for chunk in chunks) == 1


async def test_a_service_that_rests_is_not_asked(street: Street) -> None:
    busy = await street.build("busy", "429", more='model = "m"')
    await street.build("two", more='model = "m"')
    async with chat("busy,two") as one:
        await one.ask("Hello")
        reply = await one.ask("And again")
    assert reply.turn.via.startswith("fallback after busy (rests ")
    assert len(busy.requests) == 1


async def test_a_key_that_is_missing_is_said_before_anything_is_sent(street: Street) -> None:
    house = await street.build("locked", more='keys = ["LOCKED_KEY"]\nmodel = "m"')
    async with chat("locked") as one:
        with pytest.raises(MissingAuthError) as caught:
            await one.ask("Hello")
    assert caught.value.hint == "Set LOCKED_KEY, or run %chat login locked."
    assert house.requests == []


async def test_a_key_goes_to_its_service_and_nowhere_else(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKED_KEY", "opensesame")
    house = await street.build("locked", more='keys = ["LOCKED_KEY"]\nmodel = "m"')
    other = await street.build("other", more='model = "m"')
    elsewhere = Chat("locked", base_url=other.openai_base_url, settings=Settings(history="off"))
    async with chat("locked") as one, elsewhere:
        await one.ask("Hello")
        await elsewhere.ask("Hello")
    assert house.requests[-1].headers["authorization"] == "Bearer opensesame"
    assert "authorization" not in other.requests[-1].headers


async def test_a_key_in_an_env_file_beside_the_notebook_is_found(
    street: Street, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LOCKED_KEY=opensesame\n")
    await street.build("locked", more='keys = ["LOCKED_KEY"]\nmodel = "m"')
    async with chat("locked") as one:
        assert await one.ask("Hello") == SCRIPT_TEXT


async def test_a_server_of_this_machine_answers_with_its_first_model_that_chats(street: Street) -> None:
    here = await street.build("here", models=("nomic-embed-text", "llama", "qwen"), more="local = true")
    async with chat("here") as one:
        reply = await one.ask("Hello")
    assert (reply.model, here.requests[-1].chat.model) == ("llama", "llama")


async def test_a_server_of_this_machine_without_a_model_says_what_to_do(street: Street) -> None:
    await street.build("here", models=(), more='local = true\nadvice = "Get one."')
    async with chat("here") as one:
        with pytest.raises(InputError) as caught:
            await one.ask("Hello")
        assert one.turns[0].status == "failed"
    assert caught.value.hint == "Get one."


async def test_a_server_of_this_machine_that_does_not_run_says_how_to_start_it(street: Street) -> None:
    street.write("here", "http://127.0.0.1:9/v1", 'local = true\nadvice = "Start it."')
    async with chat("here") as one:
        with pytest.raises(Exception, match="refused") as caught:
            await one.ask("Hello")
    assert getattr(caught.value, "hint", "") == "Start it."


async def test_a_proxy_is_not_asked_for_what_runs_on_this_machine(street: Street) -> None:
    await street.build("here", more="local = true")
    async with chat("here", proxy="http://127.0.0.1:9") as one:
        assert await one.ask("Hello") == SCRIPT_TEXT


async def test_the_settings_chain_is_used_where_a_cell_names_nobody(street: Street) -> None:
    await street.build("one", "500", more='model = "m"')
    await street.build("two", more='model = "m"')
    async with Chat(settings=Settings(history="off", provider="one,two")) as one:
        assert (await one.ask("Hello")).provider == "two"


async def test_openais_own_variables_name_the_host_and_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Gateway(ScriptEngine()) as gateway:
        monkeypatch.setenv("OPENAI_BASE_URL", gateway.openai_base_url + "/")
        monkeypatch.setenv("OPENAI_API_KEY", "opensesame")
        async with chat("openai") as one:
            reply = await one.ask("Hello")
        assert gateway.requests[-1].headers["authorization"] == "Bearer opensesame"
        assert reply.turn.via == f"127.0.0.1:{gateway.port}"


@pytest.mark.parametrize("name", ["groq", "openai", "anthropic"])
async def test_any_preset_can_go_through_the_gateway(name: str) -> None:
    async with Chat(name, is_local=True, settings=Settings(history="off", engine="script")) as one:
        reply = await one.ask("Hello")
    assert (reply, reply.turn.via) == (SCRIPT_TEXT, "local gateway (script)")


@pytest.mark.parametrize("name", ["openai", "groq", "koala"])
async def test_the_gateway_of_a_cell_wins_over_the_host_of_the_settings(name: str) -> None:
    async with Gateway(ScriptEngine()) as other:
        settings = Settings(history="off", engine="script", base_url=other.openai_base_url)
        async with Chat(name, is_local=True, settings=settings) as one:
            reply = await one.ask("Hello")
            assert other.requests == []
            assert (reply, reply.turn.via) == (SCRIPT_TEXT, "local gateway (script)")


async def test_a_host_that_is_called_gateway_is_asked_through_the_proxy() -> None:
    settings = Settings(history="off", base_url="http://gateway.invalid/v1", proxy="http://127.0.0.1:9")
    async with Chat("openai", model="m", settings=settings) as one:
        with pytest.raises(UnreachableError, match="proxy"):
            await one.ask("Hello")
