"""What Python's own SQLite warns of: a place with a number (`?1`) that is given a sequence (3.12.0 to 3.12.3)."""

from __future__ import annotations

import re
from pathlib import Path

import g4f_magic.history

FOLDER = Path(g4f_magic.history.__file__).parent


def test_no_statement_has_a_place_with_a_number() -> None:
    found = [
        f"{file.name}: {line.strip()}"
        for file in sorted(FOLDER.glob("*.py"))
        for line in file.read_text("utf-8").splitlines()
        if re.search(r"\?\d", line)
    ]
    assert found == []
