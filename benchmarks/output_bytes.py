"""What a streamed reply costs in a notebook: bytes on iopub and CPU of the kernel, beside printing each chunk.

Run `python -m benchmarks.output_bytes`; it takes about two minutes. A real ipykernel is fed 4-character
chunks, at full speed and spread over 20 s, by a cell that has an id, as in JupyterLab and Notebook 7. Bytes are whole messages as they go over the wire, headers
included, divided by the reply's own UTF-8 bytes.

What it does not show: the work of the page that receives them, and of the server between.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

FEED = """
import asyncio, time
from g4f_magic.chunks import Text
from g4f_magic.turn import Turn
from g4f_magic.renderers import choose
from g4f_magic.host import here
from g4f_magic.settings import Settings
from benchmarks.sample import markdown

async def feed(size, seconds, show, settle):
    text = markdown(size)
    pieces = [Text(text[i:i + 4]) for i in range(0, len(text), 4)]
    started, cpu = time.perf_counter(), time.process_time()
    for number, piece in enumerate(pieces):
        show(piece)
        due = started + seconds * number / len(pieces)
        if seconds and due > time.perf_counter():
            await asyncio.sleep(due - time.perf_counter())
        elif number % 16 == 0:
            await asyncio.sleep(0)
    settle(text, time.perf_counter() - started)
    return time.process_time() - cpu

async def ours(size, seconds):
    renderer = choose(settings=Settings(), host=here())
    turn = dict(id="1", slot="1", prompt="", provider="koala", model="gpt-4o-mini", started_at=0.0)
    renderer.begin(Turn.plain(**turn))
    settle = lambda text, took: renderer.settle(Turn.plain(**turn, reply=text, status="done", seconds=took))
    return await feed(size, seconds, renderer.show, settle)

async def floor(size, seconds):
    return await feed(size, seconds, lambda piece: print(piece.text, end="", flush=True), lambda *_: None)

def as_chat_cell(lines):
    if lines and lines[0].startswith("%%chat"):
        name, size, seconds = lines[0].split()[1:]
        return [f"cpu = await {name}({size}, {seconds})\\n"]
    return lines

get_ipython().input_transformers_cleanup.append(as_chat_cell)
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one reply cost."""

    size_bytes: int
    iopub_bytes: int
    messages: int
    most_outputs: int
    cpu_seconds: float

    @property
    def times(self) -> float:
        return self.iopub_bytes / self.size_bytes


_PATIENCE_SECONDS = 120.0
"""How long nothing may come: a message that says that the kernel is idle was lost, or the kernel is gone."""


class SilentKernelError(Exception):
    """A kernel said nothing any more."""


async def run(client: AsyncKernelClient, code: str) -> tuple[int, int, int]:
    """Run `code`; return bytes, messages and the number of outputs made.

    Raises:
        SilentKernelError: its end was not told.
    """
    content = {"code": code, "silent": False, "allow_stdin": False, "user_expressions": {}}
    message = client.session.msg("execute_request", content, metadata={"cellId": "measured"})
    client.shell_channel.send(message)
    request = message["header"]["msg_id"]
    total = messages = outputs = 0
    while True:
        try:
            frames = await asyncio.wait_for(client.iopub_channel.socket.recv_multipart(), _PATIENCE_SECONDS)
        except TimeoutError:
            raise SilentKernelError(code.splitlines()[0]) from None
        ident, parts = client.session.feed_identities(frames)
        message = client.session.deserialize(parts)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind = message["header"]["msg_type"]
        if kind == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))
        if kind in ("display_data", "update_display_data", "clear_output", "stream"):
            total += sum(map(len, frames)) + sum(map(len, ident))
            messages += 1
            outputs += kind == "display_data"
        if kind == "status" and message["content"]["execution_state"] == "idle":
            return total, messages, outputs


async def evaluate(client: AsyncKernelClient, expression: str) -> float:
    reply = await client.execute_interactive("", user_expressions={"it": expression}, timeout=30)
    return float(reply["content"]["user_expressions"]["it"]["data"]["text/plain"])


async def measure(client: AsyncKernelClient, name: str, size: int, seconds: float) -> Cost:
    total, messages, outputs = await run(client, f"%%chat {name} {size} {seconds}\n")
    size_bytes = int(await evaluate(client, f"len(markdown({size}).encode())"))
    return Cost(size_bytes, total, messages, outputs, await evaluate(client, "cpu"))


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="full speed only")
    options = arguments.parse_args()
    print("| reply | over | bytes ÷ reply | messages | outputs made | kernel CPU | CPU ÷ print |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for seconds in (0,) if options.quick else (0, 20):
        for size in (10_240, 102_400, 1_048_576):
            try:
                await row_of_new_kernel(size, seconds)
            except SilentKernelError:  # once in a long while, on a machine that has much to do
                await row_of_new_kernel(size, seconds)


async def row_of_new_kernel(size: int, seconds: float) -> None:
    """Measure one size in a kernel of its own, and print its row."""
    manager = AsyncKernelManager(kernel_name="python3")
    await manager.start_kernel(stderr=asyncio.subprocess.DEVNULL)
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready()
        await run(client, FEED)
        await measure(client, "ours", 1_000, 0)  # imports
        await row(client, size, seconds)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def row(client: AsyncKernelClient, size: int, seconds: float) -> None:
    cost = await measure(client, "ours", size, seconds)
    ratio = "–"
    if not seconds and size < 1_000_000:
        floor = await measure(client, "floor", size, seconds)
        ratio = f"{cost.cpu_seconds / floor.cpu_seconds:.2f}"
    over = f"{seconds} s" if seconds else "full speed"
    print(
        f"| {size // 1024} KB | {over} | {cost.times:.1f} | {cost.messages} | {cost.most_outputs} "
        f"| {cost.cpu_seconds:.2f} s | {ratio} |",
        flush=True,
    )


if __name__ == "__main__":
    started = time.perf_counter()
    asyncio.run(main())
    print(f"\nTook {time.perf_counter() - started:.0f} s.")
