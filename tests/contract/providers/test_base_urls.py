"""Base URLs with a query, a service's own headers, and Ollama where its variable says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from g4f_magic import providers, settings
from g4f_magic.chat import Chat
from g4f_magic.errors import ChatError, InputError, MissingAuthError, UnreachableError
from g4f_magic.gateway.engines import GuideEngine, choose_engine
from g4f_magic.grammar import ChatLine
from g4f_magic.providers import presets
from g4f_magic.providers.koala import Koala
from g4f_magic.providers.ollama_host import ollama_base_url
from g4f_magic.providers.openai import OpenAI
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.contract.asking import text_of
from tests.contract.wire.roads import Asked, asked
from tests.serving import free_port

HELLO = [{"role": "user", "content": "Hello"}]
QUERY = "api-version=2024-10-21"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's data folder, empty, and an environment without keys."""
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_HOST", "CORP_KEY", "CORP_ORG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return tmp_path


@pytest.fixture
async def server() -> AsyncIterator[Asked]:
    async with asked("127.0.0.1") as one:
        yield one


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    one = Session(Settings(history="off"))
    yield one
    await one.aclose()


@pytest.mark.parametrize(
    "ending",
    ["", "/", "/chat/completions", "/chat/completions/"],
    ids=["plain", "slash", "chat", "chat slash"],
)
async def test_a_query_stays_behind_the_path(server: Asked, ending: str) -> None:
    provider = OpenAI.at(f"{server.url}/openai/deployments/gpt4o{ending}?{QUERY}")
    assert await text_of(provider.create_async_generator("gpt4o", HELLO)) == "Hello there"
    assert await provider.list_models() == ["m-1", "m-2"]
    chat, models = server.requests
    assert chat.path_qs == f"/openai/deployments/gpt4o/chat/completions?{QUERY}"
    assert models.path_qs == f"/openai/deployments/gpt4o/models?{QUERY}"


async def test_a_cell_may_name_a_base_url_with_a_query(server: Asked, session: Session) -> None:
    line = f"--base-url {server.url}/v1?{QUERY} --param chat_template_kwargs='{{\"enable_thinking\":false}}'"
    options = ChatLine(line).options
    chat = Chat("openai:m", session=session, base_url=options.base_url, params=options.params)
    said = await chat.ask("Hello")
    assert said == "Hello there"
    assert said.turn.via == server.url.removeprefix("http://")
    assert server.requests[0].path_qs == f"/v1/chat/completions?{QUERY}"
    assert (await server.requests[0].json())["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize(
    "path", ["chat/completions", "models", "responses/", "completions", "messages", "chat", "embeddings"]
)
def test_a_path_that_was_copied_along_is_left_out(path: str) -> None:
    assert OpenAI.at(f"http://h.example/x/v1/{path}").url == "http://h.example/x/v1"
    assert OpenAI.at(f"http://h.example/v1/{path}?{QUERY}").url == f"http://h.example/v1?{QUERY}"


@pytest.mark.parametrize(
    "url", ["http://h.example/chat", "http://h.example/v1/chat/more", "http://h.example/v1models"]
)
def test_a_path_of_a_services_own_stays(url: str) -> None:
    assert OpenAI.at(url).url == url


@pytest.mark.parametrize("url", ["http://h.example/v1#top", "http://h.example/v1?a=b#", "http://h.example#"])
def test_a_fragment_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="#"):
        OpenAI.at(url)


@pytest.mark.parametrize(
    "url", ["http://h example/v1", "http://h\u200b.example/v1", "http://", "h/v1", "http://[::1/v1"]
)
def test_what_is_no_base_url_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="base URL"):
        OpenAI.at(url)


def test_a_service_that_takes_no_query_says_so() -> None:
    with pytest.raises(InputError, match="Koala takes no query"):
        Koala.at("http://h.example/?a=b")


@pytest.mark.parametrize("query", ["api_key=abc", "x=1&token=abc", "API-KEY=abc"])
def test_a_key_in_a_cells_base_url_is_refused(query: str) -> None:
    with pytest.raises(InputError, match="must not stand in the notebook") as raised:
        ChatLine(f"--base-url https://h.example/v1?{query}")
    assert "abc" not in f"{raised.value} {raised.value.hint}"


