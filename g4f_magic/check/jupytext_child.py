"""The process in which jupytext reads a notebook's text, which may be somebody else's: bounded, and nothing of it runs.

Started by its path and not imported. It reads one JSON object from its standard input, `{"path", "suffix", "text"}`, and
writes one: `{"notebook": JSON}`, `{"error": WORDS}`, or `{"missing": true}` where there is no jupytext.

A folder's settings of jupytext can be a Python file, which jupytext would run; some of its formats (pandoc, marimo) are
read by other programs, and marimo's runs the notebook; YAML can name a thing of a hundred bytes a billion times.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from importlib import import_module
from typing import Any

_MOST_BYTES = 2 * 2**30
"""Of memory, where the system can bound it."""
_MOST_SETTINGS_BYTES = 2**20
_MOST_WRITTEN = 128 * 2**20
_USED = ("kernelspec", "language_info")
_BY_ANOTHER_PROGRAM = (".qmd",)
"""Read by Quarto, which converts a copy and runs nothing of it."""


class _RefusedError(Exception):
    """What is not read, in words."""


def main() -> None:
    """Read one notebook."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # a library may print what it likes
    wanted = json.loads(sys.stdin.buffer.read())
    if wanted["suffix"] not in _BY_ANOTHER_PROGRAM:
        os.environ["PATH"] = os.devnull  # no program is found there
        _bound_memory()
    json.dump(_answer(wanted), out)
    out.flush()


def _answer(wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        jupytext: Any = import_module("jupytext")
    except ImportError:
        return {"missing": True}
    try:
        book = jupytext.reads(
            wanted["text"],
            fmt={"extension": wanted["suffix"]},
            as_version=4,
            config=_settings(import_module("jupytext.config"), wanted["path"]),
        )
        book.metadata = {name: book.metadata[name] for name in _USED if name in book.metadata}
        text = str(import_module("nbformat").writes(book))
    except MemoryError:
        return {"error": "it takes more memory than is given to it"}
    except RecursionError:
        return {"error": "it is nested too deeply"}
    except Exception as exc:  # jupytext and its settings raise many kinds
        return {"error": next(iter(str(exc).strip().splitlines()), type(exc).__name__)[:200]}
    return {"notebook": text} if len(text) <= _MOST_WRITTEN else {"error": "it becomes too large"}


def _settings(config: Any, path: str) -> Any:
    """Return jupytext's settings for the notebook: data, and no code."""
    file = config.find_jupytext_configuration_file(path)
    if file is None or file == path:
        return None
    name = os.path.basename(file)
    if name.endswith(".py"):
        raise _RefusedError(f"its settings, {name}, are code, which is not run: write them as jupytext.toml")
    handle = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(handle, "rb") as opened:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_SETTINGS_BYTES:
            raise _RefusedError(f"its settings, {name}, are not a plain file of at most 1 MiB")
        text = opened.read(_MOST_SETTINGS_BYTES).decode("utf-8")
    return config.load_jupytext_configuration_file(file, stream=text)


def _bound_memory() -> None:
    try:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = _MOST_BYTES if hard == resource.RLIM_INFINITY else min(_MOST_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    except (ImportError, OSError, ValueError):  # Windows has none, and macOS takes none
        pass


if __name__ == "__main__":
    main()
