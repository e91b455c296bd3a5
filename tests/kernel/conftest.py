from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.kernel.kernels import Kernel, kernel


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Kernel]:
    """One kernel for a whole module, with the extension loaded."""
    async with kernel() as one:
        await one.ok("%load_ext g4f_magic")
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def chat(shared: Kernel) -> Kernel:
    """That kernel, with nothing said yet in its conversation."""
    await shared.ok("%chat reset")
    return shared
