"""What a piece of work holds in memory, whatever else this process does meanwhile."""

from __future__ import annotations

import tracemalloc
from types import FunctionType, ModuleType


def held_bytes(work: FunctionType, *modules: ModuleType) -> int:
    """Return how many bytes are held after `work` that it and these modules took."""
    files = [work.__code__.co_filename, *(str(module.__file__) for module in modules)]
    tracemalloc.start()
    try:
        work()
        held = tracemalloc.take_snapshot()
    finally:
        tracemalloc.stop()
    ours = held.filter_traces([tracemalloc.Filter(True, file) for file in files])
    return sum(trace.size for trace in ours.traces)
