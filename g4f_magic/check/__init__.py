"""Whether a notebook's recordings hold: as far as can be known without running it, or by a run.

In come a notebook's file and its cassette; out come what is missing, what nothing asks for, and for a run the cells that
fail or show something else. Nothing is sent, and nothing in the person's history changes.
"""

from __future__ import annotations

from g4f_magic.check.walk import Checked, Problem, check_notebook

__all__ = ["Checked", "Problem", "check_notebook"]
