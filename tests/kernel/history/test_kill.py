"""A real kernel, killed in the middle of a stream: the next one finds the turn broken off, with its text so far."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from g4f_magic.history import History, Identity
from g4f_magic.history.table import ENDED
from g4f_magic.testing.script import SCRIPT_TEXT
from g4f_magic.turn import Turn
from tests.examples import share
from tests.patience import PATIENCE_SECONDS
from tests.turns import key_of

pytestmark = pytest.mark.heavy

KILLS = share(30)


@contextmanager
def kernel(folder: Path) -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """Start a kernel as JupyterLab does for `folder/a.ipynb`, with a history of its own."""
    # Of sockets in a folder: a free TCP port that was chosen is now and then gone before the kernel takes it.
    sockets = TemporaryDirectory(prefix="k")
    manager = KernelManager(kernel_name="python3", transport="ipc", ip=f"{sockets.name}/k")
    environment = {
        "JPY_SESSION_NAME": str(folder / "a.ipynb"),
        "G4F_MAGIC_HISTORY": str(folder / "history.sqlite"),
        "G4F_MAGIC_ENGINE": "script",
    }
    manager.start_kernel(env={**os.environ, **environment}, cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=PATIENCE_SECONDS)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
        sockets.cleanup()


def run(client: BlockingKernelClient, code: str, cell: str) -> str:
    """Send a cell with its id, and return the id of the request."""
    content = {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
    }
    message = client.session.msg("execute_request", content, metadata={"cellId": cell})
    client.shell_channel.send(message)
    return str(message["header"]["msg_id"])


def wait(client: BlockingKernelClient, request: str) -> str:
    """Return how a cell ended."""
    while True:
        reply = client.get_shell_msg(timeout=PATIENCE_SECONDS)
        if reply["parent_header"].get("msg_id") == request:
            return str(reply["content"]["status"])


def until(history: History, key: str, has_come: Callable[[tuple[Turn, ...]], bool]) -> tuple[Turn, ...]:
    """Return the turns as soon as they are so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not has_come(turns := history.turns(key, "main")):
        assert time.monotonic() < deadline, turns
        time.sleep(0.01)
    return turns


@pytest.fixture
def history(tmp_path):
    history = History(tmp_path / "history.sqlite")
    yield history
    history.close()
    assert history.warnings == []


def test_a_kernel_killed_in_the_middle_of_a_stream_loses_no_turn(history, tmp_path):
    chance = random.Random(7)
    key = key_of(history, Identity(str(tmp_path / "a.ipynb"), ran=frozenset({"cell-0"})))
    endless = (SCRIPT_TEXT + "\n") * 100_000
    for number in range(KILLS):
        is_early = number % 3 == 0
        with kernel(tmp_path) as (manager, client):
            assert wait(client, run(client, "%load_ext g4f_magic", "load")) == "ok"
            run(client, "%%chat\n!never-closing", f"cell-{number}")
            seen = until(
                history,
                key,
                lambda turns, is_early=is_early, number=number: (
                    len(turns) == number + 1 and (is_early or bool(turns[-1].reply))
                ),
            )
            time.sleep(chance.random() * 0.5)  # the random moment
            os.kill(manager.provisioner.pid, signal.SIGKILL)
            manager.provisioner.process.wait()
        turns = history.turns(key, "main")
        assert [turn.slot for turn in turns] == [f"cell-{n}" for n in range(number + 1)]
        assert {(turn.status, turn.error) for turn in turns} == {("broken", ENDED)}
        assert turns[-1].reply.startswith(seen[-1].reply)
        assert endless.startswith(turns[-1].reply)


def test_the_next_kernel_goes_on_from_the_turn_that_was_broken_off(history, tmp_path):
    key = key_of(history, Identity(str(tmp_path / "a.ipynb"), ran=frozenset({"a"})))
    with kernel(tmp_path) as (manager, client):
        assert wait(client, run(client, "%load_ext g4f_magic", "load")) == "ok"
        run(client, "%%chat\n!never-closing", "a")
        until(history, key, lambda turns: bool(turns) and bool(turns[-1].reply))
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        manager.provisioner.process.wait()
    with kernel(tmp_path) as (_, client):
        assert wait(client, run(client, "%load_ext g4f_magic", "load")) == "ok"
        assert wait(client, run(client, "%%chat\nhello", "b")) == "ok"
        broken, done = history.turns(key, "main")
        assert (broken.slot, broken.status) == ("a", "broken")
        assert (done.slot, done.status, done.reply) == ("b", "done", SCRIPT_TEXT)
        assert done.context_messages == 3
        assert wait(client, run(client, "%%chat\nagain", "a")) == "ok"
        assert [(turn.prompt, turn.status) for turn in history.turns(key, "main")] == [
            ("again", "done"),
            ("hello", "done"),
        ]
        assert [turn.status for turn in history.revisions(key, "main", "a")] == ["broken", "done"]


def test_two_kernels_of_one_notebook_lose_nothing(history, tmp_path):
    key = key_of(history, Identity(str(tmp_path / "a.ipynb"), ran=frozenset({"load"})))
    with kernel(tmp_path) as (_, one), kernel(tmp_path) as (_, two):
        for client in (one, two):
            assert wait(client, run(client, "%load_ext g4f_magic", "load")) == "ok"
        asked = [
            (client, run(client, f"%%chat\nquestion {name} {number}", f"{name}{number}"))
            for number in range(10)
            for name, client in (("one", one), ("two", two))
        ]
        assert {wait(client, request) for client, request in asked} == {"ok"}
    turns = history.turns(key, "main")
    for name in ("one", "two"):
        assert [turn.slot for turn in turns if turn.slot.startswith(name)] == [
            f"{name}{n}" for n in range(10)
        ]
    assert {(turn.status, turn.reply) for turn in turns} == {("done", SCRIPT_TEXT)}
