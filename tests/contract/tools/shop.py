"""Functions that a model asks for in these tests."""

from __future__ import annotations

import asyncio

import g4f_magic

PRICES = {"tea": 3, "milk": 2}


@g4f_magic.tool(asks=False)
def lookup(item: str) -> int:
    """Look up a price.

    Args:
        item: What is bought.
    """
    return PRICES[item]


@g4f_magic.tool(asks=False)
async def now() -> str:
    """Tell the time."""
    await asyncio.sleep(0)
    return "noon"


BOTH = [("lookup", {"item": "tea"}), ("lookup", {"item": "milk"})]
