"""A cassette's file: lines read, appended whole, and replaced; safe beside other kernels and in others' folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from g4f_magic.cassette.entry_line import MOST_LINE_BYTES, parsed
from g4f_magic.disk import OutsideError, inside, opened, read
from g4f_magic.errors import InputError
from g4f_magic.file_lock import lock_of, locked
from g4f_magic.folder import Folder, RefusedError, put

MOST_BYTES = 512 * 1024 * 1024
MOST_LINES = 2_000_000
"""Of a file that is taken into memory."""

SUFFIX = ".chat.jsonl"
_MARK = b"\xef\xbb\xbf"
_START = b'{"format"'
"""How each line begins that is written here: what else is not whole at the end of a file is not a torn turn."""

Stamp = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """What a file held: its whole lines without their ends, and a last one that was not finished."""

    whole: tuple[bytes, ...]
    torn: bytes
    stamp: Stamp | None
    """What changes when the file does; None where there is none."""


def beside(notebook: Path) -> Path:
    """Return the cassette of a notebook: `analysis.ipynb` has `analysis.chat.jsonl`."""
    return notebook.parent / f"{notebook.stem}{SUFFIX}"  # `.` and `/` have no name to change


@dataclass(frozen=True, slots=True)
class CassetteFile:
    """The file of a cassette: where it lies, and how far it may lead."""

    path: Path
    within: Path | None = None
    """The notebook's folder, out of which no link may lead; None where the person named the file."""

    @property
    def stamp(self) -> Stamp | None:
        """Return what changes when the file does, or who may write it; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_mode

    @property
    def place(self) -> Stamp | None:
        """Return what is different after anything was made or removed beside the file; None where nothing can be."""
        folder = os.path.dirname(os.path.realpath(self.path))
        try:
            found = os.stat(folder)
        except OSError:
            return None
        if not os.access(folder, os.W_OK):
            return None
        return found.st_ino, found.st_mode, found.st_mtime_ns, found.st_ctime_ns

    def read(self) -> Lines:
        """Return the lines of the file; none where there is no file.

        Raises:
            InputError: it cannot be read, is too large, or ends with what is no part of a recorded turn.
        """
        before = self.stamp
        try:
            content = read(self.path, most_bytes=MOST_BYTES, within=self.within)
        except FileNotFoundError:
            return Lines((), b"", None)
        except OSError as exc:
            raise self._unreadable(exc) from exc
        if content.count(b"\n") > MOST_LINES:
            raise InputError(
                f"{self.path.name} has more than {MOST_LINES:,} lines", hint="Is it a cassette? Prune it."
            )
        whole, torn = _split(content)
        longest = max(map(len, whole), default=0)
        if longest > MOST_LINE_BYTES:
            raise InputError(
                f"{self.path.name} has a line of {longest // 1_000_000} MB, more than {MOST_LINE_BYTES // 1_000_000}",
                hint="No recorded turn is that long. Bring back the file as it was, or record anew.",
            )
        if not _is_torn_turn(torn):
            raise self._not_ours(len(whole) + 1)
        return Lines(whole, torn, before)

    def check_writable(self) -> None:
        """Make sure that a line can be written there.

        Raises:
            InputError: it cannot.
        """
        with self._errors(), self._opened() as (folder, name):
            if folder.stat(name) is not None:
                os.close(folder.open(name, os.O_RDWR | os.O_APPEND))
            folder.check(lock_of(name))
            self._check_aside(folder)
            folder.check_writable()

    def append(self, line: bytes) -> bytes:
        """Write a line at the end, and return the torn last line that was moved to a file beside, if there was one.

        Raises:
            InputError: it could not be written, or would not be read again; the file is as it was.
        """
        with self._errors(), self._opened() as (folder, name), locked(folder, name):
            found = folder.stat(name)
            if len(line) > MOST_LINE_BYTES or len(line) + (found.st_size if found else 0) > MOST_BYTES:
                raise RefusedError("it would be larger than what is read again")
            if found is not None and found.st_nlink > 1:  # its other name is not ours to change
                content = folder.read(name, most_bytes=MOST_BYTES)
                folder.write(name, content, mode=found.st_mode & 0o777)
            # What was said is its owner's to show; a mode that the person gives it stays.
            handle = folder.open(name, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            try:
                size = os.fstat(handle).st_size
                torn, start = _tail(handle, size)
                if not _is_torn_turn(torn):
                    raise self._not_ours(None)
                if torn:
                    self._set_aside(folder, torn)
                    _add(handle, start, line)
                else:
                    _add(handle, size, line if start == size else b"\n" + line)
            finally:
                os.close(handle)
            if found is None:
                folder.sync()
        return torn

    def change(self, changed: Callable[[Sequence[bytes]], Sequence[bytes]]) -> None:
        """Replace the file by one with the lines that `changed` makes of the present ones; all or nothing.

        Raises:
            InputError: it could not be written; the file is as it was.
        """
        with self._errors(), self._opened() as (folder, name), locked(folder, name):
            found = folder.stat(name)
            content = b"" if found is None else folder.read(name, most_bytes=MOST_BYTES)
            mode = 0o600 if found is None else found.st_mode & 0o777
            whole, torn = _split(content)
            if not _is_torn_turn(torn):
                raise self._not_ours(len(whole) + 1)
            lines = [line + b"\n" for line in changed(whole)]
            if max(map(len, lines), default=0) > MOST_LINE_BYTES:
                raise RefusedError("it would have a longer line than what is read again")
            folder.write(name, b"".join([*lines, torn]), mode=mode)

    @contextmanager
    def _opened(self) -> Iterator[tuple[Folder, str]]:
        """Open the folder in which it is written; a link to it is followed only where the person named it."""
        real = inside(self.path, self.within)
        if self.within is not None and self.path.is_symlink():
            raise RefusedError("it is a link")
        if real.suffix.lower() != self.path.suffix.lower():
            raise RefusedError(f"it is a link to a file of another kind, {real}")
        with opened(real.parent, within=self.within) as folder:
            yield folder, real.name

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Say of a disk that fails, and of what is no plain file, that it cannot be written."""
        try:
            yield
        except OutsideError as exc:
            raise self._outside(exc) from exc
        except OSError as exc:
            where = (
                self.path.with_name(exc.filename)
                if isinstance(exc, RefusedError) and exc.filename
                else self.path
            )
            raise InputError(
                f"{where} cannot be written: {exc.strerror}",
                hint="Nothing can be recorded there. Choose another place: %chat cassette FILE.",
            ) from exc

    def _set_aside(self, folder: Folder, torn: bytes) -> None:
        with self._aside_errors():
            folder.write(self._aside, torn)

    def _check_aside(self, folder: Folder) -> None:
        with self._aside_errors():
            folder.check(self._aside)

    @property
    def _aside(self) -> str:
        """Return the name of the file that takes a line that is not whole."""
        return self.path.name + ".torn"

    @contextmanager
    def _aside_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise InputError(
                f"{self._aside} cannot be written: {exc.strerror}",
                hint=f"A line of {self.path.name} that is not whole is kept there. See to that file first.",
            ) from exc

    def _unreadable(self, exc: OSError) -> InputError:
        if isinstance(exc, OutsideError):
            return self._outside(exc)
        return InputError(
            f"{self.path} cannot be read: {exc.strerror}",
            hint="Is it a file of recordings, and readable by you?",
        )

    def _outside(self, exc: OutsideError) -> InputError:
        return InputError(
            f"{self.path.name} leads out of the notebook's folder, to {exc.real}",
            hint=f'If that is what you mean, name it: %chat cassette "{exc.real}"',
        )

    def _not_ours(self, number: int | None) -> InputError:
        where = "the last line" if number is None else f"line {number}"
        return InputError(
            f"{self.path.name}, {where}: it is not a recorded turn, and not the beginning of one",
            hint="Bring back the file as it was, or choose another: %chat cassette FILE.",
        )


