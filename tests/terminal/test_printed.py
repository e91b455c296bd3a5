"""A reply printed by a program in a terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pexpect

from tests.patience import PATIENCE_SECONDS

TALK = """
import asyncio
from g4f_magic.chunks import Text
from g4f_magic.host.program import Program
from g4f_magic.renderers import choose
from g4f_magic.settings import Settings
from tests.injections import TERMINAL
from tests.turns import changed
from tests.unit.renderers.test_text import DONE, OPEN

async def talk():
    renderer = choose(settings=Settings(), host=Program())
    renderer.begin(OPEN)
    text = "# Title\\n\\nsome *words* [red]here[/red] :smile:\\n\\n" + "\\n\\n".join(TERMINAL.values()) + "\\n\\nlast words"
    for start in range(0, len(text), 5):
        renderer.show(Text(text[start:start + 5]))
        await asyncio.sleep(0.005)
    renderer.settle(DONE)

asyncio.run(talk())
"""


def test_a_terminal_gets_rendered_markdown_and_no_escapes_of_the_reply(tmp_path: Path) -> None:
    script = tmp_path / "talk.py"
    script.write_text(TALK)
    root = str(Path(__file__).parents[2])
    env = {"PYTHONPATH": root, "TERM": "xterm-256color", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    child = pexpect.spawn(
        sys.executable,
        [str(script)],
        env=env,
        timeout=PATIENCE_SECONDS,
        dimensions=(40, 100),
        encoding="utf-8",
    )
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    raw = child.before or ""
    ours = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[lh]|2K|1?A)")
    left = ours.sub("", raw)
    assert "\x1b" not in left
    assert "\x9b" not in left
    assert "␛[2J␛[H" in left
    assert "[red]here[/red] :smile:" in left
    assert "*words*" not in left.rpartition("Title")[2]
    assert "— live · koala · tiny · 1.2 s" in left
