"""Which of the servers that run on a person's own machine answers now. Nobody outside of it is asked."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from g4f_magic import providers
from g4f_magic.errors import ChatError

PROBE_SECONDS = 0.3
"""A server of this machine that takes longer than that to say what it has is not found by itself."""


async def running() -> str:
    """Return the name of the first service that answers on this machine and has a model that chats; empty for none."""
    here = [name for name, preset in providers.known_presets().items() if preset.is_here]
    answering = await asyncio.gather(*map(_has_model, here))
    return next((name for name, has in zip(here, answering, strict=True) if has), "")


async def is_open(url: str) -> bool:
    """Say whether anything listens at the address of a URL. Cheap: no client is loaded, nothing is sent."""
    parts = urlsplit(url)
    with suppress(OSError, ValueError, TimeoutError):
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
            writer.close()
            return True
    return False


async def _has_model(name: str) -> bool:
    if not await is_open(providers.known_presets()[name].base_url):
        return False
    from g4f_magic.providers.chooser import ranked

    provider = providers.known_presets()[name].provider()
    try:
        return bool(ranked(await provider.offers(timeout=PROBE_SECONDS), provider.url)[0])
    except ChatError:
        return False
