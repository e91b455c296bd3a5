"""The page that Aura's provider opens in a browser: it sets one cookie by header and one by script."""

from __future__ import annotations

import secrets

from aiohttp import web

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>g4f_magic gateway</title></head>
<body>
<h1>g4f_magic gateway</h1>
<p>This local server speaks the protocols of the chat providers. There is nothing to do on this page.</p>
<script>document.cookie = "visitor=%s; path=/; SameSite=Lax";</script>
</body>
</html>
"""


async def chat_page(request: web.Request) -> web.Response:
    """Return the page."""
    response = web.Response(text=_PAGE % secrets.token_hex(8), content_type="text/html")
    response.set_cookie("session", secrets.token_hex(16), path="/", httponly=True, samesite="Lax")
    return response
