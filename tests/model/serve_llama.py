"""llama.cpp's own server with one model, on a free port of loopback: `python serve_llama.py MODEL CONTEXT PARALLEL [as-it-comes]`.

Its key comes as the first line of the input; it prints its address and serves until the input ends.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    import xllamacpp

    path, context, parallel, *further = sys.argv[1:]
    given = xllamacpp.CommonParams()
    given.model.path = path
    given.n_ctx = int(context) * int(parallel)
    given.n_parallel = int(parallel)
    # With as many threads as cores, each waits for the others by spinning, and a busy machine stands still.
    if not further:
        given.cpuparams.n_threads = 1
        given.cpuparams_batch.n_threads = 1
    given.hostnames = ["127.0.0.1"]
    given.port = 0
    given.api_keys = [sys.stdin.readline().strip()]
    given.endpoint_slots = True
    server = xllamacpp.Server(given)
    print(server.listening_address, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
