"""A Chromium of the system, without a window and with an empty profile; nothing of it is left at the end."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from g4f_magic.errors import InputError, MissingAuthError, UnreachableError
from g4f_magic.secret import Address
from g4f_magic.settings import environment
from g4f_magic.wire.devtools_line import Line, by_pipe, by_port

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_WINDOWS_PLACES = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
_FLAGS = (
    "--headless=new",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--password-store=basic",
    "--use-mock-keychain",
)


_END_SECONDS = 1.0
"""How long a browser may take from its last word to its end."""


@dataclass(frozen=True, slots=True)
class ChromiumProxy:
    """A proxy as Chromium takes it; name and password it asks for later."""

    server: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


def parse_proxy(proxy: str) -> ChromiumProxy:
    """Return a proxy URL in Chromium's form.

    Raises:
        InputError: it is no proxy that Chromium can use.
    """
    try:
        whole = Address(proxy).reveal()
        parts = urlsplit(whole if "://" in whole else f"http://{whole}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    scheme = {"socks": "socks5", "socks5h": "socks5"}.get(parts.scheme, parts.scheme)
    if not host or scheme not in {"http", "https", "socks4", "socks5"}:
        # Not the URL: it may hold a password.
        raise InputError(
            "the proxy is not a URL of an HTTP or SOCKS proxy", hint="Give one such as http://host:3128."
        )
    if parts.username and scheme.startswith("socks"):
        raise InputError(
            f"Chromium takes no password for the SOCKS proxy {host}",
            hint="Use an HTTP proxy, or a SOCKS proxy on this machine that needs none.",
        )
    host = f"[{host}]" if ":" in host else host
    server = f"{scheme}://{host}:{port}" if port else f"{scheme}://{host}"
    return ChromiumProxy(server, unquote(parts.username or ""), unquote(parts.password or ""))


def find_browser() -> str:
    """Return the path of a Chromium, Chrome or Edge.

    Raises:
        InputError: `CHROME_PATH` names no program.
        MissingAuthError: none is there.
    """
    named = environment("CHROME_PATH")
    if named:
        program = shutil.which(named)
        if program is None:
            raise InputError(
                f"CHROME_PATH={named!r} is not a program", hint="Set it to Chromium's or Chrome's path."
            )
        return program
    folders = [folder for folder in map(environment, _WINDOWS_FOLDERS) if folder]
    places = [*_PLACES, *(f"{folder}\\{place}" for folder in folders for place in _WINDOWS_PLACES)]
    for candidate in (*_NAMES, *places):
        program = shutil.which(candidate)
        if program is not None:
            return program
    raise MissingAuthError(
        "no browser to take cookies from was found",
        hint="Install Chromium or Chrome, or set CHROME_PATH to one, or export the site's cookies to a file.",
    )


@asynccontextmanager
async def run_browser(
    program: str, proxy: ChromiumProxy | None = None, *, has_pipe: bool = os.name == "posix"
) -> AsyncGenerator[Line]:
    """Start a browser, and give the line to its DevTools; at the end neither process nor profile is left.

    Raises:
        UnreachableError: it does not start.
    """
    profile = Path(tempfile.mkdtemp(prefix="g4f-magic-browser-"))
    process = None
    flags = [*_FLAGS, f"--user-data-dir={profile}", *_flags_for(proxy), "about:blank"]
    try:
        if has_pipe:
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    command = [*_WITH_PIPE, program, "--remote-debugging-pipe", *flags]
                    process = _start(command, profile, theirs.fileno())
                async with by_pipe(ours) as line:
                    await _wait_for_answer(line, process, profile)
                    yield line
        else:
            process = _start([program, "--remote-debugging-port=0", *flags], profile)
            async with by_port(await _wait_for_address(process, profile)) as line:
                yield line
    finally:
        await asyncio.to_thread(_clear_away, process, profile)


_WITH_PIPE = ("/bin/sh", "-c", 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null', "sh")
"""Starts a program whose third and fourth file are what it was given as the first two: Chromium reads and writes there."""


def _flags_for(proxy: ChromiumProxy | None) -> list[str]:
    # Chromium refuses to run as root with a sandbox.
    flags = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    if proxy:
        # Without the second, Chromium goes to this machine's own addresses directly.
        return [*flags, f"--proxy-server={proxy.server}", "--proxy-bypass-list=<-loopback>"]
    return [*flags, "--no-proxy-server"]  # it would read the environment by rules of its own


def _start(command: list[str], profile: Path, pipe: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    try:
        with _log(profile).open("wb") as log:
            # Not asyncio's: on Windows the loop of a kernel has no processes. A session of its own, so that
            # an interrupt of the kernel does not reach it and all its processes can be ended at once.
            return subprocess.Popen(  # noqa: S603 - a browser that the person installed or named
                command, stdin=pipe, stdout=pipe, stderr=log, start_new_session=True
            )
    except OSError as exc:
        raise UnreachableError(
            f"{command[0]} does not start: {exc.strerror}", hint="Set CHROME_PATH."
        ) from None


def _log(profile: Path) -> Path:
    return profile / "g4f-magic.log"


async def _wait_for_answer(line: Line, process: subprocess.Popen[bytes], profile: Path) -> None:
    """Return when the browser is ready."""
    try:
        await line.send('{"id": 0, "method": "Browser.getVersion"}')
        await line.receive()
    except UnreachableError:
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, _END_SECONDS)
        raise _ended(process, profile) from None


async def _wait_for_address(process: subprocess.Popen[bytes], profile: Path) -> str:
    """Return the address of the browser's DevTools, which it prints when it is ready."""
    while True:
        has_ended = process.poll() is not None
        said = _log(profile).read_text("utf-8", "replace")
        address = re.search(r"^DevTools listening on (ws://\S+)", said, re.MULTILINE)
        if address:
            return address[1]
        if has_ended:
            raise _ended(process, profile)
        await asyncio.sleep(0.02)


def _ended(process: subprocess.Popen[bytes], profile: Path) -> UnreachableError:
    last = _log(profile).read_text("utf-8", "replace").strip().rpartition("\n")[2][:300]
    return UnreachableError(f"the browser ended with code {process.returncode}", hint=last)


def _clear_away(process: subprocess.Popen[bytes] | None, profile: Path) -> None:
    """End the browser with all its processes, and remove its profile."""
    if process is not None:
        if os.name == "posix":
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
    for _ in range(50):  # its children die a moment later, and may write until then
        shutil.rmtree(profile, ignore_errors=True)
        if not profile.exists():
            return
        time.sleep(0.02)
