"""The names of what the panel, the front end's part and saved outputs style: they share one page in JupyterLab."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

from g4f_magic import page
from g4f_magic.panel.traits import PanelTraits
from g4f_magic.renderers.code_blocks import acting, framed

STATIC = Path(page.__file__).parent / "labextension" / "static"
NAME = re.compile(r"\bg4f-[a-z][a-z-]*")
BUTTON = {"g4f-cell", "g4f-code", "g4f-did"}
"""A block's own button, whose doing the front end's part takes over."""
SHARED = {"g4f-magic", "g4f-panel", "g4f-attach", "g4f-pane"}
"""What names no look: the package and the attribute by which an output is known; the panel, to which the front end gives files; its
place in the side bar."""


def test_no_part_takes_the_look_of_another():
    code = "<pre><code>x = 1</code></pre>"
    parts = {
        "panel": PanelTraits._css + PanelTraits._esm,
        "front end": "".join(path.read_text("utf-8") for path in sorted(STATIC.iterdir())),
        "output": acting(framed(code)),
    }
    named = {part: {*NAME.findall(text)} - SHARED for part, text in parts.items()}
    assert all(named.values())
    assert {f"{one}, {other}": named[one] & named[other] for one, other in combinations(named, 2)} == {
        "panel, front end": set(),
        "panel, output": set(),
        "front end, output": BUTTON,
    }
