"""Leases: who does not know the key learns nothing of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from g4f_magic.local import lease
from g4f_magic.secret import Secret

KEY = Secret("the-key-of-a-model")


def another_program(answer: Callable[[bytes], bytes]) -> tuple[int, list[bytes]]:
    """A program that got the port of a model's process: what it heard is in the list."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        listener.close()
        with connection, connection.makefile("rwb") as lines:
            heard.append(lines.readline())
            lines.write(answer(heard[0]))
            lines.flush()
            heard.append(lines.readline())

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1]), heard


@pytest.mark.parametrize(
    "answer",
    [
        lambda heard: b"held\n",
        lambda heard: b"",
        lambda heard: heard.strip() + b" 0\n",
        lambda heard: b"a b c\n",
        lambda heard: lease.proof(b"another-key", b"model", heard.strip()) + b" 0\n",
    ],
)
def test_a_program_without_the_key_is_no_process_of_ours_and_does_not_hear_it(answer, monkeypatch):
    monkeypatch.setattr(lease, "_CONNECT_SECONDS", 0.2)  # one of them says nothing
    port, heard = another_program(answer)
    assert lease.take(port, KEY) is None
    assert KEY.reveal().encode() not in b"".join(heard)


def test_the_proofs_of_the_two_ends_differ():
    assert lease.proof(b"k", b"model", b"q") != lease.proof(b"k", b"kernel", b"q")


def test_where_nothing_listens_there_is_no_lease():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        lease.take(port, KEY)


FORK = """
import os, socket
from g4f_magic.local.lease import Lease
one, other = socket.socketpair()
lease = Lease(one)
if os.fork() == 0:
    os._exit(0 if not lease.is_there else 1)
_, status = os.wait()
assert os.waitstatus_to_exitcode(status) == 0
assert lease.is_there
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_forked_child_holds_no_lease_of_its_parent():
    subprocess.run([sys.executable, "-c", FORK], check=True)
