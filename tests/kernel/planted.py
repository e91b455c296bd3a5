"""Secrets put into every place where a person may keep one, and a service that repeats all that it is sent."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web

from tests.kernel.kernels import WITHOUT_WAITS, Kernel, Ran, kernel

VARIABLE = "sk-planted4variable-9f3a"
KEYRING = "planted7keyring-51cd"
DOTENV = "planted2dotenv-77be"
CODE = "planted5accesscode-08aa"
COOKIE = "planted8cookie-e41f=="
PROXY = "planted6proxy-c0de@x"
BASE = "planted3base-5eed"
OTHER = "planted1neverused-1dea"
PLANTED = {
    "key in a variable": VARIABLE,
    "key in the keyring": KEYRING,
    "key in .env": DOTENV,
    "access code": CODE,
    "cookie": COOKIE,
    "password of the proxy": PROXY,
    "password of the base URL": BASE,
    "token that nothing here uses": OTHER,
}


async def repeating(request: web.Request) -> web.StreamResponse:
    """Answer as the prompt says, always with all that came along: headers, cookies, address."""
    body = await request.read()
    sent = "; ".join(f"{name}: {value}" for name, value in request.headers.items())
    sent = f"{sent}; {request.path_qs}"
    order = [word for word in body.decode(errors="replace").split() if word.startswith("do:")][-1:] or [
        "do:reply"
    ]
    match order[0].strip('",\\}]').removeprefix("do:").split(":"):
        case ["status", code]:
            text = json.dumps({"error": {"message": f"{'x' * 250} no: {sent}"}})
            return web.Response(status=int(code), text=text, headers=_echo(sent))
        case ["reason"]:
            return web.Response(status=500, reason=f"no {sent[:900]}", headers=_echo(sent))
        case ["text", code]:
            return web.Response(status=int(code), text=f"no: {sent}", headers=_echo(sent))
        case ["redirect"]:
            key = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return web.Response(
                status=302, headers={"Location": f"http://me:{BASE}@elsewhere.invalid/?key={key}"}
            )
        case ["html"]:
            return web.Response(text=f"<html><title>{sent}</title>", content_type="text/html")
        case kind:
            return await _streamed(request, sent, kind)


async def _streamed(request: web.Request, sent: str, kind: list[str]) -> web.StreamResponse:
    is_raw = request.path.endswith("/api/chat")
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_echo(sent)})
    await response.prepare(request)
    pieces = [f"I was sent {sent}."[start : start + 3] for start in range(0, len(sent) + 12, 3)]
    for piece in pieces:
        delta = {"reasoning_content" if kind == ["think"] else "content": piece}
        event = f"data: {json.dumps({'choices': [{'delta': delta}], 'text': piece})}\n\n"
        await response.write((piece if is_raw else event).encode())
    if kind == ["cut"] and request.transport is not None:
        request.transport.abort()
        return response
    if kind == ["event"]:
        await response.write(f"data: {json.dumps({'error': {'message': sent}})}\n\n".encode())
    elif not is_raw:
        end = {"choices": [{"delta": {}, "finish_reason": f"stop {sent}"}]}
        await response.write(f"data: {json.dumps(end)}\n\ndata: [DONE]\n\n".encode())
    return response


def _echo(sent: str) -> dict[str, str]:
    return {"X-Sent": sent[:2000], "Set-Cookie": f"again={COOKIE}"}


@dataclass
class Garden:
    """A kernel in which everything is planted."""

    kernel: Kernel
    folder: Path
    shown: list[dict[str, Any]]

    async def run(self, code: str) -> Ran:
        ran = await self.kernel.run(code, cell=f"cell-{len(self.shown)}")
        self.shown += [message["content"] for message in ran.messages]
        return ran

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield what was written by us, by name."""
        for place in (self.folder / "work", self.folder / "data" / "g4f_magic", self.folder / "log"):
            for path in place.rglob("*"):
                if path.is_file() and path.name not in (".env", "cookies.txt"):
                    yield path.name, path.read_bytes()

    def found(self) -> list[tuple[str, str]]:
        """Return where something planted can be read."""
        places = [*self.files(), ("outputs", json.dumps(self.shown, default=str).encode())]
        forms = {name: {value, quote(value), json.dumps(value)[1:-1]} for name, value in PLANTED.items()}
        return [
            (place, name)
            for place, content in places
            for name, values in forms.items()
            if any(value.encode() in content for value in values)
        ]


@asynccontextmanager
async def garden(folder: Path) -> AsyncIterator[tuple[Garden, str]]:
    """Start the service and a kernel with all secrets in their places; give both."""
    work, data, log = (folder / name for name in ("work", "data", "log"))
    for place in (work, data / "g4f_magic", data / "python_keyring", log):
        place.mkdir(parents=True)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", repeating)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    here = f"127.0.0.1:{runner.addresses[0][1]}"
    _plant(work, data, here)
    environment = {
        "XDG_DATA_HOME": str(data),
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
        "JPY_SESSION_NAME": str(work / "planted.ipynb"),
        "G4F_MAGIC_HISTORY": str(data / "g4f_magic" / "history.sqlite"),
        "OPENAI_API_KEY": VARIABLE,
        "OPENAI_BASE_URL": f"http://{here}/v1",
        "FREENETFLY_API_KEY": CODE,
        "PLANTED_PROXY": f"http://someone:{quote(PROXY)}@{here}",
        "PLANTED_BASE": f"http://someone:{BASE}@{here}",
        "UNUSED_TOKEN": OTHER,
        "NO_PROXY": "",
        "PYTHONASYNCIODEBUG": "1",
        "PYTHONWARNINGS": "always",
    }
    try:
        async with kernel(**environment) as one:
            made = Garden(one, folder, [])
            await made.run(_SET_UP.format(log=str(log / "all.log"), work=str(work)))
            yield made, here
            made.shown.append({"written": one.written})
    finally:
        await runner.cleanup()


def _plant(work: Path, data: Path, here: str) -> None:
    (work / ".env").write_text(f"PLANTED_API_KEY='{DOTENV}'\nMODEL=gpt-4o-mini\n")
    (data / "g4f_magic" / "services.toml").write_text(
        f'[dotenv]\nbase_url = "http://{here}/v1"\nkeys = ["PLANTED_API_KEY"]\nmodel = "m"\n'
        f'[ring]\nbase_url = "http://{here}/v1"\nkeys = ["RING_API_KEY"]\nmodel = "m"\n'
    )
    line = f"#HttpOnly_.www.whiterabbitneo.com\tTRUE\t/\tTRUE\t0\tsession\t{COOKIE}\n"
    (work / "cookies.txt").write_text("# Netscape HTTP Cookie File\n" + line)


_SET_UP = """
import logging, os
logging.basicConfig(level=logging.DEBUG, filename={log!r}, force=True)
logging.captureWarnings(True)
os.chdir({work!r})
%xmode Verbose
%load_ext g4f_magic
""" + WITHOUT_WAITS.replace("{", "{{").replace("}", "}}")
STORE_IN_KEYRING = f"""
import keyring
keyring.set_password("g4f_magic", "ring", {KEYRING[::-1]!r}[::-1])
"""
HERE = os.fspath(Path(__file__).parent)
