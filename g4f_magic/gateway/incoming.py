"""Reads a request into what the dialects look at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from g4f_magic.gateway.dialects import Incoming
from g4f_magic.wire.json_values import value_of

BODY_SECONDS = 30.0
"""How long the body of a request may take."""


async def incoming_of(request: web.Request) -> Incoming:
    """Read a request to its end.

    Raises:
        HTTPRequestTimeout: its body does not come within `BODY_SECONDS`.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        async with asyncio.timeout(BODY_SECONDS):
            text = await request.read()
        body = value_of(text)
    except TimeoutError:
        raise web.HTTPRequestTimeout(headers={"Connection": "close"}) from None
    except ValueError:  # not JSON, or not UTF-8
        body = None
    pairs = [pair.strip().partition("=") for pair in headers.get("cookie", "").split(";")]
    cookies = {name: value for name, _, value in pairs if name}
    return Incoming(request.path, headers, body if isinstance(body, Mapping) else None, cookies)
