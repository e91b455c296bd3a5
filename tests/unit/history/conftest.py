from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from g4f_magic.history import History


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(file: Path) -> Iterator[History]:
    history = History(file)
    yield history
    history.close()
