"""Real interrupts in each phase of a chat; `python -m benchmarks.interrupts` does a thousand of them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kernel.phases import PHASES, WAYS, Stopped, drawn, target

pytestmark = pytest.mark.heavy

TIMES = 3 * len(PHASES)


@pytest.mark.asyncio
@pytest.mark.parametrize("way", WAYS)
async def test_an_interrupt_in_any_phase_leaves_all_as_it_was(way: str, tmp_path: Path) -> None:
    chance = random.Random(5)
    result = Stopped()
    async with target(tmp_path) as one:
        await one.strike(way, drawn(TIMES, chance), chance, result)
        leaks = await one.kernel.leaks()
        open_turns = one.open_turns()
    assert result.problems == []
    assert leaks == []
    assert open_turns == 0
    assert result.count == TIMES
    for phase in PHASES[1:5]:
        assert result.outcomes[phase.name] == {"stopped": 3}