def _is_torn_turn(torn: bytes) -> bool:
    """Say whether it may be the beginning of a turn, or what a crash of the machine leaves of one: zeros."""
    begun = torn.removeprefix(_MARK).rstrip(b"\0")
    return begun.startswith(_START) or _START.startswith(begun)


def _add(handle: int, end: int, new: bytes) -> None:
    """Write at `end`, where the file ends from now on; where that fails, nothing stands there."""
    os.ftruncate(handle, end)
    try:
        put(handle, new)
    except BaseException:
        os.ftruncate(handle, end)
        raise
    os.fsync(handle)


def _split(content: bytes) -> tuple[tuple[bytes, ...], bytes]:
    """Return the whole lines, and what stands after the last line end and is no whole line."""
    *whole, last = content.removeprefix(_MARK).split(b"\n")
    whole = [line.removesuffix(b"\r") for line in whole]
    if not _is_whole(last):
        return tuple(whole), last
    return (*whole, last.removesuffix(b"\r")), b""  # an editor took the last line end


def _tail(handle: int, size: int) -> tuple[bytes, int]:
    """Return the torn last line, and where the last line begins; that is at `size` after a line end."""
    step, start, tail = 65536, size, b""
    while start and b"\n" not in tail:
        if len(tail) > MOST_LINE_BYTES:
            raise RefusedError("its last line is longer than that of any recorded turn")
        start = max(0, start - step)
        os.lseek(handle, start, os.SEEK_SET)
        tail = _exactly(handle, size - start)
        step *= 2
    last = tail.rpartition(b"\n")[2]
    return (b"" if _is_whole(last) else last), size - len(last)


def _exactly(handle: int, count: int) -> bytes:
    pieces = []
    while count > 0 and (piece := os.read(handle, count)):
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


def _is_whole(last: bytes) -> bool:
    """Say whether what stands after the last line end is a whole line: half an object is never JSON."""
    if len(last) > MOST_LINE_BYTES:
        return True  # and refused for that
    try:
        return isinstance(parsed(last.removeprefix(_MARK)), dict)
    except (ValueError, RecursionError):
        return False
