"""A reply that nobody closes, on a loop that is gone: Python and the client warn of it, and name no password."""

from __future__ import annotations

import subprocess
import sys

from tests.contract.wire.test_frames import BASE, BASIC, KEY, PASSWORD
from tests.patience import PATIENCE_SECONDS

_PROGRAM = """
import asyncio, gc, sys, threading
from aiohttp import web
from g4f_magic import Chat
from g4f_magic.providers.openai import OpenAI

ready, place = threading.Event(), []

async def answer(request):
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        await response.write(b'data: {"choices": [{"delta": {"content": "x"}}]}\\n\\n')
        await asyncio.sleep(0.05)

async def serve():
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    place.append(f"127.0.0.1:{runner.addresses[0][1]}")
    ready.set()
    await asyncio.Event().wait()

threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
ready.wait()
proxy, key, base = (text.format(place[0]) for text in sys.stdin.read().split())
ways = [
    lambda: Chat("openai", model="m", base_url="http://service.invalid/v1", proxy=proxy).stream("Hi"),
    lambda: Chat("openai", model="m", base_url=base).stream("Hi"),
    lambda: OpenAI.at(f"http://{place[0]}/v1").create_async_generator(
        "m", [{"role": "user", "content": "Hi"}], api_key=key
    ),
]
for way in ways:
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    left = way()
    loop.run_until_complete(anext(left))
    loop.close()
    del left
    gc.collect()
print("told", file=sys.stderr)
"""


def test_what_is_left_open_is_told_of_without_a_password() -> None:
    secrets = f"http://someone:{PASSWORD}@{{}} {KEY} http://someone:{BASE}@{{}}/v1"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-X", "dev", "-c", _PROGRAM],
        input=secrets,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    shown = done.stdout + done.stderr
    # The server, in a thread of its own, may have a word after it.
    assert "told" in done.stderr.splitlines()
    assert "Unclosed" in shown, "nothing was left open"
    assert not [value for value in (KEY, PASSWORD, BASE, *BASIC) if value in shown]
