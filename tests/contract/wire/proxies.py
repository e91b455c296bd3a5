"""A real HTTP proxy on loopback, run as a program of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.patience import PATIENCE_SECONDS
from tests.serving import free_port


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and its log."""

    url: str
    log: Path

    def was_used(self, url: str) -> bool:
        """Say whether a request to that host and port was made through it; it logs one when it has ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if f" - POST {urlsplit(url).netloc}/" in self.log.read_text():
                return True
            time.sleep(0.02)
        return False


@contextmanager
def http_proxy(login: str = "", certificate: Path | None = None) -> Iterator[Proxy]:
    """Run a proxy; `login` is `user:password` where it wants one, `certificate` (its key beside it) for one with TLS."""
    with tempfile.TemporaryDirectory() as folder:
        log, port = Path(folder) / "proxy.log", free_port()
        command = [sys.executable, "-m", "proxy", "--hostname", "127.0.0.1", "--port", str(port)]
        command += [
            "--num-workers",
            "1",
            "--num-acceptors",
            "1",
            "--log-file",
            str(log),
            "--data-dir",
            folder,
        ]
        if login:
            command += ["--basic-auth", login]
        if certificate:
            command += ["--cert-file", str(certificate), "--key-file", str(certificate.with_name("key.pem"))]
        scheme = "https" if certificate else "http"
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                await_listening(port, process)
                yield Proxy(f"{scheme}://{login + '@' if login else ''}127.0.0.1:{port}", log)
            finally:
                process.terminate()


def await_listening(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"the proxy ended with {process.returncode}")
