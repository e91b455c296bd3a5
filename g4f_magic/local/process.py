"""The process in which a model runs, from the kernel's side: found or started, held by a lease, let go of.

Kernels of one person share the process of a model: a file that only they can read says where it listens.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, TypedDict

from g4f_magic import disk
from g4f_magic.errors import ServiceError
from g4f_magic.local import lease
from g4f_magic.local.gguf import Model
from g4f_magic.local.lease import Lease
from g4f_magic.local.memory import available_bytes, context_tokens
from g4f_magic.local.refusals import cause_of_end, not_loaded, not_started, too_large
from g4f_magic.secret import Secret

LOAD_SECONDS = 300.0
"""A large model on a slow disk takes long; a process that has ended is noticed at once."""
PARALLEL = 4
"""Questions at once: further ones wait in the server."""
_MOST_LOG_BYTES = 64 * 1024
_MOST_RECORD_BYTES = 4096
_PAUSE_SECONDS = 0.05
_END_SECONDS = 1.0
"""How long a process may take from its last byte to its end."""
_CHILD = Path(__file__).with_name("child.py")


class _Said(TypedDict):
    """What the process says of itself when the model is loaded."""

    base_url: str
    leases: int
    """The port where leases are taken."""


@dataclass(frozen=True, slots=True)
class Running:
    """A model's process that this kernel holds a lease of."""

    model: Model
    base_url: str
    key: Secret
    lease: Lease
    process: subprocess.Popen[bytes] | None = None
    """Where it was started here, and is not shared by another kernel."""

    @property
    def is_there(self) -> bool:
        """Say whether the process still runs."""
        return self.lease.is_there

    async def why_it_ended(self) -> str | None:
        """Return in words why the process has ended, empty where nobody knows; None: it has not."""
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self.lease.ended()
        except TimeoutError:
            return None
        return "" if self.process is None else cause_of_end(await _exit_code(self.process))


async def run(model: Model, folder: Path) -> Running:
    """Return the process of a model: one that runs already for this person, else a new one.

    `folder` keeps the records of what runs, for this person's kernels alone.

    Raises:
        InputError: llama.cpp is not installed, the model is too large for this machine, or it cannot be loaded.
        ServiceError: it takes too long.
    """
    record = folder / f"{_fingerprint(model)}.json"
    async with _alone(record):  # of two kernels that ask at once, the second finds what the first has started
        return await _joined(model, record) or await _started(model, record)


@asynccontextmanager
async def _alone(record: Path) -> AsyncGenerator[None]:
    from filelock import FileLock, Timeout

    try:
        disk.make_folder(record.parent)
        lock = FileLock(record.with_suffix(".lock"), blocking=False, is_singleton=False)
    except OSError:  # nothing can be kept there: then nothing is shared
        yield
        return
    is_alone = False
    while not is_alone:
        try:
            lock.acquire()
        except Timeout:
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        except (OSError, NotImplementedError):  # a file system without locks
            break
        is_alone = True
    try:
        yield
    finally:
        lock.release()


async def _joined(model: Model, record: Path) -> Running | None:
    """Return the process that another kernel of this person started, if it still runs."""
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        said = json.loads(disk.read(record, most_bytes=_MOST_RECORD_BYTES))
        key = Secret(said["key"])
        held = await _taken(int(said["leases"]), key)
        return None if held is None else Running(model, str(said["base_url"]), key, held)
    return None


async def _taken(port: int, key: Secret) -> Lease | None:
    """Return a lease, or None; where nobody waits for it any more, it is given up.

    Raises:
        OSError: nothing listens there.
    """
    taking = asyncio.ensure_future(asyncio.to_thread(lease.take, port, key))
    try:
        return await asyncio.shield(taking)
    except asyncio.CancelledError:
        taking.add_done_callback(_give_up)
        raise


def _give_up(taking: asyncio.Future[Lease | None]) -> None:
    if not taking.cancelled() and taking.exception() is None and (held := taking.result()) is not None:
        held.close()


async def _started(model: Model, record: Path) -> Running:
    free = await asyncio.to_thread(available_bytes)
    context = context_tokens(model, free)
    if not context:
        raise too_large(model, free)
    key = Secret(secrets.token_urlsafe(32))
    try:
        with tempfile.TemporaryFile() as log:
            process = _spawn(model, context, key, log)
            said, held = await _loaded(process, model, key, log)
    except OSError as exc:
        raise not_started(model, exc) from None
    threading.Thread(target=process.wait, daemon=True).start()  # so that it leaves no zombie
    with suppress(OSError):  # then it is not shared
        disk.write(record, json.dumps({**said, "key": key.reveal()}).encode())
    return Running(model, said["base_url"], key, held, process)


async def _loaded(
    process: subprocess.Popen[bytes], model: Model, key: Secret, log: IO[bytes]
) -> tuple[_Said, Lease]:
    """Return what the process says once the model is loaded, and a lease of it. Whatever goes wrong, it is ended."""
    is_kept = False
    try:
        said = await _first_line(process, model)
        held = None
        if said is not None:
            with suppress(OSError):
                held = await _taken(said["leases"], key)
        if said is None or held is None:
            raise not_loaded(model, _end_of(log), await _exit_code(process))
        is_kept = True
        return said, held
    finally:
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if not is_kept:
            process.kill()
            process.wait()


async def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    with suppress(subprocess.TimeoutExpired):
        return await asyncio.to_thread(process.wait, _END_SECONDS)
    return None


def _spawn(model: Model, context: int, key: Secret, log: IO[bytes]) -> subprocess.Popen[bytes]:
    # Not from this folder (-P): what lies beside a notebook is not imported. In a session of its own, so that
    # an interrupt of the kernel does not end it.
    process = subprocess.Popen(  # noqa: S603  # our own file, by our own Python
        [sys.executable, "-P", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
        cwd=tempfile.gettempdir(),
    )
    wanted = {
        "model": str(model.path),
        "name": model.name,
        "key": key.reveal(),
        "context_tokens": context,
        "parallel": PARALLEL,
    }
    if process.stdin is not None:
        with suppress(BrokenPipeError):  # it has ended: what it says of that is in the log
            process.stdin.write(json.dumps(wanted).encode() + b"\n")
            process.stdin.flush()  # it stays open: the process ends with it as long as nobody holds a lease
    return process


async def _first_line(process: subprocess.Popen[bytes], model: Model) -> _Said | None:
    """Return what the process says once the model is loaded; None where it ended before."""
    output = process.stdout
    if output is None:
        return None
    try:
        async with asyncio.timeout(LOAD_SECONDS):
            line = await asyncio.to_thread(output.readline)
    except TimeoutError:
        raise ServiceError(
            f"{model.name} was not loaded within {LOAD_SECONDS:.0f} s", hint="Take a smaller model."
        ) from None
    said: _Said | None = json.loads(line) if line.strip() else None
    return said


def _end_of(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - _MOST_LOG_BYTES))
    return log.read().decode("utf-8", "replace")


def _fingerprint(model: Model) -> str:
    """Return a name for the file as it is now, on this machine: several may share a person's home."""
    found = model.path.stat()
    words = f"{socket.gethostname()} {model.path.resolve()} {found.st_size} {found.st_mtime_ns}"
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
