"""Live, recorded and replayed: what is sent, what is kept, and what is said of it."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import g4f_magic
from g4f_magic.answering.recording import cassette_at
from g4f_magic.chat import Chat
from g4f_magic.chunks import Chunk, Finish, Reasoning, Served, Text
from g4f_magic.errors import BrokenOffError, ChatError, InputError, MissError, RateLimitError
from g4f_magic.gateway import Gateway
from g4f_magic.providers import plugins
from g4f_magic.reply import ReplyText
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.patience import PATIENCE_SECONDS


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(ScriptEngine()) as gateway:
        yield gateway


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "a.chat.jsonl"


class Place:
    """Where chats are made, each as in a kernel of its own."""

    def __init__(self, gateway: Gateway, cassette: Path) -> None:
        self.gateway = gateway
        self.cassette = cassette

    def chat(self, mode: str, /, provider: str = "koala", **options: Any) -> Chat:
        cassette_at(self.cassette).begin_run()
        known = {"record_errors": options.pop("record_errors", False), "pace": options.pop("pace", "auto")}
        settings = Settings(mode=mode, cassette=str(self.cassette), history="off", engine="script", **known)
        if mode != "replay":
            options.setdefault("base_url", self.gateway.base_url + "/v1" * (provider == "openai"))
        return Chat(provider, settings=settings, **options)

    async def ask(self, mode: str, /, *prompts: str, **options: Any) -> list[ReplyText]:
        async with self.chat(mode, **options) as chat:
            return [await chat.ask(prompt) for prompt in prompts]

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.cassette.read_text().splitlines()]


@pytest.fixture
def place(gateway: Gateway, cassette: Path) -> Place:
    return Place(gateway, cassette)


async def chunks_of(chat: Chat, prompt: str) -> list[Chunk]:
    """Return the chunks, without the hosts: those are recorded nowhere."""
    async with aclosing(chat.stream(prompt)) as chunks:
        return [replace(chunk, via="") if isinstance(chunk, Served) else chunk async for chunk in chunks]


@pytest.mark.parametrize("provider", ["koala", "darkai", "freenetfly"])
async def test_what_is_recorded_is_replayed_chunk_by_chunk(place: Place, provider: str) -> None:
    async with place.chat("record", provider) as chat:
        live = await chunks_of(chat, "Hello")
    async with place.chat("replay", provider) as chat:
        assert await chunks_of(chat, "Hello") == live
    assert len(live) > 10


@pytest.mark.parametrize(("prompt", "kind"), [("!reasoning", Reasoning), ("Hello", Text), ("Hello", Finish)])
async def test_every_kind_of_chunk_is_replayed(place: Place, prompt: str, kind: type[Chunk]) -> None:
    async with place.chat("record", "openai") as chat:
        live = await chunks_of(chat, prompt)
    async with place.chat("replay", "openai") as chat:
        assert await chunks_of(chat, prompt) == live
    assert kind in {type(chunk) for chunk in live}


async def test_live_is_the_default_and_writes_nothing(place: Place, cassette: Path) -> None:
    (answer,) = await place.ask("live", "Hello")
    assert answer.turn.source == "live"
    assert not cassette.exists()


async def test_a_reply_says_which_it_was(place: Place) -> None:
    (recorded,) = await place.ask("record", "Hello")
    (replayed,) = await place.ask("replay", "Hello")
    assert (recorded.turn.source, replayed.turn.source) == ("live", "replayed")
    assert (replayed.provider, replayed.model) == (recorded.provider, recorded.model)


async def test_replay_sends_nothing_and_starts_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.ask("record", "Hello", "And you?")
    sent = len(place.gateway.requests)

    def refuse(*args: object) -> None:
        raise AssertionError("a socket was opened")

    async with place.chat("replay") as chat:
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket.socket, "bind", refuse)
        assert await chat.ask("Hello")
        assert await chat.ask("And you?")
        assert chat._session.gateway.running is None
    assert len(place.gateway.requests) == sent


async def test_replay_does_not_even_import_the_provider(place: Place, cassette: Path) -> None:
    await place.ask("record", "Hello")
    code = (
        "import sys; from g4f_magic import Chat\n"
        "print(Chat('koala').ask_sync('Hello').turn.source)\n"
        "print([name for name in sys.modules if name.endswith('.koala') or 'g4f_magic.gateway.' in name])\n"
    )
    environment = {
        "G4F_MAGIC_MODE": "replay",
        "G4F_MAGIC_CASSETTE": str(cassette),
        "G4F_MAGIC_HISTORY": "off",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environment,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert done.stdout.splitlines() == ["replayed", "[]"]


async def test_a_changed_prompt_is_a_miss_that_shows_the_difference(place: Place) -> None:
    await place.ask("record", "Something else", "Write a poem\nabout the sea.")
    with pytest.raises(MissError, match=r"a\.chat\.jsonl does not hold this request") as caught:
        await place.ask("replay", "Something else", "Write a poem\nabout the see.")
    assert "-about the sea.\n+about the see." in caught.value.hint
    assert "`%chat mode live`, or `%chat mode record`" in caught.value.hint
    with pytest.raises(MissError) as caught:
        await place.ask("replay", "Write a poem\nabout the see.", provider="auto")
    assert "provider" not in caught.value.hint  # what was recorded of koala answers who names nobody, too


async def test_a_miss_sends_nothing(place: Place) -> None:
    with pytest.raises(MissError, match="is not there"):
        await place.ask("replay", "Hello", base_url=place.gateway.base_url)
    assert not place.gateway.requests


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"provider": "darkai"}, "- provider: koala\n+ provider: darkai"),
        ({"temperature": 0.5}, "+ parameters: {'temperature': 0.5}"),
        ({"system": "Be brief."}, "- system: (none)\n+ system: Be brief."),
        ({"model": "gpt-4o"}, "+ model: gpt-4o"),
    ],
    ids=["provider", "parameters", "system", "model"],
)
async def test_another_request_is_a_miss_that_names_what_differs(
    place: Place, options: dict[str, Any], says: str
) -> None:
    await place.ask("record", "Hello")
    with pytest.raises(MissError) as caught:
        await place.ask("replay", "Hello", **options)
    assert says in caught.value.hint


async def test_another_turn_before_it_is_a_miss(place: Place) -> None:
    await place.ask("record", "One", "Two")
    with pytest.raises(MissError) as caught:
        await place.ask("replay", "Two")
    assert "after 2 messages" in caught.value.hint


async def test_what_is_recorded_again_does_not_unsettle_what_comes_after_it(place: Place) -> None:
    await place.ask("record", "One", "Two", "Three")
    before = place.cassette.read_bytes().splitlines()
    async with Gateway(ScriptEngine("Another answer")) as other:
        await place.ask("record", "One", base_url=other.base_url)
    after = place.cassette.read_bytes().splitlines()
    assert [one == two for one, two in zip(before, after, strict=True)] == [False, True, True]
    answers = await place.ask("replay", "One", "Two", "Three")
    assert answers[0] == "Another answer"


async def test_a_bounded_context_is_replayed(place: Place) -> None:
    await place.ask("record", "One", "Two", "Three", "Four", context_turns=1)
    answers = await place.ask("replay", "One", "Two", "Three", "Four", context_turns=1)
    assert [answer.turn.source for answer in answers] == ["replayed"] * 4
    with pytest.raises(MissError):
        await place.ask("replay", "One", "Two", "Three", "Four")


async def test_a_turn_before_it_that_was_not_recorded_counts_by_its_text(place: Place) -> None:
    async with place.chat("live") as chat:
        await chat.ask("Live")
        chat._session.settings.mode = "record"
        await chat.ask("Recorded")
        chat._session.settings.mode = "replay"
        chat.undo()
        with pytest.warns(UserWarning, match="replays for nobody else yet"):
            assert (await chat.ask("Recorded")).turn.source == "replayed"


async def test_identical_requests_at_once_are_replayed_in_the_order_in_which_they_were_asked(
    place: Place,
) -> None:
    pauses = iter((0.1, 0.05, 0.0))

    @g4f_magic.provider
    async def joker(messages: list[dict[str, Any]]) -> AsyncIterator[str]:
        pause = next(pauses)
        await asyncio.sleep(pause)
        yield f"after {pause}"

    try:
        for mode in ("record", "replay"):
            async with place.chat(mode, provider="joker", is_once=True) as chat:
                chat._options = replace(chat._options, base_url="")
                chat._session.settings.base_url = ""
                said = await asyncio.gather(*(chat.ask("A joke") for _ in range(3)))
                assert said == ["after 0.1", "after 0.05", "after 0.0"], mode
    finally:
        plugins.forget("joker")


async def test_identical_requests_are_replayed_in_their_order(place: Place) -> None:
    async with place.chat("record", is_once=True) as chat:
        for text in ("first", "second"):
            async with Gateway(ScriptEngine(text)) as other:
                chat._options = replace(chat._options, base_url=other.base_url)
                assert await chat.ask("Say something") == text
    async with place.chat("replay", is_once=True) as chat:
        assert [await chat.ask("Say something") for _ in range(2)] == ["first", "second"]
        with pytest.raises(MissError, match="holds this request 2 times, and it was asked once more"):
            await chat.ask("Say something")


async def test_auto_replays_what_is_held_and_records_the_rest(place: Place) -> None:
    await place.ask("record", "One")
    answers = await place.ask("auto", "One", "Two")
    assert [answer.turn.source for answer in answers] == ["replayed", "live"]
    answers = await place.ask("replay", "One", "Two")
    assert [answer.turn.source for answer in answers] == ["replayed", "replayed"]


async def test_a_cell_cannot_send_where_the_mode_is_replay(place: Place) -> None:
    async with place.chat("replay", base_url=place.gateway.base_url, mode="record") as chat:
        with pytest.raises(InputError, match="nothing is sent"):
            await chat.ask("Hello")
    assert not place.gateway.requests


async def test_one_chat_may_replay_where_the_mode_is_live(place: Place) -> None:
    await place.ask("record", "One")
    (answer,) = await place.ask("live", "One", mode="replay")
    assert answer.turn.source == "replayed"


@pytest.mark.parametrize("prompt", ["!429", "!error-event", "!cut-off", "!503"])
async def test_a_failure_is_recorded_only_if_wanted(place: Place, prompt: str) -> None:
    with pytest.raises(ChatError):
        await place.ask("record", prompt)
    assert not place.cassette.exists()


@pytest.mark.parametrize("prompt", ["!401", "!error-event", "!cut-off", "!empty"])
async def test_a_recorded_failure_fails_as_it_did(place: Place, prompt: str) -> None:
    turns, errors = [], []
    for mode in ("record", "replay"):
        async with place.chat(mode, "openai", record_errors=True) as chat:
            with pytest.raises(ChatError) as caught:
                await chat.ask(prompt)
            errors.append(caught.value)
            turns.append(chat.turns[-1])
    assert type(errors[0]).__name__ == type(errors[1]).__name__
    assert (turns[0].status, turns[0].reply) == (turns[1].status, turns[1].reply)
    assert turns[1].source == "replayed"


async def test_a_recorded_rate_limit_says_how_long_to_wait(place: Place) -> None:
    for mode in ("record", "replay"):
        with pytest.raises(RateLimitError) as caught:
            await place.ask(mode, "!429", record_errors=True)
        assert caught.value.retry_after_seconds == 7


async def test_a_recorded_failure_names_no_host(place: Place) -> None:
    with pytest.raises(BrokenOffError):
        await place.ask("record", "!error-event", record_errors=True)
    assert "127.0.0.1" not in place.cassette.read_text()


async def test_a_reply_that_was_stopped_is_not_recorded(place: Place) -> None:
    async with place.chat("record") as chat:
        async with aclosing(chat.stream("!long 50")) as chunks:
            await anext(chunks)
        assert chat.turns[-1].status == "stopped"
    assert not place.cassette.exists()


async def test_a_file_that_cannot_be_written_is_an_error_before_anything_is_sent(place: Place) -> None:
    place.cassette = place.cassette.parent / "none" / "a.chat.jsonl"
    with pytest.raises(InputError, match="cannot be written"):
        await place.ask("record", "Hello")
    assert not place.gateway.requests


@pytest.mark.parametrize("mode", ["record", "replay", "auto"])
async def test_a_file_that_cannot_be_read_is_an_error_before_anything_is_sent(
    place: Place, mode: str
) -> None:
    place.cassette.write_text("<<<<<<< HEAD\n")
    with pytest.raises(InputError, match="line 1: it is the mark of a merge conflict"):
        await place.ask(mode, "Hello")
    assert not place.gateway.requests


async def test_without_a_notebook_s_name_it_says_how_to_name_the_file() -> None:
    async with Chat("koala", settings=Settings(mode="replay", history="off")) as chat:
        with pytest.raises(InputError, match="which notebook") as caught:
            await chat.ask("Hello")
    assert "G4F_MAGIC_CASSETTE" in caught.value.hint


async def test_the_notebook_s_name_says_where_it_lies(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "my analysis.ipynb"))
    async with Chat(
        "koala", settings=Settings(mode="record", history="off"), base_url=place.gateway.base_url
    ) as chat:
        await chat.ask("Hello")
    assert (tmp_path / "my analysis.chat.jsonl").exists()


@pytest.mark.heavy
async def test_real_pace_takes_the_recorded_time_and_fast_does_not(place: Place) -> None:
    async with Gateway(ScriptEngine("12345678", delay_seconds=0.15)) as slow:
        await place.ask("record", "Hello", base_url=slow.base_url)
    loop, taken = asyncio.get_running_loop(), {}
    for pace in ("fast", "real"):
        async with place.chat("replay", pace=pace) as chat:
            before = loop.time()
            await chat.ask("Hello")
            taken[pace] = loop.time() - before
    recorded = sum(piece[0] for piece in place.lines[0]["pieces"]) / 1000
    assert taken["real"] >= recorded - 0.01 > taken["fast"]


async def test_a_replay_tells_how_long_it_took_when_it_was_recorded(place: Place) -> None:
    await place.ask("record", "Hello")
    one, other = [(await place.ask("replay", "Hello"))[0].turn.seconds for _ in range(2)]
    assert one == other == sum(piece[0] for piece in place.lines[0]["pieces"]) / 1000


async def test_a_chain_is_replayed_with_who_answered(place: Place) -> None:
    (live,) = await place.ask("record", "Hello", provider="koala,darkai")
    (replayed,) = await place.ask("replay", "Hello", provider="koala,darkai")
    assert (replayed.provider, replayed.model) == (live.provider, live.model)


async def test_a_provider_of_a_notebook_s_own_is_recorded_and_replayed_without_it(place: Place) -> None:
    from g4f_magic.providers import plugins

    async def parrot(messages: Any) -> AsyncIterator[str]:
        for word in messages[-1]["content"].split():
            yield word + " "

    plugins.register("parrot", parrot)
    try:
        (live,) = await place.ask("record", "Polly wants a cracker", provider="parrot", base_url="")
    finally:
        plugins.forget("parrot")
    (replayed,) = await place.ask("replay", "Polly wants a cracker", provider="parrot")
    assert replayed == live == "Polly wants a cracker "


async def test_a_package_without_metadata_records(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from a zip, a copied folder, or PYTHONPATH: nothing is installed there."""
    monkeypatch.setattr(importlib.metadata.MetadataPathFinder, "find_distributions", lambda *_, **__: [])
    await place.ask("record", "Hello")
    assert place.lines[0]["by"] == f"g4f_magic {g4f_magic.__version__}"
