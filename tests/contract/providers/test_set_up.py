"""What is said of each mistake in a set-up: addresses, models, keys, certificates."""

from __future__ import annotations

import json
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from g4f_magic.errors import (
    ChatError,
    InputError,
    MissingAuthError,
    UnreachableError,
    WireError,
)
from g4f_magic.providers import get
from g4f_magic.providers.openai import OpenAI
from tests.contract.providers.openai_server import Server, chunks_of, error_of, text_at
from tests.contract.providers.test_dialects import DIALECTS


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
