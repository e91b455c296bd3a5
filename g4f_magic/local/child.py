"""The process that runs a model: llama.cpp's own server on loopback, for as long as somebody holds a lease.

Started by its path and not imported, so that nothing of the package is loaded here. It reads one line of JSON
from its standard input (the key too, which therefore stands in no list of processes and no environment) and writes
one to its standard output: where the server listens, and where leases are taken.

A lease is an open connection, and ends with it: also when whoever holds it is killed. The process ends with the
last one; and before the first, when whoever started it closes the standard input, or is gone.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
import socket
import sys
import threading
import time
from typing import Any

FIRST_LEASE_SECONDS = 60.0
GRACE_SECONDS = 2.0
"""After the last lease: who restarts a kernel need not load the model again."""
_LOOK_SECONDS = 0.25
_PROVE_SECONDS = 5.0
_CACHE_MEBIBYTES = 64
"""For prompts that were read before; llama.cpp's own bound is 8 GB."""
_BATCH_TOKENS = 256
"""Stop counts between two batches while a long prompt is read, and a small one needs less memory."""


def main() -> None:
    """Serve until nobody wants it any more."""
    wanted = json.loads(sys.stdin.readline())
    leases = _Leases(wanted["key"].encode())
    threading.Thread(target=_end_with_starter, args=(leases,), daemon=True).start()
    server = _serve(wanted)
    print(json.dumps({"base_url": f"{server.listening_address}/v1", "leases": leases.listen()}), flush=True)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # who started it listens no more
    leases.wait()
    os._exit(0)  # at once: the server's own end waits for replies that nobody reads


def _end_with_starter(leases: _Leases) -> None:
    """Do not outlive whoever started this process, as long as nobody holds a lease: loading may take minutes."""
    sys.stdin.read()
    if not leases.was_held:
        os._exit(0)


def _serve(wanted: dict[str, Any]) -> Any:
    # OpenMP's threads wait for each other some hundred times for each token, and do so by spinning: beside another
    # program that computes (a notebook's own cell), that costs ten times as long. After some microseconds they sleep.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = wanted["model"]
    params.model_alias = {wanted["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [wanted["key"]]
    params.n_ctx = wanted["context_tokens"]
    params.n_parallel = wanted["parallel"]
    params.kv_unified = True  # each of those at once may use the whole context
    params.n_batch = params.n_ubatch = _BATCH_TOKENS
    params.cache_ram_mib = _CACHE_MEBIBYTES
    if cores := _fewer_cores():
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = cores
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 1  # errors alone: what is asked stands in no log
    return xllamacpp.Server(params)


def _fewer_cores() -> int:
    """Return how many cores this process may use where those are fewer than the machine has, which llama.cpp asks for; else 0."""
    usable: list[float] = []
    if hasattr(os, "sched_getaffinity"):
        usable.append(len(os.sched_getaffinity(0)))
    try:
        with open("/sys/fs/cgroup/cpu.max", encoding="ascii") as file:
            quota, period = file.read().split()
        usable.append(int(quota) / int(period))  # `max` is no number: there is no limit
    except (OSError, ValueError):
        pass
    fewest = max(1, int(min(usable, default=0)))
    return fewest if usable and fewest < (os.cpu_count() or 1) else 0


class _Leases:
    """Who still wants this process."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._held: dict[socket.socket, int] = {}
        self._since = time.monotonic()
        self._grace = FIRST_LEASE_SECONDS
        self.was_held = False

    def listen(self) -> int:
        """Take leases from now on, and return at which port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self._since = time.monotonic()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return int(listener.getsockname()[1])

    def wait(self) -> None:
        """Return when the last lease has ended."""
        while self._held or time.monotonic() - self._since < self._grace:
            time.sleep(_LOOK_SECONDS)
            for lease, process in tuple(self._held.items()):
                if not _lives(process):  # a child of it may hold the connection still
                    self._end(lease)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._hold, args=(connection,), daemon=True).start()

    def _hold(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(_PROVE_SECONDS)
            with connection.makefile("rwb") as lines:
                process = self._proven(lines)
                if process is None:
                    return
                connection.settimeout(None)
                self.was_held = True
                self._held[connection] = process
                lines.write(b"held\n")
                lines.flush()
                if lines.readline(64) == b"leave\n" and len(self._held) == 1:
                    os._exit(0)  # whoever left waits for the memory
        except (OSError, ValueError):
            pass
        finally:
            self._end(connection)

    def _proven(self, lines: Any) -> int | None:
        """Return the process at the other end, once it has proved that it knows the key; None where it does not."""
        question = lines.readline(1024).strip()
        counter = secrets.token_hex(16).encode()
        lines.write(self._proof(b"model", question) + b" " + counter + b"\n")
        lines.flush()
        answer, process = lines.readline(1024).split()
        return int(process) if hmac.compare_digest(answer, self._proof(b"kernel", counter)) else None

    def _proof(self, who: bytes, question: bytes) -> bytes:
        return hmac.digest(self._key, who + b" " + question, "sha256").hex().encode()

    def _end(self, lease: socket.socket) -> None:
        if self._held.pop(lease, None) is not None:
            self._since, self._grace = time.monotonic(), GRACE_SECONDS
        lease.close()


def _lives(process: int) -> bool:
    if os.name == "nt":  # there, asking would end it; the connection tells
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    main()
