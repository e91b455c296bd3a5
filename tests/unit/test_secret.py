"""What is hidden, what is not, and that it holds however a text is cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic import Chat, border, keys, provider
from g4f_magic.chunks import Chunk, Finish, Reasoning, Text
from g4f_magic.conversation import Conversation, Question
from g4f_magic.errors import BrokenOffError, ChatError, InputError
from g4f_magic.gateway import Gateway, ScriptEngine
from g4f_magic.history import History
from g4f_magic.providers import plugins
from g4f_magic.providers.catalogue import Catalogue
from g4f_magic.secret import Address, Hiding, Secret, hide, redact, remember
from g4f_magic.settings import Settings
from tests.unit.test_cassette_secrets import service

KEY = "hidden-9key-c0ffee"
VALUES = st.lists(st.text("ab1", min_size=1, max_size=6), min_size=1, max_size=4)
PIECES = st.lists(st.text("ab1-", max_size=8), max_size=12)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SOME_API_KEY", KEY)
    return KEY


@given(VALUES, PIECES)
def test_how_a_text_is_cut_does_not_matter(values: list[str], pieces: list[str]) -> None:
    whole, cut = Hiding(values), Hiding(values)
    expected = whole.feed("".join(pieces)) + whole.close()
    shown = "".join([*map(cut.feed, pieces), cut.close()])
    assert shown == expected
    assert not any(value in part for value in values for part in shown.split("***"))


@given(PIECES)
def test_without_a_secret_a_text_goes_through_as_it_is(pieces: list[str]) -> None:
    hiding = Hiding(["never-there"])
    assert "".join([*map(hiding.feed, pieces), hiding.close()]) == "".join(pieces)
    assert [Hiding(()).feed(piece) for piece in pieces] == pieces


def test_only_what_may_begin_a_secret_waits() -> None:
    hiding = Hiding([KEY])
    assert [hiding.feed(piece) for piece in ("so far, ", "h", "idden", "-9key", "-no")] == [
        *("so far, ", "", "", ""),
        "hidden-9key-no",
    ]


async def test_stopping_keeps_the_letter_that_may_begin_a_secret(planted: str) -> None:
    async def stream(messages: object) -> AsyncGenerator[Chunk]:
        yield Text("This is the end of what came: h")
        await asyncio.Event().wait()

    conversation = Conversation(History(None), "book", "main")
    question = Question(prompt="?", provider="x", stream=lambda messages: border.clean(stream(messages)))
    reply = conversation.ask(question)
    async with aclosing(reply):
        async for _ in reply:
            break
    assert (reply.turn.reply, reply.turn.status) == ("This is the end of what came: h", "stopped")


@pytest.mark.parametrize(
    "value",
    ["EMPTY", "ollama", "lm-studio", "none", "sk-no-key", "12345678", "password", "https://a.example/1"],
)
def test_a_value_that_could_be_any_word_is_left_in_texts(value: str) -> None:
    remember(value)
    assert hide(f"It says {value} here.") == f"It says {value} here."


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "HF_TOKEN", "my_password", "APIKEY", "CLIENT_SECRET"])
def test_a_variable_whose_name_says_so_is_hidden_as_soon_as_it_is_set(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hide(KEY) == KEY
    monkeypatch.setenv(name, KEY)
    assert hide(f"({KEY})") == "(***)"


def test_other_variables_are_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_NAME", "gpt-4o-mini")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false-2-things")
    assert hide("gpt-4o-mini false-2-things") == "gpt-4o-mini false-2-things"


def test_the_password_of_a_url_is_hidden_in_each_form_that_is_sent() -> None:
    address = Address("http://someone:pa55%40word@proxy.example:8080")
    assert repr(address) == "'http://***@proxy.example:8080'"
    assert hide("pa55%40word pa55@word c29tZW9uZTpwYTU1QHdvcmQ=") == "*** *** ***"


def test_an_error_never_holds_a_secret(planted: str) -> None:
    error = ChatError(f"the key {planted} is wrong", hint=f"Is {planted} it?")
    error.hint = f"{error.hint} {planted}"
    assert (str(error), error.hint) == ("the key *** is wrong", "Is *** it? ***")
    assert redact("see http://user:password@host:port") == "see http://user:password@host:port"


async def _chunks(*chunks: Chunk | Exception) -> AsyncGenerator[Chunk]:
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


async def _take_all(chunks: AsyncGenerator[Chunk], seen: list[Chunk]) -> None:
    async for chunk in chunks:
        seen.append(chunk)


async def test_a_reply_is_clean_in_text_thinking_and_finish(planted: str) -> None:
    halves = planted[:7], planted[7:]
    said = [Text(halves[0]), Reasoning(halves[0]), Text(halves[1]), Reasoning(halves[1]), Finish(planted)]
    cleaned = [chunk async for chunk in border.clean(_chunks(*said))]
    assert cleaned == [Text("***"), Reasoning("***"), Finish("***")]


async def test_what_waits_comes_at_the_end_however_that_is(planted: str) -> None:
    seen: list[Chunk] = []
    broken = border.clean(_chunks(Text(f"ab {planted[:4]}"), BrokenOffError("it broke off")))
    with pytest.raises(BrokenOffError):
        await _take_all(broken, seen)
    assert seen == [Text("ab "), Text(planted[:4])]


async def test_a_message_that_is_cut_holds_no_half_of_a_key(planted: str) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=400, text="x" * 290 + planted)

    async with service(refuse) as here, Chat("koala", base_url=f"http://{here}") as chat:
        with pytest.raises(ChatError) as caught:
            await chat.ask("Hello")
    assert "x***" in str(caught.value)
    assert planted[:4] not in str(caught.value)


@pytest.fixture
def parrot() -> Iterator[None]:
    @provider
    async def echoing(messages):  # type: ignore[no-untyped-def]
        for letter in messages[-1]["content"]:
            yield letter

    yield
    plugins.forget("echoing")


@pytest.mark.usefixtures("parrot")
async def test_a_key_in_a_prompt_is_sent_and_kept_nowhere(planted: str, tmp_path: Path) -> None:
    settings = Settings(history=str(tmp_path / "history.sqlite"))
    async with Chat("echoing", settings=settings, system=f"With {planted}.") as chat:
        chat._session.enter_named("name:test")
        answer = await chat.ask(f"My key is {planted}, no?")
        (turn,) = chat.turns
    assert (answer, turn.prompt, turn.system) == ("My key is ***, no?", "My key is ***, no?", "With ***.")
    assert not [path for path in tmp_path.iterdir() if planted.encode() in path.read_bytes()]


async def test_the_service_is_sent_what_the_person_wrote(planted: str) -> None:
    async with Gateway(ScriptEngine()) as gateway, Chat("koala", base_url=gateway.base_url) as chat:
        await chat.ask(f"My key is {planted}")
        assert gateway.requests[0].ask.prompt == f"My key is {planted}"


@pytest.mark.parametrize("mode", ["record", "auto"])
@pytest.mark.usefixtures("parrot")
async def test_a_key_that_is_known_is_never_recorded(planted: str, mode: str, tmp_path: Path) -> None:
    cassette = tmp_path / "a.chat.jsonl"
    settings = Settings(mode=mode, cassette=str(cassette), history="off")
    async with Chat("echoing", settings=settings) as chat:
        with pytest.raises(InputError, match="nothing was sent"):
            await chat.ask(f"My key is {planted}")
    assert not cassette.exists()


def test_of_a_dotenv_file_only_what_is_named_a_secret_is_hidden(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "MODEL=model-4o-mini\nGROQ_API_KEY=dotenv-5key-value\nMINE=dotenv-6key-value\n"
    )
    found = keys.find("mine", ("MINE",), tmp_path)
    assert found == keys.Key(Secret("dotenv-6key-value"), "MINE in .env")
    assert hide("model-4o-mini dotenv-5key-value dotenv-6key-value") == "model-4o-mini *** ***"


def test_the_list_of_models_is_kept_without_the_password_of_its_service(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    Catalogue(file).keep("http://me:pa55word@127.0.0.1:1/v1", ["m"])
    assert list(json.loads(file.read_text())) == ["http://127.0.0.1:1/v1"]
    assert Catalogue(file).known("http://me:pa55word@127.0.0.1:1/v1") == ["m"]
