"""Servers of others on loopback, each a program of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.serving import free_port


@asynccontextmanager
async def running(
    command: list[str], port: int, *, path: str, log: Path, **environment: str
) -> AsyncIterator[str]:
    """Run a server until it answers at `path`, and give its address."""
    address = f"http://127.0.0.1:{port}"
    with log.open("wb") as out:
        # A group of its own: litserve's workers outlive it otherwise.
        process = subprocess.Popen(
            command, stdout=out, stderr=out, env={**os.environ, **environment}, start_new_session=True
        )
    try:
        await asyncio.wait_for(_until_it_answers(address + path, process, log), PATIENCE_SECONDS)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


async def _until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    while not await asyncio.to_thread(_answers, url):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}:\n{log.read_text()[-2000:]}")
        await asyncio.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError as exc:
        exc.close()
        return True
    except OSError:
        return False
    return True


def script(name: str) -> tuple[list[str], int]:
    """Return the command of a server that lies beside this module, and the port it is told."""
    port = free_port()
    return [sys.executable, str(Path(__file__).with_name(name)), str(port)], port
