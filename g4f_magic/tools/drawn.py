"""Figures that a function draws while it runs: taken into its step, so that the cell does not show them once more."""

from __future__ import annotations

import sys
from typing import Any

_PYPLOT = "matplotlib.pyplot"


def figure_numbers() -> frozenset[int]:
    """Return the numbers of the figures that pyplot holds; nothing is imported for that."""
    pyplot = sys.modules.get(_PYPLOT)
    return frozenset(pyplot.get_fignums()) if pyplot is not None else frozenset()


def figures_since(before: frozenset[int]) -> list[Any]:
    """Return the figures that were made since then, oldest first."""
    pyplot = sys.modules.get(_PYPLOT)
    return [] if pyplot is None else [pyplot.figure(number) for number in sorted(figure_numbers() - before)]


def let_go(figures: list[Any]) -> None:
    """Have pyplot hold figures no longer; who has them keeps them."""
    for figure in figures:
        sys.modules[_PYPLOT].close(figure)
