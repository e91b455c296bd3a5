"""Google Colab: what its page and its machine tell. Nothing of it is imported that it has not imported itself.

Source: `google.colab`, whose page is asked by `_message.blocking_request`; its answer to `get_ipynb` is the notebook.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module
from pathlib import Path

from g4f_magic import file_system
from g4f_magic.host.told import ToldNotebook, of_colab

_SECONDS = 5
"""How long the page may take."""
_AGAIN_SECONDS = 60.0
"""After how long a page that did not answer is asked again."""


class _Page:
    """What the page told last."""

    def __init__(self) -> None:
        self.told: ToldNotebook | None = None
        self.asked_at = -_AGAIN_SECONDS
        self.is_silent = False


_page = _Page()


def is_here() -> bool:
    """Say whether this kernel runs on a machine of Colab's."""
    return "google.colab" in sys.modules


def notebook(cell: str) -> ToldNotebook | None:
    """Return the notebook in which a cell runs, as the page tells it; None where it does not.

    The page is asked for the first cell, and again for one that it did not hold then: it may take seconds.
    """
    if not cell or (_page.told is not None and _page.told.holds(cell)):
        return _page.told
    now = time.monotonic()
    if _page.is_silent and now - _page.asked_at < _AGAIN_SECONDS:
        return _page.told
    _page.asked_at, _page.is_silent = now, True
    try:
        answer = import_module("google.colab._message").blocking_request(
            "get_ipynb", request="", timeout_sec=_SECONDS
        )
    except Exception:  # whatever this release raises: then it is not told
        return _page.told
    found = answer.get("ipynb") if isinstance(answer, dict) else None
    if isinstance(found, dict) and (told := of_colab(found)) is not None:
        _page.told, _page.is_silent = told, False
    return _page.told


def lasting_folder() -> Path | None:
    """Return the person's Drive, where it is mounted: what is written there outlives the machine."""
    for point, kind in file_system.mounts().items():
        if kind == "fuse.drive" and (folder := Path(point) / "MyDrive").is_dir():
            return folder
    return None
