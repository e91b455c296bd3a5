"""How much memory a program may still take here, and how long a context fits into it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from g4f_magic.local.gguf import Model

MOST_CONTEXT_TOKENS = 32_768
_LEAST_CONTEXT_TOKENS = 512
_KEPT_FREE = 0.1
"""Of the memory that is free: other programs want some too."""
_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")


def context_tokens(model: Model, free: int | None) -> int:
    """Return how long a context the memory has room for: the model's own at most, 0 where even a short one does not fit."""
    most = min(model.context_tokens or MOST_CONTEXT_TOKENS, MOST_CONTEXT_TOKENS)
    if free is None:
        return most
    room = int(free * (1 - _KEPT_FREE)) - model.size_bytes
    if not model.cache_bytes_per_token:  # a kind that keeps little
        return most if room > 0 else 0
    fitting = room // model.cache_bytes_per_token
    return 0 if fitting < min(_LEAST_CONTEXT_TOKENS, most) else min(most, fitting // 256 * 256 or most)


def available_bytes() -> int | None:
    """Return what is free on this machine, or within the limits of this container or user; None where it is not known."""
    free = [size for size in (_of_machine(), *_of_containers(), _of_process()) if size is not None]
    return min(free, default=None)


def _of_machine() -> int | None:
    with suppress(OSError, ValueError, LookupError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return _of_windows()
    with suppress(OSError, ValueError, AttributeError):  # macOS says how much there is, not how much is free
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4
    return None


def _of_containers(own: Path = _OWN_CGROUP, groups: Path = _CGROUPS) -> Iterator[int]:
    """Yield what the control groups leave that this process is in, from its own up to the outermost."""
    for line in _lines(own):
        _, kinds, path = (*line.split(":", 2), "", "")[:3]
        if kinds == "":
            root, files = groups, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in kinds.split(","):
            root = groups / "memory"
            files = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        innermost = root / path.lstrip("/")
        for folder in (innermost, *innermost.parents):
            if (left := _left(folder, *files)) is not None:
                yield left
            if folder == root:
                break


def _left(folder: Path, limit: str, used: str, reclaimable: str) -> int | None:
    """Return what a control group leaves. What it keeps of files that were read counts as free: it is given up for others."""
    with suppress(OSError, ValueError):  # `max` is no number: there is no limit
        most, taken = int((folder / limit).read_text()), int((folder / used).read_text())
        kept = [
            int(line.split()[1]) for line in _lines(folder / "memory.stat") if line.split()[0] == reclaimable
        ]
        return max(0, most - taken + sum(kept))
    return None


def _lines(path: Path) -> list[str]:
    with suppress(OSError, ValueError):
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return []


def _of_process() -> int | None:
    """Return the longest address space that a process may have (`ulimit -v`), where there is such a limit."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def _of_windows() -> int | None:
    import ctypes

    names = ("total", "free", "total_page", "free_page", "total_virtual", "free_virtual", "extended")

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ulong), ("load", ctypes.c_ulong)] + [
            (name, ctypes.c_ulonglong) for name in names
        ]

    status = Status(length=ctypes.sizeof(Status))
    found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.free) if found else None
