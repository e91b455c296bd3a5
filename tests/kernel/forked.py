"""The process that warm kernels are forked from: `python forked.py DESCRIPTOR`, of a socket on which it is asked for them.

It asks nothing of the package or of the tests, and has no thread.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import socket
import sys

UNTIL_READY = ("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.core.completerlib")
UNTIL_THE_FIRST_CHAT_ENDS = (
    "aiohttp.web",
    "latex2mathml.converter",
    "markdown_it",
    "nest_asyncio",
    "nh3",
    "pygments.formatters.html",
    "pygments.lexers.python",
    "sqlite3",
)
"""What a kernel imports of libraries."""


def main(descriptor: int) -> None:
    """Import all of it; then start a kernel, or say how one ended, for each line that comes."""
    del sys.path[0]  # of this file
    os.environ["JPY_PARENT_PID"] = str(
        os.getpid()
    )  # ipykernel reads when it is imported whom a kernel ends with
    for name in (*UNTIL_READY, *UNTIL_THE_FIRST_CHAT_ENDS):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # what a kernel does not change, it shares
    with socket.socket(fileno=descriptor) as connection, connection.makefile("rw") as channel:
        while line := channel.readline():
            match json.loads(line):
                case {"start": arguments, "environment": environment, "folder": folder}:
                    answer = os.fork()
                    if not answer:
                        break
                case {"poll": pid}:
                    ended, status = os.waitpid(pid, os.WNOHANG)
                    answer = os.waitstatus_to_exitcode(status) if ended else None
                case {"wait": pid}:
                    answer = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            print(json.dumps(answer), file=channel, flush=True)
        else:
            return
    be_kernel(arguments, environment, folder)


def be_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Do from here on what `python -m ipykernel_launcher` does with these arguments."""
    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment, JPY_PARENT_PID=str(os.getppid()))
    sys.argv = ["ipykernel_launcher", *arguments]
    sys.orig_argv = [sys.executable, "-m", *sys.argv]
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main(int(sys.argv[1]))
