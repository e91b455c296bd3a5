"""Completions that a server wraps in something of its own, through the gateway."""

from __future__ import annotations

import json

import pytest

from tests.gateway.service import DONE, Service, choice, event
from tests.gateway.test_relay import ask, events


@pytest.mark.parametrize("is_stream", [True, False])
async def test_a_completion_in_an_envelope_comes_back_without_it(is_stream: bool) -> None:
    frames = [choice({"content": "Hi"}), choice({}, "stop")]
    wrapped = [event({"code": 0, "data": json.loads(one.removeprefix(b"data: "))}) for one in frames]
    reply = await ask(Service(*wrapped, DONE), stream=is_stream)
    found = events(reply) if is_stream else [json.loads(reply.body)]
    said = [one["choices"][0].get("delta") or one["choices"][0].get("message") or {} for one in found]
    assert "".join(one.get("content") or "" for one in said) == "Hi"
