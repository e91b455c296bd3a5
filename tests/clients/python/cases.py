"""Runs a client's cases and prints what came of each as JSON: what it said, or which error it raised."""

from __future__ import annotations

import asyncio
import base64
import inspect
import json
import sys
from collections.abc import Callable
from typing import Any

BASE_URL, KEY = sys.argv[1:3]
IS_RESPONSES = sys.argv[3:] == ["responses"]
"""Whether a client that has both is to ask by the Responses API."""
MODEL = "theirs"
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
PICTURE_URL = f"data:image/png;base64,{PICTURE}"
PICTURE_BYTES = base64.b64decode(PICTURE)
HELLO = [{"role": "user", "content": "Hello"}]
LOOK = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "Look"},
            {"type": "image_url", "image_url": {"url": PICTURE_URL}},
        ],
    }
]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"{city}: 21 degrees"


def run(*cases: Callable[[], Any]) -> None:
    """Run each case, whose name tells what is tried, and print the outcomes."""
    print(json.dumps(asyncio.run(_outcomes(cases))))


async def _outcomes(cases: tuple[Callable[[], Any], ...]) -> dict[str, Any]:
    outcomes = {}
    for case in cases:
        try:
            said = case() if not inspect.iscoroutinefunction(case) else await case()
            outcomes[case.__name__] = {"said": said}
        except Exception as exc:
            names = [kind.__name__ for kind in type(exc).__mro__]
            status = getattr(exc, "status_code", None)
            outcomes[case.__name__] = {"errors": names, "status": status, "message": str(exc)[:2000]}
    return outcomes
