"""How long the first chat of a kernel takes from the server's first words to the first text that arrives from the kernel.

The server says in its reply when it wrote it, by the clock that all processes of one machine share; whoever listens to
the kernel subtracts that from the time at which the message with it arrives. Beside it the same for an aiohttp loop that
prints, in a kernel that has imported aiohttp; ours had time to import ahead while it was idle, or none.
"""

from __future__ import annotations

import asyncio
import json
import re
import statistics
import time

from g4f_magic.preload import IDLE_SECONDS
from tests.kernel.kernels import Kernel, kernel

ROUNDS = 5
PRELOAD_SECONDS = 5.0
"""Enough for what an idle kernel imports ahead."""
STAMP = re.compile(r"stamp=(\d+\.\d+)")


async def seconds_after_answer(kernel: Kernel, code: str) -> float:
    """Return how long after the server's answer its text arrived here."""
    heard: list[float] = []

    def listen(message: dict[str, object]) -> None:
        arrived = time.monotonic()
        if not heard and message["msg_type"] in ("stream", "display_data", "update_display_data"):
            found = STAMP.search(json.dumps(message["content"]))
            if found is not None:
                heard.append(arrived - float(found[1]))

    ran = await kernel.run(code, on_message=listen)
    assert ran.status == "ok", ran.error
    return heard[0]


async def first(base: str, loop_code: str, *, is_idle: bool) -> tuple[float, float]:
    """Return the medians, in seconds: ours, and the loop's."""
    ours, floor = [], []
    for _ in range(ROUNDS):
        async with kernel(is_warm=False) as fresh:
            await fresh.ok("%load_ext g4f_magic")
            if is_idle:
                await asyncio.sleep(IDLE_SECONDS + PRELOAD_SECONDS)  # any cell would put the imports off
            chat = f"%%chat -p openai -m tiny --once --base-url {base}\n!stamp"
            ours.append(await seconds_after_answer(fresh, chat))
        async with kernel(is_warm=False) as fresh:
            await fresh.ok("import aiohttp")
            floor.append(await seconds_after_answer(fresh, loop_code))
    return statistics.median(ours), statistics.median(floor)
