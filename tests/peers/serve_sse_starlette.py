"""sse-starlette, with a tiny random model: a Markov chain made on the spot, the same one each time."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_WORDS = ["größer", "schnell", "🦊", "fox", "懒狗", "over", "the", "lazy", "dog", "jumps"]


def tokens(seed: str, count: int) -> list[str]:
    """Return the words that the model says: each is chosen by the one before it."""
    chance = random.Random(seed)
    following = {word: chance.sample(_WORDS, 3) for word in _WORDS}
    said = [chance.choice(_WORDS)]
    while len(said) < count:
        said.append(chance.choice(following[said[-1]]))
    return [f"{word} " for word in said]


async def complete(request: Request) -> EventSourceResponse | JSONResponse:
    body: Any = await request.json()
    prompt = str(body["messages"][-1]["content"])
    if body["model"] != "markov":
        return JSONResponse({"detail": f"model {body['model']!r} not found"}, status_code=404)
    said = tokens(prompt, int(body.get("max_tokens", 20)))

    async def events() -> AsyncIterator[dict[str, str]]:
        for word in said:
            yield {
                "data": json.dumps(
                    {"choices": [{"index": 0, "delta": {"content": word}, "finish_reason": None}]}
                )
            }
            await asyncio.sleep(0.02 if "slowly" in prompt else 0)
        usage = {"prompt_tokens": len(prompt.split()), "completion_tokens": len(said)}
        yield {
            "data": json.dumps(
                {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
            )
        }
        yield {"data": "[DONE]"}

    return EventSourceResponse(events(), ping=1)


async def models(request: Request) -> JSONResponse:
    return JSONResponse({"object": "list", "data": [{"id": "markov", "object": "model"}]})


app = Starlette(
    routes=[Route("/v1/chat/completions", complete, methods=["POST"]), Route("/v1/models", models)]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
