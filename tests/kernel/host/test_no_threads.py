"""A kernel in a browser, by its signs: no thread can be started, and its loop opens no connection."""

from __future__ import annotations

from pathlib import Path

from tests.kernel.kernels import kernel

NO_THREADS = """
import threading
def start(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
"""
NO_SOCKETS = """
import asyncio
async def create_connection(*_, **__):
    raise NotImplementedError
loop = asyncio.get_running_loop()
loop.create_connection = loop.sock_connect = loop.getaddrinfo = create_connection
"""


async def test_a_cell_replays_without_a_thread_and_without_a_socket(tmp_path: Path) -> None:
    environment = {"JPY_SESSION_NAME": str(tmp_path / "a.ipynb")}
    async with kernel(**environment, G4F_MAGIC_MODE="record") as one:
        await one.ok("%load_ext g4f_magic")
        recorded = await one.ok("%%chat -p koala\nHello", cell="a")
    async with kernel(is_warm=False, **environment, G4F_MAGIC_MODE="replay") as one:
        await one.ok(NO_THREADS)
        await one.ok("%load_ext g4f_magic")
        ran = await one.ok("%%chat -p koala --pace real\nHello", cell="a")
        assert ran.reply == recorded.reply
        assert "<li>" in ran.html


async def test_asking_live_without_sockets_is_two_lines() -> None:
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        await one.ok(NO_SOCKETS)
        ran = await one.run("%%chat -p openai --base-url http://127.0.0.1:9/v1 -m m\nHello")
    assert len(ran.error) == 2, ran.error
    assert "this Python opens no connections" in ran.error[0]
