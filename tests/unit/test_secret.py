"""What is hidden, what is not, and that it holds however a text is cut."""

from __future__ import annotations

import asyncio
import copy
import html
import json
import pickle
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from dataclasses import fields
from pathlib import Path
from typing import get_args
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic import Chat, provider
from g4f_magic.answering import keys, redaction
from g4f_magic.answering.redaction import StreamingRedactor
from g4f_magic.chunks import Chunk, Finish, Reasoning, Served, Text
from g4f_magic.conversation import Conversation
from g4f_magic.errors import BrokenOffError, ChatError, InputError
from g4f_magic.gateway import Gateway
from g4f_magic.history import History
from g4f_magic.messages import Citation
from g4f_magic.providers import plugins
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.secret import Address, Secret, known_secrets, mask_known, redact, remember
from g4f_magic.secret_names import names_a_secret
from g4f_magic.settings import Settings
from g4f_magic.testing.script import ScriptEngine
from tests.answerers import asked
from tests.named import named
from tests.unit.cassette.test_secrets import service

KEY = "hidden-9key-c0ffee"
VALUES = st.lists(st.text("ab1", min_size=1, max_size=6), min_size=1, max_size=4)
PIECES = st.lists(st.text("ab1-", max_size=8), max_size=12)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("SOME_API_KEY", KEY)
    return KEY


@given(VALUES, PIECES)
def test_how_a_text_is_cut_does_not_matter(values: list[str], pieces: list[str]) -> None:
    whole, cut = StreamingRedactor(values), StreamingRedactor(values)
    expected = whole.feed("".join(pieces)) + whole.close()
    shown = "".join([*map(cut.feed, pieces), cut.close()])
    assert shown == expected
    assert not any(value in part for value in values for part in shown.split("***"))


