"""One kernel at a time: a lock that all systems have, in a file beside the one that is meant."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    _LONGEST_WAIT_SECONDS = 60.0
    _PAUSE_SECONDS = 0.01

    def _take(handle: int) -> None:
        """Wait until nobody else holds the open file; closing it gives it up."""
        until = time.monotonic() + _LONGEST_WAIT_SECONDS
        while True:
            try:
                msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
                return
            except OSError:  # held by another
                if time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_SECONDS)

else:
    import fcntl

    def _take(handle: int) -> None:
        """Wait until nobody else holds the open file; closing it gives it up."""
        fcntl.flock(handle, fcntl.LOCK_EX)


_REPLACE_TRIES, _REPLACE_PAUSE_SECONDS = 40, 0.025


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be alone with what lies at `path` among all programs that ask here; wait for the one that is.

    Not the file itself is locked: Windows would let nobody replace it then, nor read it. The lock lies beside
    it while it is held. A program that is killed leaves it there, and holds it no longer.

    Raises:
        OSError: nothing can be written beside it.
    """
    beside = path.with_name(f".{path.name}.lock")
    handle = _taken(beside)
    try:
        yield
    finally:
        # Removed while it is held, so that nobody takes a lock that is about to go. Windows removes nothing
        # that is open, for whomever: there it is removed afterwards, unless somebody else has it by then.
        with suppress(PermissionError):
            beside.unlink(missing_ok=True)
        os.close(handle)
        if sys.platform == "win32":
            with suppress(PermissionError):
                beside.unlink(missing_ok=True)


def replace(fresh: str, target: Path) -> None:
    """Put a closed file in place of another.

    Windows does not do that while somebody has the other one open, and kernels have it open while they read.

    Raises:
        OSError: it cannot be replaced.
    """
    for left in range(_REPLACE_TRIES if sys.platform == "win32" else 1, 0, -1):
        try:
            os.replace(fresh, target)
            return
        except PermissionError:
            if left == 1:
                raise
            time.sleep(_REPLACE_PAUSE_SECONDS)


def _taken(beside: Path) -> int:
    while True:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _take(handle)
            if _is_at(handle, beside):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # whoever had it removed it: another lies there now, or none


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), os.stat(path))
    except FileNotFoundError:
        return False