async def test_a_service_of_ones_own_has_its_headers(
    server: Asked, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "services.toml").write_text(
        f'[azure]\nbase_url = "{server.url}/openai/deployments/gpt4o?{QUERY}"\nkeys = ["CORP_KEY"]\n'
        'key_header = "api-key"\nmodel = "gpt4o"\n'
        'headers = { "X-Org" = "$CORP_ORG", "X-Team" = "a-${CORP_ORG}-$$b", "X-Plain" = "yes" }\n'
    )
    monkeypatch.setenv("CORP_KEY", "the-key-0123456789")
    monkeypatch.setenv("CORP_ORG", "org-0123456789")
    assert await Chat("azure", session=session).ask("Hello") == "Hello there"
    provider = providers.get("azure")
    assert issubclass(provider, OpenAI)
    assert await provider.list_models() == ["m-1", "m-2"]
    for request in server.requests:
        sent = {name: request.headers.get(name) for name in ("api-key", "X-Org", "X-Team", "X-Plain")}
        assert sent == {
            "api-key": "the-key-0123456789",
            "X-Org": "org-0123456789",
            "X-Team": "a-org-0123456789-$b",
            "X-Plain": "yes",
        }
        assert "Authorization" not in request.headers
        assert request.query_string == QUERY


@pytest.mark.parametrize(
    ("table", "header", "value"),
    [
        ('key_header = "X-Key"\nkey_prefix = "Bearer "', "X-Key", "Bearer k-0123456789"),
        ('key_prefix = "Token "', "Authorization", "Token k-0123456789"),
        ("", "Authorization", "Bearer k-0123456789"),
    ],
)
async def test_the_keys_header_can_be_named(
    server: Asked, folder: Path, monkeypatch: pytest.MonkeyPatch, table: str, header: str, value: str
) -> None:
    (folder / "services.toml").write_text(
        f'[corp]\nbase_url = "{server.url}/v1"\nkeys = ["CORP_KEY"]\n{table}\n'
    )
    monkeypatch.setenv("CORP_KEY", "k-0123456789")
    await text_of(providers.get("corp").create_async_generator("m", HELLO))
    assert server.requests[0].headers[header] == value


async def test_a_services_headers_go_to_no_other_host(
    server: Asked, session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "services.toml").write_text(
        '[corp]\nbase_url = "https://llm.corp.example/v1"\nmodel = "m"\nheaders = { "X-Org" = "$CORP_ORG" }\n'
    )
    monkeypatch.setenv("CORP_ORG", "org-0123456789")
    assert await Chat("corp", session=session, base_url=f"{server.url}/v1").ask("Hello") == "Hello there"
    assert "X-Org" not in server.requests[0].headers


async def test_a_variable_that_is_not_set_is_named_and_nothing_is_sent(server: Asked, folder: Path) -> None:
    (folder / "services.toml").write_text(
        f'[corp]\nbase_url = "{server.url}/v1"\nheaders = {{ "X-Org" = "$CORP_ORG" }}\n'
    )
    with pytest.raises(MissingAuthError, match="CORP_ORG") as raised:
        await text_of(providers.get("corp").create_async_generator("m", HELLO))
    assert "X-Org" in raised.value.hint
    assert server.requests == []


@pytest.mark.parametrize(
    "line",
    [
        'headers = { "Authorization" = "Bearer written-out-1" }',
        'headers = { "X-Api-Key" = "written-out-1" }',
        'headers = { "Host" = "h" }',
        'headers = { "content-type" = "h" }',
        'headers = { "X Org" = "h" }',
        'headers = { "X-Org" = "a\\nb" }',
        'headers = { "X-Org" = 5 }',
        'headers = "X-Org"',
        'key_header = "Cookie"',
        'key_header = "a b"',
        "key_header = 5",
        'base_url2 = ""',
    ],
)
def test_headers_that_cannot_be_are_named(folder: Path, line: str) -> None:
    (folder / "services.toml").write_text(f'[corp]\nbase_url = "https://llm.corp.example/v1"\n{line}\n')
    problem = providers.problems()["services.toml"]
    assert "written-out" not in f"{problem} {problem.hint}"


