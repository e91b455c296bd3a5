"""Checking a value where importing what checks it takes long: on a busy machine, in its first reply."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys, time
from g4f_magic.schemas import fitting

class Slow:
    @staticmethod
    def find_spec(name, *_):
        if name == "jsonschema":
            time.sleep(0.6)

sys.meta_path.insert(0, Slow)
fitting.MOST_SECONDS = 0.5
print(fitting.problems({"label": "good"}, {"type": "object"}))
"""


@pytest.mark.heavy
def test_importing_what_checks_is_not_counted_as_checking() -> None:
    ran = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "()"
