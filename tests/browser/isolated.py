"""A namespace without a network, with a DNS server and a web server of our own: what does a page look up or reach?

Run as `unshare --net --mount python -m tests.browser.isolated FILE...`; each file is a page. Prints as JSON the names
that were looked up, with that of a last page that does look one up, and the paths that were asked for under them.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from tests.browser.lab import chromium_path

ZONE = "trap.example"
CONTROL = f"control.{ZONE}"
_HERE = "10.9.8.7"


class _Names(asyncio.DatagramProtocol):
    """Answers each question for a name with this machine, and notes it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.controlled = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        labels, at = [], 12
        while data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode())
            at += 1 + data[at]
        question = data[12 : at + 5]
        name = ".".join(labels).lower()
        self.asked.append(name)
        if name == CONTROL:
            self.controlled.set()
        is_address = data[at + 1 : at + 3] == b"\x00\x01"
        answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + bytes(map(int, _HERE.split(".")))
        head = data[:2] + b"\x81\x80\x00\x01" + (b"\x00\x01" if is_address else b"\x00\x00") + bytes(4)
        self._transport.sendto(head + question + (answer if is_address else b""), addr)  # type: ignore[attr-defined]


def _set_up() -> None:
    resolver = Path(tempfile.mkdtemp()) / "resolv.conf"
    resolver.write_text(f"nameserver {_HERE}\n")
    for command in (
        "ip link set lo up",
        "ip link add v0 type veth peer name v1",
        f"ip addr add {_HERE}/24 dev v0",
        "ip link set v0 up",
        "ip link set v1 up",
        f"ip route add default via {_HERE}",
        f"mount --bind {resolver} /etc/resolv.conf",
    ):
        subprocess.run(command.split(), check=True, capture_output=True)


async def _main(files: list[str]) -> None:
    from playwright.async_api import async_playwright

    _set_up()
    loop = asyncio.get_running_loop()
    names = _Names()
    await loop.create_datagram_endpoint(lambda: names, local_addr=(_HERE, 53))
    pages = {f"/{number}": Path(file).read_bytes() for number, file in enumerate(files)}
    pages["/control"] = f'<!doctype html><link rel="preconnect" href="http://{CONTROL}">'.encode()
    reached: list[str] = []

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = b""
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # one that was only made beforehand
            head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode() if head else ""
        if ZONE in head.decode().lower():
            reached.append(path)
        body = pages.get(path, b"")
        kind = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n"
        writer.write(kind + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    await asyncio.start_server(met, _HERE, 80)
    async with async_playwright() as playwright:
        # Not with the flags of a test run: they would also keep it from looking up what a page hints at.
        flags = (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--remote-debugging-pipe",
        )
        profile = tempfile.mkdtemp()
        browser = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium_path(),
            args=[*flags, f"--user-data-dir={profile}", "about:blank"],
            ignore_default_args=True,
            headless=False,
        )
        page = await browser.new_page()
        for path in pages:
            await page.goto(f"http://{_HERE}{path}")
        await asyncio.wait_for(names.controlled.wait(), 60)
        await browser.close()
    asked = sorted({name for name in names.asked if name.endswith(ZONE)})
    print(json.dumps({"asked": asked, "reached": reached}))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
