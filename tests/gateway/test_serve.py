"""`python -m g4f_magic serve` as a process of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from g4f_magic import cli


@asynccontextmanager
async def serving(*options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the command and give the process and the address that it prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "g4f_magic", "serve", *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        yield process, line.removeprefix("Gateway: ").strip()
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_it_prints_an_address_that_answers() -> None:
    body = {"model": "", "messages": [{"role": "user", "content": "Hello"}]}
    async with serving("--engine", "guide") as (_, base_url), aiohttp.ClientSession() as http:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{20,}", base_url)
        async with http.post(f"{base_url}/v1/chat/completions", json=body) as reply:
            answer = await reply.json()
    assert "offline guide" in answer["choices"][0]["message"]["content"]


async def test_a_model_may_have_a_further_name() -> None:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}]}
    options = ("--engine", "guide", "--alias", "gpt-4o=guide")
    async with (
        serving(*options) as (_, base_url),
        aiohttp.ClientSession() as http,
        http.post(f"{base_url}/v1/chat/completions", json=body) as reply,
    ):
        answer = await reply.json()
    assert (reply.status, answer["model"]) == (200, "guide")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_it_cleanly_while_a_reply_streams(number: signal.Signals) -> None:
    body = {"input": "!never-closing", "model": ""}
    async with serving("--engine", "script") as (process, base_url), aiohttp.ClientSession() as http:
        async with http.post(f"{base_url}/api/gpt/", json=body) as reply:
            await reply.content.readany()
            process.send_signal(number)
            output, errors = await process.communicate()
        reply.close()
    assert process.returncode == 0
    assert output.decode().endswith("Stopped.\n")
    assert errors == b""


async def test_another_address_is_warned_of() -> None:
    async with serving("--engine", "guide", "--host", "0.0.0.0") as (process, _):
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert b"Warning: 0.0.0.0 is not a loopback address" in errors
    assert process.returncode == 0


def test_a_wrong_engine_is_two_lines_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", "--engine", "giude"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["nothing"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "x"],
        ["serve", "--alias", "gpt-4o"],
    ],
)
def test_wrong_options_are_exit_code_2(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(options)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err
