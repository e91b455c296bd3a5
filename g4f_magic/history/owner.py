"""Which process a turn is open in, and whether that one still lives."""

from __future__ import annotations

import os
import socket
import sys
import time
from functools import cache
from pathlib import Path

ABROAD_SECONDS = 3600.0
"""A turn open on another machine, whose processes cannot be asked for, counts as ended after this silence."""


def is_alive(name: str, *, silent_seconds: float) -> bool:
    """Say whether the process of that name still runs."""
    host, _, rest = name.rpartition("/")
    number, _, start = rest.partition(".")
    if not number.isdigit():
        return False
    if host != _host():
        return silent_seconds < ABROAD_SECONDS
    return _exists(int(number)) and _start(int(number)) == start


@cache
def started_at() -> float:
    """Return when this process started, in seconds since 1970; where the system does not tell, when it was first asked."""
    ticks = _start(os.getpid())
    if not ticks or not hasattr(time, "CLOCK_BOOTTIME"):
        return time.time()
    since_boot = int(ticks) / os.sysconf("SC_CLK_TCK")
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot


@cache
def name_of(number: int) -> str:
    """Return the name of a process of this machine: host, number and start, so that a number used again is told apart."""
    return f"{_host()}/{number}.{_start(number)}"


@cache
def _host() -> str:
    return socket.gethostname()


def _start(number: int) -> str:
    """Return when a process started, in the system's own ticks; empty where the system does not tell."""
    try:
        text = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The second field is the program's name in parentheses and may hold anything; the 22nd is the start.
    after = text.rpartition(")")[2].split()
    return "" if after[0] in ("Z", "X") else after[19]  # a zombie has ended


def _exists(number: int) -> bool:
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(0x1000, False, number)
        if not handle:
            return False
        code = ctypes.c_ulong()
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.CloseHandle(handle)
        return code.value == 259  # still active
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