def test_a_key_in_a_base_url_of_services_toml_is_refused(folder: Path) -> None:
    (folder / "services.toml").write_text('[corp]\nbase_url = "https://h.example/v1?api_key=abc-12345678"\n')
    problem = providers.problems()["services.toml"]
    assert "abc-12345678" not in f"{problem} {problem.hint}"


@pytest.mark.parametrize(
    ("value", "base_url"),
    [
        ("127.0.0.1:11500", "http://127.0.0.1:11500/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:80", "http://127.0.0.1:80/v1"),
        ("http://0.0.0.0:5000", "http://127.0.0.1:5000/v1"),
        (":11500", "http://127.0.0.1:11500/v1"),
        ("box", "http://box:11434/v1"),
        ("box:8000", "http://box:8000/v1"),
        ("http://box", "http://box:80/v1"),
        ("https://box", "https://box:443/v1"),
        ("https://box:8443/", "https://box:8443/v1"),
        ("https://box/ollama/", "https://box:443/ollama/v1"),
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("http://localhost:11434/api/", "http://localhost:11434/v1"),
        ("https://box/ollama/v1/", "https://box:443/ollama/v1"),
        ("ollama.com", "https://ollama.com:443/v1"),
        ("::1", "http://[::1]:11434/v1"),
        ("[::1]", "http://[::1]:11434/v1"),
        ("[::1]:5000", "http://[::1]:5000/v1"),
        ("[::]:5000", "http://[::1]:5000/v1"),
        (' "box:8000" ', "http://box:8000/v1"),
        ("box:99999", "http://box:11434/v1"),
        ("box:port", "http://box:11434/v1"),
        ("http://", "http://127.0.0.1:80/v1"),
        ("[::1", "http://[::1]:11434/v1"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_ollama_host_is_read_as_ollama_reads_it(
    monkeypatch: pytest.MonkeyPatch, value: str, base_url: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", value)
    assert ollama_base_url() == base_url


@pytest.mark.parametrize("value", ["a b", "ftp://box", "anna:open-sesame-1@box", "[a", "box?x=1"])
def test_ollama_host_that_names_no_host_is_said(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", value)
    with pytest.raises(InputError, match="OLLAMA_HOST") as raised:
        providers.get("ollama")
    assert "sesame" not in f"{raised.value} {raised.value.hint}"
    assert "ollama" in providers.problems()
    assert "groq" in providers.names()


async def test_ollama_is_asked_where_its_variable_says(
    server: Asked, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url.removeprefix("http://"))
    said = await Chat("ollama", session=session).ask("Hello")
    assert (said, said.model) == ("Hello there", "m-1")
    provider = providers.get("ollama")
    assert issubclass(provider, OpenAI)
    assert provider.runs_here


async def test_where_no_ollama_answers_the_host_of_the_variable_is_named(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("OLLAMA_HOST", f"0.0.0.0:{port}")
    with pytest.raises(ChatError) as raised:
        await Chat("ollama", session=session).ask("Hello")
    assert isinstance(raised.value, UnreachableError)
    assert f"127.0.0.1:{port}" in str(raised.value)
    assert f"OLLAMA_HOST names 127.0.0.1:{port}" in raised.value.hint


def test_an_ollama_elsewhere_is_asked_only_where_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "box.corp.example")
    provider = providers.get("ollama")
    assert issubclass(provider, OpenAI)
    assert not provider.runs_here
    assert provider.url == "http://box.corp.example:11434/v1"


def test_a_persons_own_ollama_counts_before_the_variable(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "box.corp.example")
    (folder / "services.toml").write_text('[ollama]\nbase_url = "http://127.0.0.1:9999/v1"\nlocal = true\n')
    assert providers.get("ollama").url == "http://127.0.0.1:9999/v1"
    assert presets.built_in()["ollama"].base_url == "http://127.0.0.1:11434/v1"


async def test_the_gateway_finds_ollama_where_its_variable_says(
    server: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", server.url)
    engine = await choose_engine(Settings(engine="auto"))
    assert await engine.models() == ["m-1", "m-2"]


@pytest.mark.parametrize("value", ["box.invalid", "a b"])
async def test_the_gateway_asks_no_ollama_outside(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OLLAMA_HOST", value)
    assert isinstance(await choose_engine(Settings(engine="auto")), GuideEngine)
