"""A peer's kernel, heard as raw messages: how many bytes, when they came, and what stands at the end.

Messages are counted as they go over the wire, headers included, by a socket without a limit, so that
a peer that sends gigabytes loses nothing here that it sent.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import zmq
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_OUTPUTS = {"stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"}


@dataclass
class Ran:
    """What one cell did, as a page would have heard it."""

    status: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    iopub_bytes: int = 0
    heard_after: float | None = None
    """Seconds until the words listened for came first."""
    stopped_after: float | None = None
    """Seconds from the interrupt until the kernel was idle."""
    shown: dict[Any, bytes] = field(default_factory=dict)
    """The content of what stands at the end, errors apart."""
    error_lines: int = 0
    """Lines of the traceback and of what went to stderr."""
    last_error: str = ""
    """The last line of the traceback."""

    def holds(self, words: str) -> bool:
        """Say whether the outputs that stand at the end hold these words, whatever wraps them."""
        read = (json.loads(content) for content in self.shown.values())
        return words in "".join(seen["text"] if "text" in seen else str(seen["data"]) for seen in read)

    def hear(self, kind: str, content: bytes) -> None:
        """Take in one output message."""
        if kind == "error":
            text = "\n".join(json.loads(content)["traceback"])
            lines = _ANSI.sub("", text).splitlines()
            self.error_lines += len(lines)
            self.last_error = lines[-1] if lines else ""
        elif kind == "stream" and b'"stderr"' in content:
            self.error_lines += len(json.loads(content)["text"].splitlines())
        elif kind == "clear_output":
            self.shown.clear()
        else:
            tail = content.rfind(b'"display_id"')
            self.shown[content[tail : tail + 100] if tail >= 0 else len(self.shown)] = content


class PeerKernel:
    """One kernel; a cell at a time."""

    def __init__(self, manager: KernelManager, client: Any, iopub: zmq.Socket[bytes]) -> None:
        self._manager = manager
        self._client = client
        self._iopub = iopub
        self._process = psutil.Process(manager.provisioner.pid)  # type: ignore[union-attr]

    @property
    def rss_bytes(self) -> int:
        return int(self._process.memory_info().rss)

    def _cpu_seconds(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def run(
        self,
        code: str,
        *,
        listen_for: bytes = b"",
        interrupt_after: float | None = None,
        timeout: float = 120,
    ) -> Ran:
        """Run a cell until the kernel is idle again.

        Raises:
            TimeoutError: it is not idle in time.
        """
        ran, before = Ran(), self._cpu_seconds()
        started = time.perf_counter()
        request = self._send(code)
        interrupted_at: float | None = None
        for kind, content, size in self._messages(request):
            now = time.perf_counter()
            if kind in _OUTPUTS:
                ran.iopub_bytes += size
                ran.hear(kind, content)
                if listen_for and ran.heard_after is None and listen_for in content:
                    ran.heard_after = now - started
            if kind == "status" and b'"idle"' in content:
                break
            if interrupt_after is not None and interrupted_at is None and now - started > interrupt_after:
                interrupted_at = now
                self._manager.interrupt_kernel()
            if now - (interrupted_at or started) > timeout:
                raise TimeoutError(f"not idle after {timeout:.0f} s")
        ended = time.perf_counter()
        ran.seconds, ran.cpu_seconds = ended - started, self._cpu_seconds() - before
        ran.stopped_after = ended - interrupted_at if interrupted_at is not None else None
        ran.status = self._status(request)
        return ran

    def _send(self, code: str) -> str:
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        metadata = {"cellId": f"cell-{time.monotonic_ns()}"}  # as JupyterLab tells it
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _messages(self, request: str) -> Iterator[tuple[str, bytes, int]]:
        """Yield type, content and size of the request's messages, and an empty one each 20 ms of silence."""
        while True:
            if not self._iopub.poll(20):
                yield "", b"", 0
                continue
            frames = self._iopub.recv_multipart()
            start = frames.index(b"<IDS|MSG>")
            header, parent, content = frames[start + 2], frames[start + 3], frames[start + 5]
            if request.encode() in parent:
                yield json.loads(header)["msg_type"], content, sum(map(len, frames))

    def _status(self, request: str) -> str:
        while True:
            reply = self._client.get_shell_msg(timeout=10)
            if reply["parent_header"].get("msg_id") == request:
                return str(reply["content"]["status"])


@contextmanager
def peer_kernel(environment: str, specifications: str, variables: dict[str, str]) -> Iterator[PeerKernel]:
    """Start a kernel of that environment, ready for its first cell."""
    specs = KernelSpecManager(kernel_dirs=[specifications], ensure_native_kernel=False)
    manager = KernelManager(kernel_name=environment, kernel_spec_manager=specs)
    manager.start_kernel(env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = manager.blocking_client()
    client.start_channels()
    iopub: zmq.Socket[bytes] = zmq.Context.instance().socket(zmq.SUB)
    try:
        client.wait_for_ready(timeout=60)
        client.iopub_channel.stop()  # else what nobody reads piles up there
        iopub.set_hwm(0)
        iopub.subscribe(b"")
        iopub.connect(f"tcp://{manager.ip}:{manager.iopub_port}")
        time.sleep(0.3)  # until the subscription has arrived
        yield PeerKernel(manager, client, iopub)
    finally:
        iopub.close(linger=0)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