@pytest.mark.parametrize("value", [KEY, "p@ss/w+rd=9&Zq\"x'y<z", "AbCdEf/1234+Zz==", "C:pass\\word9"])
def test_a_secret_in_another_form_is_one(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PASSWORD", value)
    forms = {
        value,
        *(quote(value, safe=safe) for safe in ("", "/")),
        quote_plus(value),
        quote(value, safe="").lower(),
        html.escape(value),
        html.escape(value, quote=False),
        json.dumps(value)[1:-1],
        repr(value)[1:-1],
        value.upper(),
        value.lower(),
        quote(quote(value, safe=""), safe=""),
        "".join(f"\\u{ord(one):04x}" if one in "&<>" else one for one in value),
        "".join(f"\\u{ord(one):04X}" if one in "&<>'\"+`" else one for one in value),
        b64encode(value.encode()).decode(),
        urlsafe_b64encode(value.encode()).decode().rstrip("="),
    }
    shown = [mask_known(f"a {form} b").replace("=", "") for form in forms]
    assert set(shown) == {"a *** b"}
    redactor = StreamingRedactor(known_secrets())
    text = "".join(map(redactor.feed, " ".join(forms))) + redactor.close()
    assert set(text.replace("=", "").split()) == {"***"}


@pytest.mark.parametrize("before", ["", "a", "ab", "Authorization: Bearer "])
@pytest.mark.parametrize("after", ["", "\r\n", "!"])
@pytest.mark.parametrize("code", [b64encode, urlsafe_b64encode])
def test_in_base64_of_a_longer_text_it_is_one(
    before: str, after: str, code: Callable[[bytes], bytes], planted: str
) -> None:
    first, mask, last = mask_known(code(f"{before}{planted}{after}".encode()).decode()).partition("***")
    assert (mask, len(first + last) <= len(b64encode((before + after).encode())) + 4) == ("***", True)


@given(PIECES)
def test_without_a_secret_a_text_goes_through_as_it_is(pieces: list[str]) -> None:
    hiding = StreamingRedactor(["never-there"])
    assert "".join([*map(hiding.feed, pieces), hiding.close()]) == "".join(pieces)
    assert [StreamingRedactor(()).feed(piece) for piece in pieces] == pieces


def test_only_what_may_begin_a_secret_waits() -> None:
    hiding = StreamingRedactor([KEY])
    assert [hiding.feed(piece) for piece in ("so far, ", "h", "idden", "-9key", "-no")] == [
        *("so far, ", "", "", ""),
        "hidden-9key-no",
    ]


async def test_stopping_keeps_the_letter_that_may_begin_a_secret(planted: str) -> None:
    async def stream(messages: object) -> AsyncGenerator[Chunk]:
        yield Text("This is the end of what came: h")
        await asyncio.Event().wait()

    conversation = Conversation(History(None), "book", "main")
    reply = asked(conversation, "?", stream)
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
    assert mask_known(f"It says {value} here.") == f"It says {value} here."


SECRET_NAMES = [
    *(
        "OPENAI_API_KEY",
        "HF_TOKEN",
        "my_password",
        "APIKEY",
        "CLIENT_SECRET",
        "PGPASSWORD",
        "MYSQL_PWD",
        "DB_PASS",
    ),
    *(
        "GITHUB_PAT",
        "OPENAI_API_KEY_2",
        "STRIPE_KEY_TEST",
        "openaiApiKey",
        "AUTHTOKEN",
        "AWS_SECRET_ACCESS_KEY",
    ),
    *("SESSION_COOKIE", "API_KEYS", "GPG_PASSPHRASE", "KEY", "TOKEN_VALUE", "X_API_KEY_PROD", "SECRETKEY"),
]
INNOCENT_NAMES = [
    *(
        "MONKEY",
        "KEYBOARD",
        "TOKENIZERS_PARALLELISM",
        "SSH_AUTH_SOCK",
        "KEY_FILE",
        "TURKEY",
        "HOCKEY_TEAM",
        "PWD",
    ),
    *(
        "COMPASS",
        "MAX_TOKENS",
        "TOKENIZER",
        "PASSENGER",
        "SECRETARY",
        "KEYMAP",
        "XKEYSYMDB",
        "AWS_ACCESS_KEY_ID",
    ),
    *("", "_", "PASSWORD_FILE", "TOKEN_LIMIT", "COOKIE_JAR", "MONKEY_2"),
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_variable_whose_name_says_so_is_hidden_as_soon_as_it_is_set(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mask_known(KEY) == KEY
    monkeypatch.setenv(name, KEY)
    assert mask_known(f"({KEY})") == "(***)"


@pytest.mark.parametrize("name", INNOCENT_NAMES)
def test_a_name_that_only_looks_like_a_keys_hides_nothing(name: str) -> None:
    assert not names_a_secret(name)


@given(st.text())
def test_no_name_is_an_error(name: str) -> None:
    assert names_a_secret(name) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "sk-learn-compatible-estimators are fine",
        "hf-internal-testing/tiny-random-gpt2",
        "pk_orders_customers_constraint is violated",
        "ask-me-anything-about-python-3",
        "xai-explainability-toolkit-2024-edition",
        "a@b.c wrote http://a.example/b, and c@d.e",
        "mailto:someone@a.example",
        "https://a.example/?page=3&keyword=banana&sort=key",
        "the key=value pairs",
    ],
)
def test_words_that_only_look_like_a_key_stay(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize(
    "key",
    [
        "sk-abcdefghij0123456789ABCDEFGHIJ",
        "sk-proj-Ab3dEf6hIj9kLm2nOp5q_rSt8-uVw1",
        "sk-ant-api03-Ab3dEf6hIj9kLm2nOp5qRst8-uVw1AA",
        "sk-or-v1-0123456789abcdef0123456789abcdef",
        "gsk_0123456789abcdefghij",
        "hf_abcdefghijklmnopQRSTUVWXYZabcdefgh",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AIzaSyA-0123456789abcdefghijklmnopqrstu",
    ],
)
def test_a_key_is_known_by_its_form(key: str) -> None:
    assert redact(f"Incorrect key: {key}.") == "Incorrect key: ***."


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        ("a", "a bad key was a cat", "a bad key was a cat"),
        ("key", "the key is wrong", "the key is wrong"),
        ("test", "testing the test", "testing the ***"),
        ("opensesame", "no: opensesame, not opensesames", "no: ***, not opensesames"),
        ("hunter-2x7", "no:hunter-2x7hunter-2x7", "no:******"),
        ("", "nothing", "nothing"),
    ],
)
def test_what_was_sent_is_masked_as_far_as_it_is_no_mere_word(value: str, text: str, shown: str) -> None:
    assert redact(text, [Secret(value)]) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:p@ss@host/x", "http://***@host/x"),
        ("postgres://me:pw@db:5432/x?user=y", "postgres://***@db:5432/x?user=y"),
        ("https://a.example/v1?api_key=abc&page=2", "https://a.example/v1?api_key=***&page=2"),
        ("https://a.example/v1?page=2&key=abc", "https://a.example/v1?page=2&key=***"),
    ],
)
def test_what_a_url_holds_is_masked(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_secret_is_seen_by_nothing_that_looks_into_objects() -> None:
    secret = Secret(KEY)
    assert KEY not in repr([getattr(secret, slot) for slot in Secret.__slots__])
    assert copy.deepcopy({"a": secret})["a"] == secret
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_other_variables_are_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_NAME", "gpt-4o-mini")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false-2-things")
    assert mask_known("gpt-4o-mini false-2-things") == "gpt-4o-mini false-2-things"


