"""The site, the profiles of browsers, and proxies before it."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.contract.wire.browser.site import Site, browsers
from tests.patience import PATIENCE_SECONDS
from tests.serving import free_port


@pytest.fixture(autouse=True)
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep temporary profiles in one folder, and see that neither they nor a browser are left."""
    folder = tmp_path / "profiles"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    _, left = psutil.wait_procs(
        browsers(folder), timeout=PATIENCE_SECONDS
    )  # a process that was killed takes a moment
    assert left == []


@pytest.fixture
async def site() -> Site:
    return Site()


@pytest.fixture
async def server(site: Site) -> AsyncIterator[TestServer]:
    app = web.Application()
    for name in ("silence", "redirect", "away", "challenge", "refuse"):
        app.router.add_get(f"/{name}", getattr(site, name))
    app.router.add_get("/", site.welcome)
    async with TestServer(app) as running:
        yield running
        site.never.set()


@pytest.fixture
def unused_port() -> int:
    return free_port()


@pytest.fixture
async def proxy() -> AsyncIterator[TestServer]:
    """Run a proxy that knows one person, and gives the page of every site itself."""
    expected = "Basic " + base64.b64encode(b"ann:p@ss").decode()

    async def forward(request: web.BaseRequest) -> web.Response:
        if request.headers.get("Proxy-Authorization") != expected:
            return web.Response(status=407, headers={"Proxy-Authenticate": 'Basic realm="proxy"'})
        return web.Response(
            text=f"<title>{request.headers['Host']}</title>",
            headers={"Set-Cookie": f"host={request.headers['Host']}"},
            content_type="text/html",
        )

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    async with TestServer(app) as running:
        yield running
