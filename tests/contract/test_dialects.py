"""OpenAI's protocol as servers really speak it, and what is said of each mistake in a set-up."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Text, Usage
from g4f_magic.errors import (
    BrokenOffError,
    ChatError,
    InputError,
    MissingAuthError,
    RateLimitError,
    ServiceError,
    UnreachableError,
    WireError,
)
from g4f_magic.gateway import Gateway, ScriptEngine
from g4f_magic.gateway.engines.script import SCRIPT_TEXT
from g4f_magic.providers import get
from g4f_magic.providers.openai import OpenAI

HELLO = [{"role": "user", "content": "Hello"}]


class Server:
    """Answers every POST with the same body, and keeps what it was asked."""

    def __init__(self, body: bytes, *, status: int = 200, type: str = "text/event-stream") -> None:  # noqa: A002
        self._body, self._status, self._type = body, status, type
        self.paths: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[dict[str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        self.headers.append(dict(request.headers))
        if request.method == "POST":
            self.bodies.append(await request.json())
        return web.Response(body=self._body, status=self._status, headers={"Content-Type": self._type})

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        finally:
            await runner.cleanup()


def events(*values: Any, end: str = "data: [DONE]\n\n") -> bytes:
    return ("".join(f"data: {json.dumps(value)}\n\n" for value in values) + end).encode()


def delta(content: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": content, **more}, "finish_reason": finish}]}


async def chunks_of(body: bytes, *, status: int = 200, type: str = "text/event-stream") -> list[Chunk]:  # noqa: A002
    server = Server(body, status=status, type=type)
    async with server.running() as address:
        result = OpenAI.at(f"{address}/v1").create_async_generator("m", HELLO)
        return [chunk async for chunk in result.chunks()]


async def error_of(body: bytes, status: int, *, path: str = "/v1") -> ChatError:
    async with Server(body, status=status, type="application/json").running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address + path))
    return caught.value


async def collect(stream: AsyncGenerator[Chunk], chunks: list[Chunk]) -> None:
    async for chunk in stream:
        chunks.append(chunk)


async def text_at(provider: Any, **options: Any) -> str:
    return "".join([text async for text in provider.create_async_generator("m", HELLO, **options)])


WHOLE = [Text("Hello"), Text(" there"), Usage(3, 2), Finish("stop")]
USAGE = {"prompt_tokens": 3, "completion_tokens": 2}

DIALECTS: dict[str, bytes] = {
    "llama-cpp-python": events(
        {"choices": [{"delta": {"role": "assistant"}, "finish_reason": None}]},
        delta("Hello"),
        delta(" there"),
        {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": USAGE},
    ),
    "llama-server": b": ping\n\n"
    + events(
        delta(None, role="assistant"),
        delta("Hello"),
        delta(" there"),
        {"choices": [{"delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": USAGE, "timings": {"prompt_n": 3}},
    ),
    "transformers serve": events(
        {"choices": [{"delta": {"role": "assistant"}}]},
        {"choices": [{"delta": {"content": "Hello"}}]},
        {"choices": [{"delta": {"content": " there"}}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": USAGE},
        end="",
    ),
    "LiteLLM": events(
        delta("Hello", role="assistant"),
        delta(" there"),
        delta(None, "stop"),
        {"choices": [{"index": 0, "delta": {}}], "usage": USAGE},
    ),
    "litserve": events(
        {**delta("Hello"), "usage": None},
        {**delta(" there"), "usage": None},
        {**delta(None, "stop", role=None), "usage": USAGE},
    ),
    "CRLF and pings": events(delta("Hello"), delta(" there"), {**delta(None, "stop"), "usage": USAGE})
    .replace(b"\n", b"\r\n")
    .replace(b"data: [DONE]", b": ping - 2026\r\n\r\ndata: [DONE]"),
    "the older completions": events(
        {"choices": [{"text": "Hello"}]},
        {"choices": [{"text": " there", "finish_reason": "stop"}], "usage": USAGE},
    ),
    "choices null": events(
        {"choices": None}, delta("Hello"), delta(" there", "stop"), {"choices": None, "usage": USAGE}
    ),
    "no end mark and no blank line": events(
        delta("Hello"), delta(" there", "stop"), {"choices": [], "usage": USAGE}, end=""
    ).rstrip(b"\n"),
}


@pytest.mark.parametrize("server", DIALECTS)
async def test_the_reply_of_each_dialect_is_whole(server: str) -> None:
    assert await chunks_of(DIALECTS[server]) == WHOLE


async def test_one_json_body_though_a_stream_was_asked_for_is_read() -> None:
    body = {"choices": [{"message": {"content": "Hello there"}, "finish_reason": "stop"}], "usage": USAGE}
    for text in (json.dumps(body), "\ufeff\r\n " + json.dumps(body, indent=2)):
        chunks = await chunks_of(text.encode(), type="application/json")
        assert chunks == [Text("Hello there"), Usage(3, 2), Finish("stop")]


async def test_a_json_body_that_breaks_off_is_said() -> None:
    with pytest.raises(WireError):
        await chunks_of(b'{"choices": [{"message": {"content": "Hel', type="application/json")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_what_a_model_thinks_is_apart(name: str) -> None:
    body = events({"choices": [{"delta": {name: "Hm", "content": None}}]}, delta("Yes", "stop"))
    assert await chunks_of(body) == [Reasoning("Hm"), Text("Yes"), Finish("stop")]


async def test_parts_of_a_content_are_told_apart() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm"}]},
        {"type": "text", "text": "Yes"},
    ]
    body = events(delta(parts, "stop"))
    assert await chunks_of(body) == [Reasoning("Hm"), Text("Yes"), Finish("stop")]


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"message": "it fell over", "code": 500}},
        {"error": "it fell over"},
        {"detail": "it fell over"},
        {"object": "error", "message": "it fell over"},
        {"type": "error", "error": {"type": "overloaded_error", "message": "it fell over"}},
        {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "it fell over"}}]},
    ],
)
async def test_an_error_inside_the_stream_is_one_with_its_words(value: dict[str, Any]) -> None:
    with pytest.raises(ServiceError, match="it fell over"):
        await chunks_of(events(delta("Hello"), value))


async def test_a_stream_with_neither_end_mark_nor_reason_broke_off() -> None:
    with pytest.raises(BrokenOffError):
        await chunks_of(events(delta("Hello"), end=""))


async def test_chat_completions_too_much_is_taken_off() -> None:
    server = Server(DIALECTS["LiteLLM"])
    async with server.running() as address:
        assert await text_at(OpenAI.at(f"{address}/v1/chat/completions/")) == "Hello there"
    assert server.paths == ["/v1/chat/completions"]


@pytest.mark.parametrize(
    ("status", "type"), [(404, "application/json"), (405, "text/plain"), (200, "text/html")]
)
async def test_a_base_url_without_v1_is_told_the_way_out(status: int, type: str) -> None:  # noqa: A002
    async with Server(b"<html>not here</html>", status=status, type=type).running() as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address))
    assert f"--base-url {address}/v1" in caught.value.hint


async def test_a_web_page_is_named_as_one() -> None:
    with pytest.raises(WireError, match="a web page came"):
        await chunks_of(b"<!doctype html><html></html>", type="text/html")


async def test_http_for_https_is_said(certificate: tuple[Path, ssl.SSLContext]) -> None:
    async with Server(b"").running(certificate[1]) as address:
        with pytest.raises(ChatError) as caught:
            await text_at(OpenAI.at(address.replace("https:", "http:") + "/v1"))
    assert "https://" in caught.value.hint


async def test_https_for_http_is_said() -> None:
    async with Server(b"").running() as address:
        with pytest.raises(UnreachableError) as caught:
            await text_at(OpenAI.at(address.replace("http:", "https:") + "/v1"))
    assert "http://" in caught.value.hint


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, {"error": {"message": "Developer instruction is not enabled for models/gemma-3"}}),
        (400, {"error": {"message": "System role not supported"}}),
        (500, {"error": {"message": "Jinja: System message is not supported by this model"}}),
        (422, {"detail": "only user and assistant roles are supported"}),
    ],
)
async def test_a_model_that_takes_no_system_message_is_told_the_way_out(status: int, said: Any) -> None:
    error = await error_of(json.dumps(said).encode(), status)
    assert "system" in error.hint
    assert '--system ""' in error.hint


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            400,
            {
                "error": {
                    "code": "context_length_exceeded",
                    "message": "This model's maximum context length is 8",
                }
            },
        ),
        (400, {"error": {"message": "the request exceeds the available context size"}}),
        (500, {"error": {"message": "Requested tokens (900) exceed context window of 512"}}),
        (413, {"error": {"message": "Request too large for model"}}),
        (400, {"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}),
    ],
)
async def test_a_context_that_is_too_long_is_told_the_way_out(status: int, said: Any) -> None:
    error = await error_of(json.dumps(said).encode(), status)
    assert "--context" in error.hint


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, {"error": {"code": "model_not_found", "message": "The model `gpt-9` does not exist"}}),
        (404, {"error": {"message": 'model "llama9" not found, try pulling it first'}}),
        (400, {"error": {"message": "gpt-9 is not a valid model ID"}}),
    ],
)
async def test_a_wrong_model_is_told_where_the_right_ones_are(status: int, said: Any) -> None:
    error = await error_of(json.dumps(said).encode(), status)
    assert "%chat models" in error.hint


async def test_a_wrong_key_is_told_where_the_right_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"error": {"message": "Incorrect API key provided: gsk_0123456789abcdefghij"}}).encode()
    async with Server(body, status=401, type="application/json").running() as address:
        groq = get("groq")
        monkeypatch.setattr(groq, "url", address + "/v1")
        monkeypatch.setattr(groq, "_public_hosts", (address + "/v1", ""))
        with pytest.raises(MissingAuthError) as caught:
            await text_at(groq, api_key="gsk_0123456789abcdefghij")
    assert "set GROQ_API_KEY, or run %chat login groq" in caught.value.hint
    assert "0123456789" not in f"{caught.value!r} {caught.value} {caught.value.hint}"


async def test_tokens_are_asked_for_where_a_preset_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(DIALECTS["LiteLLM"])
    async with server.running() as address:
        for name in ("groq", "mistral"):
            await text_at(get(name).at(f"{address}/v1"), api_key="k")
    assert [body.get("stream_options") for body in server.bodies] == [{"include_usage": True}, None]


@pytest.mark.parametrize(
    "listed",
    [
        {"object": "list", "data": [{"id": "one"}, {"id": "two"}]},
        [{"id": "one"}, {"id": "two"}],
        {"data": [{"id": "models/one"}, {"id": "models/two"}]},
        {"data": [{"id": "one"}, {"id": "t\x1b]0;pwned\x07"}, {"id": "t\u202ewo"}, {"id": "two"}]},
    ],
)
async def test_models_are_listed_in_each_form(listed: Any) -> None:
    async with Server(json.dumps(listed).encode(), type="application/json").running() as address:
        assert await OpenAI.at(f"{address}/v1").list_models() == ["one", "two"]


@pytest.mark.parametrize("listed", [{}, {"data": None}, [5], "x", {"data": [{"name": "one"}]}])
async def test_what_is_no_list_of_models_is_said(listed: Any) -> None:
    async with Server(json.dumps(listed).encode(), type="application/json").running() as address:
        with pytest.raises(InputError, match="no list of models"):
            await OpenAI.at(f"{address}/v1").list_models()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A company's own certificate for 127.0.0.1, and a server's side that uses it."""
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "company.pem"
    subject = ["-subj", "/CN=company", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", file], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return file, context


async def test_a_companys_certificate_is_accepted_where_it_is_named(
    certificate: tuple[Path, ssl.SSLContext],
) -> None:
    file, context = certificate
    async with Server(DIALECTS["LiteLLM"]).running(context) as address:
        provider = OpenAI.at(f"{address}/v1")
        assert await text_at(provider, ca_file=str(file)) == "Hello there"
        with pytest.raises(UnreachableError, match="certificate") as caught:
            await text_at(provider)
    assert "ca_file" in caught.value.hint


@pytest.mark.parametrize("text", [None, "no certificate"])
async def test_certificates_that_cannot_be_read_are_said(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "company.pem"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=r"company\.pem cannot be read"):
        await text_at(OpenAI.at("https://127.0.0.1:9/v1"), ca_file=str(file))


async def test_a_busy_service_is_asked_again_and_that_is_shown(
    quick_retries: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("g4f_magic.providers.base._jitter", lambda low, high: high)
    async with Gateway(ScriptEngine(behaviour="503")) as gateway:
        provider = get("freenetfly").at(gateway.base_url)
        chunks: list[Chunk] = []
        with pytest.raises(ChatError, match="503"):
            await collect(provider.create_async_generator("", HELLO).chunks(), chunks)
        assert len(gateway.requests) == 5
    assert quick_retries == [2.5, 5.0, 10.0, 20.0]
    notices = [chunk.text for chunk in chunks if isinstance(chunk, Notice)]
    assert [text.rpartition(" · ")[2] for text in notices] == [
        "waiting 2 s before try 2 of 5",
        "waiting 5 s before try 3 of 5",
        "waiting 10 s before try 4 of 5",
        "waiting 20 s before try 5 of 5",
    ]


async def test_it_waits_as_long_as_the_service_asks(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="429")) as gateway:
        with pytest.raises(RateLimitError):
            await text_at(OpenAI.at(gateway.openai_base_url))
    assert quick_retries == [7.0, 7.0]


async def test_a_long_wait_is_left_to_the_person(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="402")) as gateway:
        with pytest.raises(RateLimitError):
            await text_at(OpenAI.at(gateway.openai_base_url))
        assert len(gateway.requests) == 1
    assert quick_retries == []


async def test_what_was_delivered_is_not_asked_for_again(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="cut-off")) as gateway:
        with pytest.raises(BrokenOffError):
            await text_at(OpenAI.at(gateway.openai_base_url))
        assert len(gateway.requests) == 1
    assert quick_retries == []


async def test_a_second_try_may_succeed(quick_retries: list[float]) -> None:
    async with Gateway(ScriptEngine(behaviour="503")) as busy, Gateway(ScriptEngine()) as well:
        provider = OpenAI.at(busy.openai_base_url)
        chunks = provider.create_async_generator("m", HELLO).chunks()
        first = await anext(chunks)
        await chunks.aclose()
        assert isinstance(first, Notice)
        assert await text_at(OpenAI.at(well.openai_base_url)) == SCRIPT_TEXT
