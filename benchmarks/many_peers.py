"""Asks a server many questions as other packages do, each in an environment and a process of its own.

`benchmarks.many --peers FOLDER` runs it. As a script (`python many_peers.py NAME URL NUMBER`) it is run by the Python of such an
environment, which does not know this package, and prints processor and wall time in seconds.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

AT_ONCE = 100
INSTALLS = {"chatlas": ("chatlas", "openai"), "langchain": ("langchain-openai",)}
"""What pip gets for each; the first is the package that asks."""
_PATIENCE_SECONDS = 300


def took(name: str, folder: Path, url: str, number: int) -> tuple[str, float, float]:
    """Return the version, and the processor and wall time of asking so many; the environment is made at first."""
    from benchmarks.peers.environments import Peer, prepare

    installs = INSTALLS[name]
    installed = prepare(Peer(name, f"many-{name}", installs, installs[0], "", ""), folder)
    arguments = [str(installed.python), __file__, name, url, str(number)]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, timeout=_PATIENCE_SECONDS)
    cpu, wall = map(float, done.stdout.split()[-2:])
    return installed.version, cpu, wall


def _chatlas(url: str) -> Callable[[list[str]], Awaitable[object]]:
    import chatlas

    chat = chatlas.ChatOpenAICompletions(base_url=url, model="tiny", api_key="x")
    return lambda texts: chatlas.parallel_chat_text(chat, texts, max_active=AT_ONCE, rpm=10**6)


def _langchain(url: str) -> Callable[[list[str]], Awaitable[object]]:
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(base_url=url, model="tiny", api_key="x")
    return lambda texts: model.abatch(texts, config={"max_concurrency": AT_ONCE})


def main() -> None:
    """Ask; what is imported is no part of the times."""
    name, url, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    ask = {"chatlas": _chatlas, "langchain": _langchain}[name](url)

    async def asked() -> None:
        found = await ask([f"review {one}: ".ljust(200, "x") for one in range(number)])
        assert isinstance(found, list)
        assert len(found) == number

    cpu, wall = time.process_time(), time.perf_counter()
    asyncio.run(asked())
    print(time.process_time() - cpu, time.perf_counter() - wall)


if __name__ == "__main__":
    main()
