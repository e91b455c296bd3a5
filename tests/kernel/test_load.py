"""Many chats at once, and for a while; `python -m benchmarks.load` does it at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kernel.load import kernels_on_one_store, steady, streams_at_once

pytestmark = [pytest.mark.heavy, pytest.mark.asyncio]


async def test_fifty_streams_at_once_lose_no_turn(tmp_path: Path) -> None:
    counted = await streams_at_once(tmp_path, 50)
    assert counted.problems == []
    assert (counted.kept, counted.right) == (50, 50)


async def test_three_kernels_on_one_history_lose_no_turn(tmp_path: Path) -> None:
    counted = await kernels_on_one_store(tmp_path, 3, cells=6)
    assert counted.problems == []
    assert (counted.kept, counted.right) == (36, 36)


@pytest.mark.heavy
async def test_after_a_while_of_steady_load_nothing_more_is_open(tmp_path: Path) -> None:
    counted, samples = await steady(tmp_path, 6, sample_seconds=2)
    assert counted.problems == []
    assert counted.asked == counted.kept == counted.right
    assert min(one.open_things for one in samples[-2:]) <= max(one.open_things for one in samples[:2])
