"""The contract tests for others: ours pass them, and what is wrong fails them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.heavy

# One of each kind of framing; that all of ours keep these promises is looked at without a pytest around it.
OURS = ["koala:Koala", "aura:Aura", "openai:OpenAI"]

PLUGIN = '''
import asyncio, json
import aiohttp
from g4f_magic.providers.openai import OpenAI

class Mine(OpenAI):
    """An OpenAI-compatible service."""
    name = "mine"
    url = "https://mine.example/v1"

class Foreign:
    """A class in gpt4free's form, that knows nothing of ours."""
    url = "https://foreign.example"
    default_model = "m"

    @classmethod
    async def create_async_generator(cls, model, messages, **kwargs):
        yield messages[-1]["content"]

async def parrot(messages):
    yield "Polly"

async def lingering(messages):
    asyncio.get_running_loop().create_task(asyncio.sleep(60))
    yield "Polly"

class Careless(Mine):
    """Lets what is wrong pass as text."""
    @classmethod
    async def create_async_generator(cls, model, messages, **kwargs):
        async with aiohttp.ClientSession() as http:
            async with http.post(cls.url + "/chat/completions", json={"model": "m", "messages": messages}) as reply:
                yield await reply.text()
'''


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    (tmp_path / "mypkg.py").write_text(PLUGIN)
    return tmp_path


def run(folder: Path, *options: str) -> tuple[int, dict[str, int], str]:
    """Run the tests as an author does, and return the exit code, how many had which outcome, and what was shown."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        *(
            f"-pno:{name}"
            for name in ("anyio", "cacheprovider", "randomly", "xdist", "playwright", "hypothesispytest")
        ),
        "-rs",
        "--pyargs",
        "g4f_magic.testing",
        *options,
    ]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    counts = {
        word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)
    }
    return done.returncode, counts, done.stdout


@pytest.mark.parametrize("name", OURS)
def test_ours_pass(tmp_path: Path, name: str) -> None:
    code, counts, shown = run(tmp_path, "--chat-provider", f"g4f_magic.providers.{name}")
    assert code == 0, shown
    assert counts["passed"] >= 20


def test_a_service_that_derives_from_ours_passes(plugin: Path) -> None:
    code, counts, shown = run(plugin, "--chat-provider", "mypkg:Mine")
    assert code == 0, shown
    assert "skipped" not in counts


@pytest.mark.parametrize("name", ["parrot", "Foreign"])
def test_what_speaks_no_protocol_of_the_gateway_is_asked_where_it_stands(plugin: Path, name: str) -> None:
    code, counts, shown = run(plugin, "--chat-provider", f"mypkg:{name}")
    assert code == 0, shown
    assert counts["passed"] == 4
    assert "--chat-dialect" in shown


def test_what_is_wrong_fails(plugin: Path) -> None:
    code, counts, shown = run(
        plugin, "--chat-provider", "mypkg:Careless", "--chat-dialect", "openai", "-k", "replies or failure"
    )
    assert code == 1, shown
    assert counts["failed"] >= 5


def test_what_is_left_running_fails(plugin: Path) -> None:
    code, counts, shown = run(plugin, "--chat-provider", "mypkg:lingering", "-k", "replies")
    assert (code, counts["failed"]) == (1, 1)
    assert "tasks are left running" in shown


@pytest.mark.parametrize("target", ["mypkg:Nobody", "nowhere:Nobody", "mypkg"])
def test_what_is_not_there_is_said(plugin: Path, target: str) -> None:
    code, _, shown = run(plugin, "--chat-provider", target)
    assert code == 1
    assert "is not there" in shown


def test_without_a_provider_all_are_skipped(tmp_path: Path) -> None:
    code, counts, shown = run(tmp_path)
    assert (code, set(counts)) == (0, {"skipped"})
    assert "--chat-provider MODULE:NAME" in shown
