"""A prompt takes a bounded number of steps to the socket, so that a person can follow it by reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import rooms
from g4f_magic.gateway import Gateway
from g4f_magic.testing.script import ScriptEngine


@pytest.mark.parametrize(("way", "most_rooms", "most_moves"), [("live", 33, 92), ("recorded", 40, 112)])
async def test_a_prompt_walks_through_few_modules(
    tmp_path: Path, way: str, most_rooms: int, most_moves: int
) -> None:
    async with Gateway(ScriptEngine()) as gateway, rooms.kernel(rooms.HERE, tmp_path) as client:
        _, entered, moves, _ = rooms.figures(
            await rooms.second_walk(client, gateway.base_url, rooms.WAYS[way])
        )
    assert entered <= most_rooms
    assert moves <= most_moves
