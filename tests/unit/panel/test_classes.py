"""The names by which the panel's page, the front-end part and replies style things: they stand in one page."""

from __future__ import annotations

import re
from pathlib import Path

from g4f_magic import panel

PAGE = Path(panel.__file__).parent / "page"
PART = Path(panel.__file__).parents[1] / "labextension" / "static"
SHARED = {"g4f-panel", "g4f-pane", "g4f-attach"}
"""Where the one side knows the other: the panel, its place in the side bar, and the event by which files come."""


def classes(folder: Path) -> set[str]:
    return set().union(*(re.findall(r"g4f-[a-z-]+", file.read_text("utf-8")) for file in folder.iterdir()))


def test_the_panel_and_the_front_end_part_call_nothing_by_the_same_name() -> None:
    assert classes(PAGE) & classes(PART) == SHARED
