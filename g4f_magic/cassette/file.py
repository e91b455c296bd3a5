"""A cassette's file: lines read, appended whole, and replaced; safe beside other kernels."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from g4f_magic.cassette.lock import locked, replace
from g4f_magic.errors import InputError

MOST_BYTES = 512 * 1024 * 1024
"""A larger file is not read into memory."""

SUFFIX = ".chat.jsonl"

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would write CR LF

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Lines:
    """What a file held: its whole lines without their ends, and a last one that was not finished."""

    whole: tuple[bytes, ...]
    torn: bytes
    stamp: Stamp | None
    """What changes when the file does; None where there is none."""


def beside(notebook: Path) -> Path:
    """Return the cassette of a notebook: `analysis.ipynb` has `analysis.chat.jsonl`."""
    return notebook.with_name(notebook.stem + SUFFIX)


def stamp(path: Path) -> Stamp | None:
    """Return what changes when the file does; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def read(path: Path) -> Lines:
    """Return the lines of the file; none where there is no file.

    Raises:
        InputError: it cannot be read, or is too large.
    """
    before = stamp(path)
    if before is None and not path.exists():
        return Lines((), b"", None)
    try:
        if before is not None and before[1] > MOST_BYTES:
            raise InputError(
                f"{path.name} has {before[1] // 1_000_000} MB, more than {MOST_BYTES // 1_000_000}",
                hint="Prune it (%chat cassette prune), or give the notebook's parts cassettes of their own.",
            )
        content = path.read_bytes()
    except OSError as exc:
        raise InputError(
            f"{path} cannot be read: {exc.strerror}", hint="Is it a file, and readable by you?"
        ) from exc
    whole, torn = _split(content)
    return Lines(whole, torn, before)


def check_writable(path: Path) -> None:
    """Make sure that a line can be written there.

    Raises:
        InputError: it cannot.
    """
    try:
        if path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_APPEND))
        with tempfile.TemporaryFile(dir=path.parent, prefix="."):
            pass
    except OSError as exc:
        raise _unwritable(path, exc) from exc


def append(path: Path, line: bytes) -> bytes:
    """Write a line at the end, and return the torn last line that was moved to a file beside, if there was one.

    Raises:
        InputError: it could not be written; the file is as it was.
    """
    with _alone(path):
        # What was said is its owner's to show; a mode that the person gives it stays.
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, 0o600)
        try:
            size = os.fstat(handle).st_size
            torn, start = _tail(path, size)
            if torn:
                aside = path.with_name(path.name + ".torn")
                os.close(os.open(aside, os.O_WRONLY | os.O_CREAT, 0o600))
                aside.write_bytes(torn)
                os.ftruncate(handle, start)
                size = start
            try:
                _write(handle, (b"" if size == start else b"\n") + line)
            except OSError:
                os.ftruncate(handle, size)
                raise
            os.fsync(handle)
        finally:
            os.close(handle)
    if size == 0:
        _sync_folder(path)
    return torn


def change(path: Path, changed: Callable[[Sequence[bytes]], Sequence[bytes]]) -> None:
    """Replace the file by one with the lines that `changed` makes of the present ones; all or nothing.

    Raises:
        InputError: it could not be written; the file is as it was.
    """
    with _alone(path):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # made here where it was not
        try:
            mode = os.fstat(handle).st_mode & 0o777
        finally:
            os.close(handle)
        whole, torn = _split(path.read_bytes())
        lines = [line + b"\n" for line in changed(whole)]
        _put(Path(os.path.realpath(path)), b"".join([*lines, torn]), mode)
    _sync_folder(path)


def _put(target: Path, content: bytes, mode: int) -> None:
    """Replace a file: by all of the content, or not at all."""
    handle, fresh = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        try:
            _write(handle, content)
            if hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
            os.fsync(handle)
        finally:
            os.close(handle)
        replace(fresh, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise


def _split(content: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the whole lines, and what stands after the last line end and is no whole line."""
    *whole, last = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    whole = [line.removesuffix(b"\r") for line in whole]
    if not _is_whole(last):
        return tuple(whole), last
    return (*whole, last.removesuffix(b"\r")), b""  # an editor took the last line end


def _tail(path: Path, size: int) -> tuple[bytes, int]:
    """Return the torn last line, and where the last line begins; that is at `size` after a line end."""
    with path.open("rb") as file:
        step, start, tail = 65536, size, b""
        while start and b"\n" not in tail:
            start = max(0, start - step)
            file.seek(start)
            tail = file.read(size - start)
            step *= 2
    last = tail.rpartition(b"\n")[2]
    return (b"" if _is_whole(last) else last), size - len(last)


def _is_whole(last: bytes) -> bool:
    """Say whether what stands after the last line end is a whole line: half an object is never JSON."""
    try:
        return isinstance(json.loads(last), dict)
    except (ValueError, RecursionError):
        return False


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Be the only kernel that writes the file, and say of a disk that fails that it cannot be written."""
    try:
        with locked(Path(os.path.realpath(path))):
            yield
    except OSError as exc:
        raise _unwritable(path, exc) from exc


def _write(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _sync_folder(path: Path) -> None:
    """Make a new name in the folder last, where the system can."""
    with suppress(OSError):
        handle = os.open(path.resolve().parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(path: Path, exc: OSError) -> InputError:
    return InputError(
        f"{path} cannot be written: {exc.strerror}",
        hint="Nothing can be recorded there. Choose another place: %chat cassette FILE.",
    )