def test_the_password_of_a_url_is_hidden_in_each_form_that_is_sent() -> None:
    address = Address("http://someone:pa55%40word@proxy.example:8080")
    assert repr(address) == "'http://***@proxy.example:8080'"
    assert mask_known("pa55%40word pa55@word c29tZW9uZTpwYTU1QHdvcmQ=") == "*** *** ***"


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
    cleaned = [chunk async for chunk in redaction.redacted(_chunks(*said))]
    assert cleaned == [Text("***"), Reasoning("***"), Finish("***")]


async def test_no_kind_of_chunk_lets_a_secret_through(planted: str) -> None:
    plain = {"str": planted, "str | None": planted, "tuple[str, ...]": (planted,)}
    plain |= {"tuple[Citation, ...]": (Citation(f"https://e.org/{planted}", planted),)}
    for kind in get_args(Chunk):
        given = {one.name: plain[str(one.type)] for one in fields(kind) if str(one.type) in plain}
        if kind is Served:
            given = dict.fromkeys(("model", "via"), planted) | {"provider": "koala"}
        with named(kind.__name__):
            shown = [chunk async for chunk in redaction.redacted(_chunks(kind(**given)))]
            assert [type(chunk) for chunk in shown] == [kind]
            assert planted not in repr(shown)
            assert ("***" in repr(shown)) == bool(given)


async def test_what_waits_comes_at_the_end_however_that_is(planted: str) -> None:
    seen: list[Chunk] = []
    broken = redaction.redacted(_chunks(Text(f"ab {planted[:4]}"), BrokenOffError("it broke off")))
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
        chat._session.notebook.enter_named("name:test")
        answer = await chat.ask(f"My key is {planted}, no?")
        (turn,) = chat.turns
    assert (answer, turn.prompt, turn.system) == ("My key is ***, no?", "My key is ***, no?", "With ***.")
    assert not [path for path in tmp_path.iterdir() if planted.encode() in path.read_bytes()]


async def test_the_service_is_sent_what_the_person_wrote(planted: str) -> None:
    async with Gateway(ScriptEngine()) as gateway, Chat("koala", base_url=gateway.base_url) as chat:
        await chat.ask(f"My key is {planted}")
        assert gateway.requests[0].chat.prompt == f"My key is {planted}"


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
    assert found == keys.FoundKey(Secret("dotenv-6key-value"), "MINE in .env")
    assert mask_known("model-4o-mini dotenv-5key-value dotenv-6key-value") == "model-4o-mini *** ***"


def test_the_list_of_models_is_kept_without_the_password_of_its_service(tmp_path: Path) -> None:
    file = tmp_path / "models.json"
    ModelCache(file).keep("http://me:pa55word@127.0.0.1:1/v1", ["m"])
    assert list(json.loads(file.read_text())) == ["http://127.0.0.1:1/v1"]
    assert ModelCache(file).known("http://me:pa55word@127.0.0.1:1/v1") == ["m"]
