"""One kernel at a time: a lock in a file beside the one that is meant."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from g4f_magic.folder import Folder, beside

LONGEST_WAIT_SECONDS = 20.0
_PAUSE_SECONDS = 0.01


@contextmanager
def locked(folder: Folder, name: str) -> Iterator[None]:
    """Be alone with the file of that name among all programs that ask here; wait for the one that is.

    Not the file itself is locked: Windows would let nobody replace it then, nor read it. The lock lies beside
    it while it is held. A program that is killed leaves it there, and holds it no longer.

    Raises:
        OSError: nothing can be written beside it, or another program does not give it up.
    """
    from filelock import FileLock, Timeout

    lock = lock_of(name)
    folder.check(lock)
    held = FileLock(folder.path / lock, timeout=LONGEST_WAIT_SECONDS, poll_interval=_PAUSE_SECONDS)
    try:
        held.acquire()
    except Timeout:
        said = f"another program has held it for {LONGEST_WAIT_SECONDS:.0f} s"
        raise OSError(errno.EAGAIN, said) from None
    try:
        yield
    finally:
        # Removed while it is held, so that nobody takes a lock that is about to go. Windows removes nothing
        # that is open, for whomever: there it is removed afterwards, unless somebody else has it by then.
        folder.remove(lock)
        held.release()
        if sys.platform == "win32":
            folder.remove(lock)


def lock_of(name: str) -> str:
    """Return the name of the lock of a file."""
    return beside(name, ".lock")
