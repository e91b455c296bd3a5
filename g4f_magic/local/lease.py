"""A lease of a model's process: an open connection to it. It runs as long as somebody holds one.

Both ends prove that they know the key, and neither sends it: the port of a process that has gone may by now be that of
another user's program.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import socket
from contextlib import suppress
from weakref import WeakSet

from g4f_magic.secret import Secret

_CONNECT_SECONDS = 5.0
_LEAVE_SECONDS = 5.0
_LINE_BYTES = 1024


class Lease:
    """One that this process holds."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        _held.add(self)

    @property
    def is_there(self) -> bool:
        """Say whether the other end still runs."""
        try:
            self._connection.setblocking(False)
            return bool(self._connection.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return True
        except OSError:
            return False

    async def ended(self) -> None:
        """Wait for the end of the process."""
        self._connection.setblocking(False)
        with suppress(OSError):
            await asyncio.get_running_loop().sock_recv(self._connection, 1)

    def close(self) -> None:
        """Give it up."""
        self._connection.close()

    def leave(self) -> None:
        """Give it up, and wait until its memory is free where it was the last: it need not wait for others to come."""
        with suppress(OSError):
            self._connection.settimeout(_LEAVE_SECONDS)
            self._connection.sendall(b"leave\n")
            while self._connection.recv(64):
                pass
        self._connection.close()


def take(port: int, key: Secret) -> Lease | None:
    """Return a lease of the process that listens there; None where that is no process with that key.

    Raises:
        OSError: nothing listens there.
    """
    connection = socket.create_connection(("127.0.0.1", port), timeout=_CONNECT_SECONDS)
    try:
        if _is_proven(connection, key.reveal().encode()):
            return Lease(connection)
    except (OSError, ValueError):  # it is another program, or none any more
        pass
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _is_proven(connection: socket.socket, key: bytes) -> bool:
    question = secrets.token_hex(16).encode()
    with connection.makefile("rwb") as lines:
        lines.write(question + b"\n")
        lines.flush()
        answer, counter = lines.readline(_LINE_BYTES).split()
        if not hmac.compare_digest(answer, proof(key, b"model", question)):
            return False
        lines.write(proof(key, b"kernel", counter) + f" {os.getpid()}\n".encode())
        lines.flush()
        return lines.readline(_LINE_BYTES) == b"held\n"


def proof(key: bytes, who: bytes, question: bytes) -> bytes:
    """Return what only one who knows the key can answer; child.py, which imports nothing of ours, has it too."""
    return hmac.digest(key, who + b" " + question, "sha256").hex().encode()


_held: WeakSet[Lease] = WeakSet()


def _let_go() -> None:
    """A forked child has its parent's connections: they are not its own to hold."""
    for lease in tuple(_held):
        lease.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
