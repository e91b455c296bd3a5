"""A loopback server for benchmarks of many requests: it streams by the token where it is asked to, and may be slow or strict.

Run as a program it prints its port, and ends with its standard input. `/stats` tells how many it answered and refused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import deque

from aiohttp import web

REPLY = "positive, because the person liked it and said so in the review"
TOKEN = 4
"""Characters of a piece of a stream."""
_PIECES = [REPLY[start : start + TOKEN] for start in range(0, len(REPLY), TOKEN)]
_USAGE = {"prompt_tokens": 50, "completion_tokens": len(_PIECES), "total_tokens": 50 + len(_PIECES)}


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    told = {"id": "1", "object": "chat.completion.chunk", "model": "tiny", "choices": [choice]}
    return b"data: " + json.dumps(told).encode() + b"\n\n"


_STREAM = b"".join([*(_event({"content": one}) for one in _PIECES), _event({}, "stop"), b"data: [DONE]\n\n"])
_CHOICE = {"index": 0, "message": {"role": "assistant", "content": REPLY}, "finish_reason": "stop"}
_WHOLE = json.dumps(
    {"id": "1", "object": "chat.completion", "model": "tiny", "choices": [_CHOICE], "usage": _USAGE}
).encode()


class Strict:
    """Allows so many requests within any 60 seconds, and says how long to wait else."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._times: deque[float] = deque()

    def seconds_to_wait(self) -> float:
        now = time.monotonic()
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        if len(self._times) >= self._allowed:
            return 60 - (now - self._times[0])
        self._times.append(now)
        return 0.0


def app(seconds: float, allowed: int) -> web.Application:
    strict = Strict(allowed) if allowed else None
    stats = {"answered": 0, "refused": 0}
    times: list[float] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if strict is not None and (wait := strict.seconds_to_wait()):
            stats["refused"] += 1
            told = {"error": {"message": "Rate limit reached", "type": "rate_limit_error"}}
            return web.json_response(told, status=429, headers={"Retry-After": str(int(wait) + 1)})
        stats["answered"] += 1
        times.append(time.monotonic())
        if seconds:
            await asyncio.sleep(seconds)
        if body.get("stream"):
            return web.Response(body=_STREAM, content_type="text/event-stream")
        return web.Response(body=_WHOLE, content_type="application/json")

    async def told(request: web.Request) -> web.Response:
        return web.json_response({**stats, "times": times})

    made = web.Application(client_max_size=2**28)
    made.router.add_post("/v1/chat/completions", answer)
    made.router.add_get("/stats", told)
    return made


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0.0, help="how long an answer takes")
    parser.add_argument("--allowed", type=int, default=0, help="requests a minute; 0: any number")
    given = parser.parse_args()
    runner = web.AppRunner(app(given.seconds, given.allowed), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
