"""A Chromium of the system, without a window and with an empty profile; nothing of it is left at the end."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
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
    "--remote-debugging-port=0",
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
async def run_browser(program: str, proxy: ChromiumProxy | None = None) -> AsyncGenerator[str]:
    """Start a browser, and give the address of its DevTools; at the end neither process nor profile is left.

    Raises:
        UnreachableError: it does not start.
    """
    profile = Path(tempfile.mkdtemp(prefix="g4f-magic-browser-"))
    process = None
    try:
        process = _start(program, profile, proxy)
        yield await _wait_for_address(process, profile)
    finally:
        await asyncio.to_thread(_clear_away, process, profile)


def _start(program: str, profile: Path, proxy: ChromiumProxy | None) -> subprocess.Popen[bytes]:
    flags = [*_FLAGS, f"--user-data-dir={profile}"]
    if os.name == "posix" and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to run as root with one
    if proxy:
        # Without the second, Chromium goes to this machine's own addresses directly.
        flags += [f"--proxy-server={proxy.server}", "--proxy-bypass-list=<-loopback>"]
    else:
        flags.append("--no-proxy-server")  # it would read the environment by rules of its own
    try:
        with _log(profile).open("wb") as log:
            # Not asyncio's: on Windows the loop of a kernel has no processes. A session of its own, so that
            # an interrupt of the kernel does not reach it and all its processes can be ended at once.
            return subprocess.Popen(  # noqa: S603 - a browser that the person installed or named
                [program, *flags, "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
    except OSError as exc:
        raise UnreachableError(f"{program} does not start: {exc.strerror}", hint="Set CHROME_PATH.") from None


def _log(profile: Path) -> Path:
    return profile / "g4f-magic.log"


async def _wait_for_address(process: subprocess.Popen[bytes], profile: Path) -> str:
    """Return the address of the browser's DevTools, which it prints when it is ready."""
    while True:
        has_ended = process.poll() is not None
        said = _log(profile).read_text("utf-8", "replace")
        address = re.search(r"^DevTools listening on (ws://\S+)", said, re.MULTILINE)
        if address:
            return address[1]
        if has_ended:
            last = said.strip().rpartition("\n")[2][:300]
            raise UnreachableError(f"the browser ended with code {process.returncode}", hint=last)
        await asyncio.sleep(0.02)


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
