"""Where a panel stands: whether anybody can see a widget there, in which cell, and on which loop."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from g4f_magic.settings import environment


def is_shown(shell: Any) -> bool:
    """Say whether a front end that shows widgets looks on.

    One that names its cells does; Colab and Voila do without. A notebook that a machine runs would only keep
    the widget's whole code in its metadata.
    """
    if getattr(shell, "kernel", None) is None:
        return False
    is_voila = environment("SERVER_SOFTWARE").startswith("voila")
    return bool(cell_id(shell)) or "google.colab" in sys.modules or is_voila


def cell_id(shell: Any) -> str:
    """Return the id of the running cell, empty where the front end names none."""
    kernel = getattr(shell, "kernel", None)
    parent = (kernel.get_parent("shell") if kernel is not None else None) or {}
    return str(parent.get("metadata", {}).get("cellId") or "")


def kernel_loop(shell: Any) -> asyncio.AbstractEventLoop | None:
    """Return the loop on which the kernel runs its cells; None where none runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        io_loop = getattr(getattr(shell, "kernel", None), "io_loop", None)
        return getattr(io_loop, "asyncio_loop", None)
