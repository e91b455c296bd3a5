"""What the README says of speed is what the page of all figures says, and each has a command that measures it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def figures(page: str) -> list[str]:
    """Return the rows of a page's figures: those that end with the command that measures them."""
    rows = [line for line in (ROOT / page).read_text("utf-8").splitlines() if re.search(r"`\w+` \|$", line)]
    return [row for row in rows if not row.endswith("`NAME` |")]


def test_the_readme_repeats_the_page_of_all_figures() -> None:
    assert len(figures("README.md")) >= 7
    assert set(figures("README.md")) <= set(figures("docs/speed.md"))


def test_each_figure_has_its_command() -> None:
    for row in figures("docs/speed.md"):
        name = row.rsplit("`", 2)[1]
        assert (ROOT / "benchmarks" / f"{name}.py").exists(), row
