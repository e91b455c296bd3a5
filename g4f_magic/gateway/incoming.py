"""Reads a request into what the dialects look at."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from g4f_magic.gateway.dialects import Incoming


async def incoming_of(request: web.Request) -> Incoming:
    """Read a request to its end."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        body = json.loads(await request.read())
    except ValueError:  # not JSON, or not UTF-8
        body = None
    pairs = [pair.strip().partition("=") for pair in headers.get("cookie", "").split(";")]
    cookies = {name: value for name, _, value in pairs if name}
    return Incoming(request.path, headers, body if isinstance(body, Mapping) else None, cookies)
