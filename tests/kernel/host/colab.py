"""Colab by its signs, as they were measured in its own shell: its package, its page's answers, its requests.

Its page is not to be had here; what it answers stands in files that the test writes.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.kernel.kernels import Kernel, kernel

_MESSAGE = """\
import json, pathlib
def blocking_request(request_type, request="", timeout_sec=5, parent=None):
    assert request_type == "get_ipynb"
    asked.append(timeout_sec)
    file = pathlib.Path(__file__).with_name("page.json")
    return {"ipynb": json.loads(file.read_text())} if file.exists() else None
asked = []
"""
_USERDATA = """\
import json, pathlib
class SecretNotFoundError(Exception): ...
class NotebookAccessError(Exception): ...
class TimeoutException(Exception): ...
def get(key):
    asked.append(key)
    value = json.loads(pathlib.Path(__file__).with_name("secrets.json").read_text()).get(key)
    if value is None:
        raise SecretNotFoundError(key)
    if value in globals():
        raise globals()[value](key)
    return value
asked = []
"""


class Colab:
    """One machine of Colab's, and the page that looks at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._package = folder / "site" / "google" / "colab"
        self._package.mkdir(parents=True)
        (self._package / "__init__.py").write_text("")
        (self._package / "_message.py").write_text(_MESSAGE)
        (self._package / "userdata.py").write_text(_USERDATA)
        self.secrets()

    def secrets(self, **values: str) -> None:
        """Have these secrets; a value that is the name of one of its errors raises that."""
        (self._package / "secrets.json").write_text(json.dumps(values))

    def page(self, name: str, *cells: tuple[str, str]) -> None:
        """Have the page hold a notebook of that name with these cells: their ids and sources."""
        held = [
            {"cell_type": "code", "metadata": {"id": cell}, "source": source.splitlines(keepends=True)}
            for cell, source in cells
        ]
        notebook: dict[str, Any] = {"cells": held, "metadata": {"colab": {"name": name}}}
        (self._package / "page.json").write_text(json.dumps(notebook))

    @asynccontextmanager
    async def kernel(self, **environment: str) -> AsyncIterator[Kernel]:
        """Start a kernel of this machine, as its shell leaves it: with its package imported."""
        path = os.pathsep.join(filter(None, [str(self.folder / "site"), os.environ.get("PYTHONPATH", "")]))
        home = self.folder / "content"
        home.mkdir(exist_ok=True)
        async with kernel(PYTHONPATH=path, XDG_DATA_HOME=str(home / "data"), **environment) as one:
            await one.ok(f"import os; os.chdir({str(home)!r}); import google.colab")
            yield one


def of(cell: str) -> dict[str, Any]:
    """Return a request's metadata as Colab's page sends it."""
    return {"colab": {"cell_id": cell}}
