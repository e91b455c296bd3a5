"""Turns that are exported."""

from __future__ import annotations

from g4f_magic.messages import Usage
from tests.turns import make_turn

SAID = [
    make_turn(
        "cell-1", prompt="What is it?", reply="A *koala*.\n\n— said so", status="done", usage=Usage(1, 2)
    ),
    make_turn(
        "cell 2", prompt="Show code\n", reply="```python\nprint(1)", status="stopped", reasoning="a\nb"
    ),
    make_turn(
        prompt="ünï\u2028code", status="failed", error="koala: HTTP 500", seconds=1.5, system="Be brief."
    ),
]
