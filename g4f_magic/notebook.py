"""Which notebook this kernel serves, as the front end says and the file shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from uuid import uuid4

from g4f_magic.errors import InputError
from g4f_magic.history import KERNEL, Identity
from g4f_magic.settings import environment

MOST_BYTES = 64 * 1024 * 1024
"""A larger file is not read for its cells: it would hold up the first chat."""

_LIVE = "RTC:"
"""What jupyter-collaboration puts before the name of a notebook."""


def identify(user_namespace: Mapping[str, object]) -> Identity | None:
    """Return the notebook that this kernel serves; None where the front end does not say, or it is none.

    Jupyter tells by `JPY_SESSION_NAME` (after a rename the old path until the kernel restarts), VS Code by a
    name in the person's namespace.
    """
    given = user_namespace.get("__vsc_ipynb_file__")
    path = Path(given if isinstance(given, str) and given else environment("JPY_SESSION_NAME"))
    if path.name.startswith(_LIVE):
        path = path.with_name(path.name.removeprefix(_LIVE))
    if path.suffix.lower() != ".ipynb":  # a console's session has a name too
        return None
    return _identity(path.expanduser().absolute())


@cache
def _identity(path: Path) -> Identity:
    """Return what the file at `path` is. Read once: a kernel stays with its notebook, whatever takes its name."""
    # A name that is not UTF-8 is only ever compared with itself.
    return Identity(str(path).encode("utf-8", "replace").decode(), saved_cells(path))


def saved_cells(path: Path) -> frozenset[str]:
    """Return the ids of the cells in the saved file; empty where it cannot be read or holds none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return frozenset()
        cells = json.loads(path.read_bytes())["cells"]
        return frozenset(cell["id"] for cell in cells if isinstance(cell.get("id"), str))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return frozenset()


def holds_code(path: Path, source: str) -> bool:
    """Say whether the saved file has a code cell with that source; not, where it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return False
        cells = json.loads(path.read_bytes())["cells"]
        codes = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return False
    return source.strip() in map(str.strip, codes)


def kernel_key() -> str:
    """Return a new key for conversations that live as long as the kernel."""
    return f"{KERNEL}{uuid4().hex}"


def named_key(name: str) -> str:
    """Return the key of a notebook that the person named.

    Raises:
        InputError: the name is blank.
    """
    if not name.strip():
        raise InputError("a notebook's name cannot be blank", hint="%chat notebook NAME")
    return f"name:{name.strip()}"
