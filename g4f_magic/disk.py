"""The one way to read and to write files that others may have laid out. Knows nothing of what is in them.

Read are regular files alone, as long as they are when they are opened, and in pieces: no pipe, device or /proc holds
anybody up, memory is bounded, and an interrupt gets through. Written is into an open folder, whole or not at all;
no link is followed there, and nothing that is no plain file is touched.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from g4f_magic.errors import InputError
from g4f_magic.folder import NO_LINK, Folder, RefusedError

_HAS_FOLDERS = os.open in os.supports_dir_fd and sys.platform != "emscripten"
"""Whether the system opens files in an open folder: Windows does not, and in a browser (Pyodide) it is untried."""

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)


class OutsideError(RefusedError):
    """It lies outside of the folder that was meant: a link, or `..`, leads out of it."""

    def __init__(self, within: Path, real: Path) -> None:
        super().__init__(f"it leads out of {within}, to {real}")
        self.real = real


def read(path: Path, *, most_bytes: int, within: Path | None = None) -> bytes:
    """Return what the regular file at `path` holds; it may be a link to one.

    With `within`, a folder, links are followed only as far as they stay in it.

    Raises:
        RefusedError: it is no regular file, or is larger than `most_bytes`.
        OutsideError: it lies outside of `within`.
        OSError: the system cannot read it.
    """
    real = inside(path, within)
    with opened(real.parent, within=within) as folder:
        return folder.read(real.name, most_bytes=most_bytes)


def open_to_read(path: Path) -> BinaryIO:
    """Open the regular file at `path`, which may be a link to one, for whoever reads parts of it and closes it.

    Raises:
        RefusedError: it is no regular file.
        OSError: the system cannot open it.
    """
    real = inside(path, None)
    with opened(real.parent) as folder:
        return os.fdopen(folder.open(real.name, os.O_RDONLY), "rb")


def write(
    path: Path, content: bytes, *, mode: int = 0o600, is_new: bool = False, within: Path | None = None
) -> None:
    """Put a file with that content at `path`: all of it, or none. One that is there stays as it is until then.

    With `within`, its folder has to lie in that one, links considered. `is_new` refuses a file that is there.

    Raises:
        RefusedError: something other than a plain file is there.
        OutsideError: its folder lies outside of `within`.
        FileExistsError: a file is there, and `is_new`.
        OSError: the system cannot write it.
    """
    _check_name(path)
    with opened(path.parent, within=within) as folder:
        folder.write(path.name, content, mode=mode, is_new=is_new)


def check_current() -> None:
    """Make sure that the folder in which this process works is there: nothing is found beside it otherwise.

    Raises:
        InputError: it is not; a branch that was checked out may have taken it away.
    """
    try:
        os.getcwd()
    except FileNotFoundError:
        raise InputError(
            "the folder in which this kernel works is gone",
            hint="Go to another one (%cd FOLDER), and run it again.",
        ) from None


def make_folder(path: Path, *, within: Path | None = None, mode: int = 0o700) -> None:
    """Make a folder, for its owner alone unless `mode` says otherwise, and those above it, where they are not there.

    Raises:
        OutsideError: it would lie outside of `within`.
        OSError: the system cannot make it.
    """
    inside(path, within).mkdir(mode=mode, parents=True, exist_ok=True)


def inside(path: Path, within: Path | None) -> Path:
    """Return the real path, all links followed, of what lies in the folder `within`, or anywhere where that is None.

    Raises:
        OutsideError: it lies outside.
    """
    _check_name(path)
    real = Path(os.path.realpath(path))
    if within is not None and not real.is_relative_to(base := os.path.realpath(within)):
        raise OutsideError(Path(base), real)
    return real


@contextmanager
def opened(path: Path, *, within: Path | None = None) -> Iterator[Folder]:
    """Open a folder. With `within`, it has to lie in that one or be it, wherever links lead.

    Raises:
        OutsideError: it lies outside of `within`.
        OSError: there is none that may be entered.
    """
    real = inside(path, within)
    base = real if within is None else Path(os.path.realpath(within))
    if not _HAS_FOLDERS:
        yield Folder(real, None)
        return
    handle = os.open(base, _FOLDER)
    try:
        for name in real.relative_to(base).parts:  # without links: nobody puts one in between any more
            inner = os.open(name, _FOLDER | NO_LINK, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield Folder(real, handle)
    finally:
        os.close(handle)


def _check_name(path: Path) -> None:
    """Refuse a name that no system takes: NUL, or half of a surrogate pair."""
    try:
        is_name = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        is_name = False
    if not is_name:
        raise RefusedError("its name holds a sign that names do not have")
