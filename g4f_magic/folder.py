"""An open folder of plain files: nothing else is opened in it, and no link is followed.

Other names for what is done here: atomic write (all of a file or none), `openat` (wherever the path leads by then).
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

_PIECE_BYTES = 1024 * 1024
_LONGEST_NAME_BYTES = 255
"""What most file systems take."""
_REPLACE_TRIES, _REPLACE_PAUSE_SECONDS = 40, 0.025

NO_LINK = getattr(os, "O_NOFOLLOW", 0)
# Without O_NONBLOCK, opening a pipe waits for its other end. O_BINARY: Windows would write CR LF.
_CAREFUL = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)

_KINDS = (
    (stat.S_ISLNK, "it is a link"),
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe, no file"),
    (stat.S_ISSOCK, "it is a socket, no file"),
)


class RefusedError(OSError):
    """What lies there is none of what is read or written here; `strerror` says why, as the system's errors do.

    `filename` is its name where that is not the one that was asked for: a lock, for example.
    """

    def __init__(self, why: str, name: str | None = None) -> None:
        super().__init__(errno.EPERM, why, name)


class Folder:
    """An open folder: what is done here happens in it, wherever its path leads by then."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path = path
        self._handle = handle

    def stat(self, name: str) -> os.stat_result | None:
        """Return what the folder says of a name, of a link itself; None where nothing is there."""
        try:
            return os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def check(self, name: str) -> None:
        """Make sure that a name stands for a plain file, or for nothing.

        Raises:
            RefusedError: it is a link, a folder, a pipe or a device.
        """
        found = self.stat(name)
        if found is not None:
            _check(found, name)

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """Open a plain file, and return its handle.

        Raises:
            RefusedError: it is a link, a folder, a pipe or a device.
            OSError: the system cannot open it.
        """
        self.check(name)  # before: opening a device may do something
        try:
            handle = os.open(self._at(name), flags | _CAREFUL | NO_LINK, mode, dir_fd=self._handle)
        except OSError as exc:
            if exc.errno == errno.ELOOP:  # put there in between
                raise RefusedError("it is a link", name) from None
            raise
        try:
            _check(os.fstat(handle), name)
        except BaseException:
            os.close(handle)
            raise
        return handle

    def read(self, name: str, *, most_bytes: int) -> bytes:
        """Return what a plain file holds, as long as it is when it is opened.

        Raises:
            RefusedError: it is a link, a folder, a pipe or a device, or larger than `most_bytes`.
            OSError: the system cannot read it.
        """
        handle = self.open(name, os.O_RDONLY)
        try:
            return content_of(handle, most_bytes=most_bytes)
        finally:
            os.close(handle)

    def write(self, name: str, content: bytes, *, mode: int = 0o600, is_new: bool = False) -> None:
        """Put a file with that content there: all of it, or none.

        Where a file is replaced, its owner stays, as far as the system lets us; `mode` counts in any case.

        Raises:
            RefusedError: something other than a plain file is there.
            FileExistsError: a file is there, and `is_new`.
            OSError: the system cannot write it.
        """
        before = self.stat(name)
        if before is not None and not is_new:
            _check(before, name)
        if is_new:  # holds the name until the whole file takes it
            os.close(self.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        fresh = beside(name, f".{os.urandom(6).hex()}.part")
        try:
            self._fill(fresh, content, mode, before)
            self.replace(fresh, name)
        except BaseException:
            for made in (fresh, name) if is_new else (fresh,):
                self.remove(made)
            raise
        self.sync()

    def check_writable(self) -> None:
        """Make sure that files can be made here, and leave none.

        Raises:
            OSError: they cannot.
        """
        fresh = beside("", f"{os.urandom(6).hex()}.part")
        os.close(self.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        self.remove(fresh)

    def replace(self, fresh: str, name: str) -> None:
        """Put a closed file in place of another."""
        if self._handle is not None:
            os.rename(fresh, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
            return
        for left in range(_REPLACE_TRIES, 0, -1):
            try:
                os.replace(self._at(fresh), self._at(name))
                return
            except (
                PermissionError
            ):  # Windows, while somebody has the other one open: kernels do while they read
                if left == 1:
                    raise
                time.sleep(_REPLACE_PAUSE_SECONDS)

    def remove(self, name: str) -> None:
        """Remove a file, or the link itself; none there is no error, and neither is one that is in use."""
        with suppress(FileNotFoundError, PermissionError):
            os.unlink(self._at(name), dir_fd=self._handle)

    def sync(self) -> None:
        """Make the folder's names last, where the system can."""
        with suppress(OSError):
            handle = os.open(self._at("."), os.O_RDONLY, dir_fd=self._handle)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def _at(self, name: str) -> str:
        return str(self.path / name) if self._handle is None else name

    def _fill(self, fresh: str, content: bytes, mode: int, before: os.stat_result | None) -> None:
        handle = self.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        try:
            put(handle, content)
            if sys.platform != "win32":
                if before is not None and (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    with suppress(PermissionError):
                        os.fchown(handle, before.st_uid, before.st_gid)
                os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)


def content_of(handle: int, *, most_bytes: int) -> bytes:
    """Return what an open file holds, as long as it is now.

    Raises:
        RefusedError: it is larger than `most_bytes`.
        OSError: the system cannot read it.
    """
    size = os.fstat(handle).st_size
    if size > most_bytes:
        raise RefusedError(f"it is too large ({size:,} bytes; at most {most_bytes:,} are read)")
    os.lseek(handle, 0, os.SEEK_SET)
    pieces = []
    while size > 0 and (piece := os.read(handle, min(size, _PIECE_BYTES))):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def put(handle: int, content: bytes) -> None:
    """Write all of it to an open file."""
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view[:_PIECE_BYTES]) :]


def beside(name: str, suffix: str) -> str:
    """Return a hidden name for what belongs to the file of that name; a long one is cut, and told apart by a hash."""
    whole = f".{name}{suffix}"
    if len(os.fsencode(whole)) <= _LONGEST_NAME_BYTES:
        return whole
    return f".{sha256(os.fsencode(name)).hexdigest()[:32]}{suffix}"


def _check(found: os.stat_result, name: str) -> None:
    """Refuse what is no plain file."""
    if stat.S_ISREG(found.st_mode):
        return
    raise RefusedError(
        next((why for fits, why in _KINDS if fits(found.st_mode)), "it is a device, no file"), name
    )
