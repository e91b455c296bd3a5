"""Tokens and money under a reply, what was spent, and a budget that refuses before anything is sent."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from g4f_magic import Chat, commands
from g4f_magic.answering.budget import Spending, Tariff, metered
from g4f_magic.answering.service import Service
from g4f_magic.answering.services import tariff_of
from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Finish, Served, Text, ToolCall
from g4f_magic.errors import InputError, UnreachableError
from g4f_magic.messages import Usage
from g4f_magic.options import Options
from g4f_magic.prices import forget, newest_prices
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.providers.openai import OpenAI
from g4f_magic.renderers.provenance import provenance
from g4f_magic.session import Session
from g4f_magic.settings import Settings, prices_file
from tests.completions import Completions, completions


def counted(prompt: int, said: int) -> web.Response:
    choice = {"index": 0, "message": {"content": "Fine."}, "finish_reason": "stop"}
    usage = {"prompt_tokens": prompt, "completion_tokens": said}
    return web.json_response({"choices": [choice], "usage": usage})


@pytest.fixture
async def server() -> AsyncIterator[Completions]:
    async with completions() as server:
        yield server


@pytest.fixture
def sold(server: Completions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server be one whose prices are known: the loopback's is a seller like another, by an address with a name."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    models = [
        {"match": {"equals": f"m{n}"}, "prices": {"input_mtok": 100, "output_mtok": 200}} for n in range(20)
    ]
    head = {
        "format": 1,
        "date": "2999-01-01",
        "source": "here",
        "models": 20,
        "sellers": [["here", "http://127"]],
    }
    lines = [head, {"also": [], "models": [[one["match"], [["", [100], [200]]]] for one in models]}]
    prices_file().parent.mkdir(parents=True)
    prices_file().write_text("\n".join(map(json.dumps, lines)))
    forget()


def service_of(server: Completions, spending: Spending, tmp_path: Path, **limits: float | None) -> Service:
    """Return the server as a service that charges, as one elsewhere would."""
    return Service(
        who=Served("here", "m1", seller="here"),
        provider=OpenAI.at(server.url),
        model="m1",
        route={"proxy": None, "timeout": None},
        arguments={},
        model_cache=ModelCache(tmp_path / "models.json"),
        tariff=Tariff(
            spending=spending,
            seller="here",
            model="m1",
            of_kernel=limits.get("of_kernel"),
            of_cell=limits.get("of_cell"),
        ),
    )


async def said(service: Service, prompt: str = "Hello", **parameters: int) -> str:
    ask = Ask(prompt=prompt, parameters=parameters)
    return "".join([chunk.text async for chunk in service.answer((), ask) if isinstance(chunk, Text)])


async def test_what_is_spent_is_added_up_and_the_budget_refuses_before_sending(
    server: Completions, sold: None, tmp_path: Path
) -> None:
    server.answer = lambda: counted(1_000, 1_000)
    spending = Spending()
    service = service_of(server, spending, tmp_path, of_kernel=0.45)
    assert await said(service) == "Fine."
    assert spending.dollars == pytest.approx(0.3)
    with pytest.raises(InputError, match=r"may cost ~\$0.2.*\$0.15 of the budget is left"):
        await said(service)
    assert await said(service, max_tokens=100) == "Fine."
    assert (len(server.bodies), spending.held) == (2, 0.0)


async def test_a_cell_s_own_budget_counts_that_question_alone(
    server: Completions, sold: None, tmp_path: Path
) -> None:
    service = service_of(server, Spending(), tmp_path, of_cell=0.01)
    for _ in range(2):
        with pytest.raises(InputError, match="of the budget is left"):
            await said(service, "word " * 1_000)
        assert await said(service, max_tokens=10) == "Fine."
    assert len(server.bodies) == 2


async def test_a_reply_that_is_stopped_is_paid_for(server: Completions, sold: None, tmp_path: Path) -> None:
    spending = Spending()
    service = service_of(server, spending, tmp_path)
    chunks = service.answer((), Ask(prompt="Hello"))
    async for chunk in chunks:
        if isinstance(chunk, Text):
            break
    await chunks.aclose()
    assert spending.dollars > 0
    assert spending.held == 0.0


async def test_no_budget_is_kept_where_no_price_is_known(
    server: Completions, sold: None, tmp_path: Path
) -> None:
    service = service_of(server, Spending(), tmp_path, of_cell=1.0)
    unknown = Tariff(spending=Spending(), seller="here", model="other", of_cell=1.0)
    with pytest.raises(InputError, match="is not known, so no budget can be kept"):
        unknown.expected(10, None, "here")
    assert not server.bodies
    assert await said(service) == "Fine."


async def test_what_runs_on_this_machine_has_no_price_and_any_budget(server: Completions) -> None:
    settings = Settings(history="off", budget=0.0)
    async with Chat("openai", base_url=server.url, model="gpt-4o-mini", settings=settings) as chat:
        reply = await chat.ask("Hello")
    assert reply.turn.dollars == 0
    assert "$" not in provenance(reply.turn)
    assert "~3 tokens" in provenance(reply.turn) or "~4 tokens" in provenance(reply.turn)


async def test_counted_tokens_are_told_without_a_sign(server: Completions) -> None:
    server.answer = lambda: counted(1_000, 234)
    async with Chat("openai", base_url=server.url, model="m", settings=Settings(history="off")) as chat:
        reply = await chat.ask("Hello")
    assert "· 1,234 tokens" in provenance(reply.turn)


async def test_a_replay_costs_nothing(server: Completions, tmp_path: Path) -> None:
    server.answer = lambda: counted(1_000, 234)
    for mode in ("record", "replay"):
        settings = Settings(history="off", mode=mode, cassette=str(tmp_path / "a.jsonl"), budget=0.0)
        async with Chat("openai", base_url=server.url, model="m", settings=settings) as chat:
            reply = await chat.ask("Hello")
    assert reply.turn.dollars is None
    assert "token" not in provenance(reply.turn)


async def test_the_history_tells_what_was_spent(
    server: Completions, sold: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = lambda: counted(1_000, 1_000)
    session = Session(Settings(history=str(tmp_path / "h.sqlite")))
    conversation = session.conversation()
    for _ in range(2):
        reply = conversation.ask(
            Ask(prompt="Hello", provider="here"), service_of(server, Spending(), tmp_path)
        )
        assert await reply.text() == "Fine."
        assert reply.turn.dollars == pytest.approx(0.3)
    assert "2,000 tokens · $0.30" in provenance(reply.turn)
    for by in ("", "notebook", "day", "model", "service"):
        await commands.run(f"cost {by}".strip(), session)
        shown = capsys.readouterr().out
        assert "$0.60" in shown
        assert "4,000" in shown
    session.history.close()


async def test_fresh_prices_are_kept(
    server: Completions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    forget()
    before = newest_prices().models
    models = [
        {"id": f"m{n}", "match": {"equals": f"m{n}"}, "prices": {"input_mtok": n, "output_mtok": n}}
        for n in range(20)
    ]
    published = [{"id": "openai", "api_pattern": r"https://api\.openai\.com", "models": models}]
    session = Session(Settings(history="off"))
    monkeypatch.setenv("G4F_MAGIC_PRICES_URL", server.url.replace("/v1", "/prices.json"))
    for told, count in ((["junk"], before), (published, 20)):
        server.tells["/prices.json"] = told
        if count == before:
            with pytest.raises(InputError, match="not a list of prices"):
                await commands.run("prices --fresh", session)
        else:
            await commands.run("prices openai m7 --fresh", session)
        assert newest_prices().models == count
    assert "$7 for a million tokens of the prompt" in capsys.readouterr().out
    forget()


def test_openai_is_asked_to_count_and_others_are_not() -> None:
    assert OpenAI._asks_for_counts()
    assert not OpenAI.at("http://127.0.0.1:1/v1")._asks_for_counts()
    assert not OpenAI.at("https://api.openai.com.example.org/v1")._asks_for_counts()


@pytest.mark.parametrize(
    ("came", "tokens"),
    [
        ((ToolCall("c1", "look", arguments='{"where": "there"}'), Finish("tool_calls")), 6),
        (
            (Text("零一"), Text("二三"), Finish("stop")),
            3,
        ),  # by its bytes, as the line under the reply tells it
    ],
)
async def test_a_request_whose_tokens_nobody_counted_is_paid_by_its_bytes(
    sold: None, came: tuple[Chunk, ...], tokens: int
) -> None:
    spending = Spending()
    tariff = Tariff(spending=spending, seller="here", model="m1")

    async for _ in metered(chunks_of(came), tariff, expected=0.0, sent_tokens=1_000):
        pass
    assert spending.dollars == pytest.approx((1_000 * 100 + tokens * 200) / 1_000_000)


async def chunks_of(came: tuple[Chunk, ...]) -> AsyncGenerator[Chunk]:
    for chunk in came:
        yield chunk


async def test_what_runs_on_this_machine_is_free_and_what_never_came_is_no_reply(
    server: Completions, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = lambda: counted(1_000, 1_000)
    session = Session(Settings(history=str(tmp_path / "h.sqlite")), notebook="book")
    await commands.run("cost", session)
    assert "In this notebook nothing was asked of a service yet." in capsys.readouterr().out
    for url in (server.url, "http://127.0.0.1:9/v1"):
        answerer = await session.services.answerer(Options(provider="openai", model="m", base_url=url))
        with suppress(UnreachableError):
            await session.conversation().ask(Ask(prompt="Hello", provider="openai"), answerer).text()
    await commands.run("cost", session)
    shown = capsys.readouterr().out
    assert "In this notebook: 2,000 tokens in 1 reply, at no charge." in shown
    assert "| m | 1 | 2,000 | free |" in shown
    assert "not known" not in shown
    await session.aclose()


@pytest.mark.parametrize(
    ("came", "dollars"), [((), 0.0), ((Finish("stop"),), 0.0), ((Usage(1_000, 0),), 0.1)]
)
async def test_a_request_of_which_nothing_came_costs_nothing_unless_the_service_counted(
    sold: None, came: tuple[Chunk, ...], dollars: float
) -> None:
    spending = Spending()
    tariff = Tariff(spending=spending, seller="here", model="m1")

    async for _ in metered(chunks_of(came), tariff, expected=0.0, sent_tokens=1_000):
        pass
    assert spending.dollars == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("who", "url", "is_ours", "is_free"),
    [
        (Served("ollama"), "http://127.0.0.1:9/v1", False, True),
        (Served("litellm"), "http://127.0.0.1:9/v1", False, False),
        (Served("openai"), "https://api.openai.com/v1", False, False),
        (Served("koala", via="local gateway (guide)"), "http://127.0.0.1:9/x", True, True),
        (Served("koala", via="local gateway (local model)"), "http://127.0.0.1:9/x", True, True),
        (Served("koala", via="local gateway (gpt-5 at example.com)"), "http://127.0.0.1:9/x", True, False),
    ],
)
def test_what_runs_on_this_machine_is_free_and_what_asks_others_is_not(
    who: Served, url: str, is_ours: bool, is_free: bool
) -> None:
    tariff = tariff_of(
        OpenAI.at(url), who, Spending(), is_ours=is_ours, has_credentials=True, of_kernel=None, of_cell=None
    )
    assert tariff.is_free == is_free
