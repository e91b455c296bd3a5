"""A notebook's file, as it is saved before anything ran in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

CODE_CELL = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}


def write_notebook(
    file: Path, *sources: str, ids: Sequence[str] = (), kernel: str = "python3", **more: object
) -> Path:
    """Write a notebook with these cells of code, called c0, c1, ... or as `ids` has it; `more` is what else it holds."""
    names = ids or [f"c{number}" for number in range(len(sources))]
    cells = [{**CODE_CELL, "id": name, "source": source} for name, source in zip(names, sources, strict=True)]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": "python"}}
    content = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5, **more}
    file.write_text(json.dumps(content), "utf-8")
    return file
