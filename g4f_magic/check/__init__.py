"""Whether a notebook's recordings hold: as far as can be known without running it, or by a run."""

from __future__ import annotations

from g4f_magic.check.walk import Checked, Problem, check_notebook

__all__ = ["Checked", "Problem", "check_notebook"]
