"""Closes the network to a Python that starts with this folder on its path, and notes each attempt in a file.

A kernel's own channels are not Python's sockets, and go on.
"""

import os
import socket
import sys

_CLOSED = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event not in _CLOSED:
        return
    if isinstance(args[0], socket.socket) and args[0].family not in (socket.AF_INET, socket.AF_INET6):
        return
    with open(os.environ["CLOSED_NETWORK_LOG"], "a") as log:
        log.write(f"{event} {args[1:]}\n")
    raise OSError("the network is closed")


if "CLOSED_NETWORK_LOG" in os.environ:
    sys.addaudithook(_refuse)
