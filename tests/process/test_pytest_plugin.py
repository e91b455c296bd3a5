"""The fixture `chat_cassette`, as someone else's tests use it: in a pytest of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.heavy

TESTS = """
import os
from g4f_magic import Chat

def test_greeting(chat_cassette):
    chat = Chat("koala", base_url=os.environ["SERVICE"])
    assert chat.ask_sync("Hello") == "Good morning"
    assert Chat("koala", base_url=os.environ["SERVICE"]).ask_sync("Hello") == "Good morning"
"""


def run(folder: Path, service: str, *options: str) -> subprocess.CompletedProcess[str]:
    without = (
        f"-pno:{name}" for name in ("cacheprovider", "randomly", "xdist", "playwright", "hypothesispytest")
    )
    command = [sys.executable, "-m", "pytest", "-q", *without, *options, str(folder)]
    environment = {**os.environ, "SERVICE": service}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=PATIENCE_SECONDS
    )


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with Gateway(ScriptEngine("Good morning")) as gateway:
        yield gateway


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_greetings.py").write_text(TESTS)
    return tmp_path


async def test_it_records_on_demand_and_replays_else(gateway: Gateway, folder: Path) -> None:
    done = await asyncio.to_thread(run, folder, gateway.base_url, "--chat-record")
    assert done.returncode == 0, done.stdout
    cassette = folder / "cassettes" / "test_greetings" / "test_greeting.chat.jsonl"
    assert len(cassette.read_text().splitlines()) == 2
    sent = len(gateway.requests)
    done = await asyncio.to_thread(run, folder, gateway.base_url)
    assert done.returncode == 0, done.stdout
    assert len(gateway.requests) == sent == 2


SEVERAL = """
import os
import pytest
from g4f_magic import Chat

chat = Chat("koala", base_url=os.environ["SERVICE"], is_once=True)

class TestOne:
    def test_ok(self, chat_cassette):
        assert chat.ask_sync("Hello from one") == "Good morning"

class TestTwo:
    def test_ok(self, chat_cassette):
        assert chat.ask_sync("Hello from two") == "Good morning"

@pytest.mark.parametrize("word", ["a b", "a-b", "a/b"])
def test_word(chat_cassette, word):
    assert chat.ask_sync(word) == "Good morning"
"""


async def test_each_test_has_a_cassette_of_its_own_whoever_made_the_chat(
    gateway: Gateway, folder: Path
) -> None:
    (folder / "test_greetings.py").write_text(SEVERAL)
    done = await asyncio.to_thread(run, folder, gateway.base_url, "--chat-record")
    assert done.returncode == 0, done.stdout
    assert len(gateway.requests) == 5
    assert len(list((folder / "cassettes" / "test_greetings").iterdir())) == 5
    done = await asyncio.to_thread(run, folder, gateway.base_url)
    assert done.returncode == 0, done.stdout
    assert len(gateway.requests) == 5


async def test_recording_again_takes_out_what_is_no_longer_asked(gateway: Gateway, folder: Path) -> None:
    await asyncio.to_thread(run, folder, gateway.base_url, "--chat-record")
    (folder / "test_greetings.py").write_text(TESTS.replace("Hello", "Hi"))
    done = await asyncio.to_thread(run, folder, gateway.base_url, "--chat-record")
    assert done.returncode == 0, done.stdout
    cassette = folder / "cassettes" / "test_greetings" / "test_greeting.chat.jsonl"
    assert [line.count('"prompt":"Hi"') for line in cassette.read_text().splitlines()] == [1, 1]


async def test_a_request_that_is_not_recorded_fails_the_test(gateway: Gateway, folder: Path) -> None:
    done = await asyncio.to_thread(run, folder, gateway.base_url)
    assert done.returncode == 1
    assert "MissError" in done.stdout
    assert "pytest --chat-record" in done.stdout
    assert "run the cell" not in done.stdout
    assert not gateway.requests


def test_the_plug_in_imports_nothing_heavy() -> None:
    code = (
        "import sys; import pytest; before = set(sys.modules); import g4f_magic.pytest_plugin\n"
        "print(sorted(name for name in set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert (
        done.stdout.strip()
        == "['g4f_magic', 'g4f_magic.launch', 'g4f_magic.pytest_plugin', 'g4f_magic.version']"
    )


MAPPED = """
import asyncio, os
from g4f_magic import Chat

def test_rows(chat_cassette):
    asyncio.run(Chat("koala", base_url=os.environ["SERVICE"]).map(["a", "b"], "Say {{item}}"))
"""


async def test_rows_that_are_not_recorded_say_how_a_test_records(gateway: Gateway, folder: Path) -> None:
    (folder / "test_greetings.py").write_text(MAPPED)
    done = await asyncio.to_thread(run, folder, gateway.base_url)
    assert done.returncode == 1
    assert "2 of 2 rows have no answer" in done.stdout
    assert "pytest --chat-record" in done.stdout
    assert "%chat mode" not in done.stdout
