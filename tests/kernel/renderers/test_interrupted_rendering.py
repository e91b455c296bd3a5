"""A real interrupt while a reply is being rendered: the kernel is free at once, and the text is there."""

from __future__ import annotations

import asyncio

import pytest

from tests.kernel.kernels import Kernel, kernel

pytestmark = pytest.mark.asyncio

LARGE = """
%load_ext g4f_magic
import g4f_magic
@g4f_magic.provider
async def large(messages):
    yield "*a* [b](http://c)\\n\\n" * 200_000
    print("all said", flush=True)
"""
"""What takes a minute to render."""


async def interrupted(one: Kernel, code: str) -> tuple[str, list[str], str]:
    """Run a cell, interrupt it once all was said; return status, error and the plain text that stands there."""
    said = asyncio.Event()
    identity = one.send(code)
    finishing = asyncio.create_task(
        one.finish(identity, lambda message: said.set() if message["msg_type"] == "stream" else None)
    )
    await said.wait()
    await one.interrupt()
    ran = await finishing
    return ran.status, ran.error, ran.plain


async def test_an_interrupt_while_rendering_leaves_the_text_and_a_free_kernel() -> None:
    async with kernel() as one:
        await one.ok(LARGE)
        _, _, plain = await interrupted(one, "%%chat -p large\nSay it")
        assert plain.count("*a* [b](http://c)") == 200_000
        ran = await one.ok("%%chat\nHello")
        assert ran.reply
        assert await one.leaks() == []
