"""A stand-in for Hugging Face's hub on loopback: what its library asks for to list and to fetch a model's files."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.serving import served

SHA = "0123456789abcdef0123456789abcdef01234567"
_PIECE = 64 * 1024


@dataclass
class Hub:
    """Its repositories by name, and what it was asked."""

    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    """What it says of a file's size where that is not true."""
    etags: dict[str, str] = field(default_factory=dict)
    """What it says of a file's hash where that is not true."""
    gated: set[str] = field(default_factory=set)
    ranges: list[str] = field(default_factory=list)
    """The header `Range` of each file that was fetched, empty where there was none."""
    hold_after: int | None = None
    """After how many bytes a file waits until `go_on`."""
    status: int = 0
    """What it answers instead of a file."""
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def info(self, request: web.Request) -> web.Response:
        repo = f"{request.match_info['owner']}/{request.match_info['name']}"
        if repo not in self.files:
            return _refused(401, "RepoNotFound")
        siblings = [
            {"rfilename": name, "size": self.sizes.get(name, len(data))}
            for name, data in self.files[repo].items()
        ]
        return web.json_response(
            {"id": repo, "modelId": repo, "sha": SHA, "siblings": siblings, "private": False}
        )

    async def file(self, request: web.Request) -> web.StreamResponse:
        if self.status:
            return web.Response(status=self.status)
        repo = f"{request.match_info['owner']}/{request.match_info['name']}"
        if repo in self.gated:
            return _refused(403, "GatedRepo")
        file = request.match_info["file"]
        data = self.files[repo][file]
        headers = {
            "ETag": f'"{self.etags.get(file, hashlib.sha256(data).hexdigest())}"',
            "X-Repo-Commit": SHA,
            "Accept-Ranges": "bytes",
        }
        if request.method == "HEAD":
            return web.Response(headers={**headers, "Content-Length": str(len(data))})
        asked = request.headers.get("Range", "")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").partition("-")[0]) if asked else 0
        if asked:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        response = web.StreamResponse(status=206 if asked else 200, headers=headers)
        response.content_length = len(data) - start
        await response.prepare(request)
        for at in range(start, len(data), _PIECE):
            if self.hold_after is not None and at >= self.hold_after:
                await self.go_on.wait()
            await response.write(data[at : at + _PIECE])
        return response


def _refused(status: int, code: str) -> web.Response:
    return web.json_response({"error": code}, status=status, headers={"X-Error-Code": code})


@asynccontextmanager
async def hub() -> AsyncIterator[Hub]:
    one = Hub()
    application = web.Application()
    application.router.add_get("/api/models/{owner}/{name}", one.info)
    application.router.add_get("/api/models/{owner}/{name}/revision/{revision}", one.info)
    application.router.add_route("*", "/{owner}/{name}/resolve/{revision}/{file:.*}", one.file)
    async with served(application, handler_cancellation=True, shutdown_timeout=0.1) as one.url:
        try:
            yield one
        finally:
            one.go_on.set()
