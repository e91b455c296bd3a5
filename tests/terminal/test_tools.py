"""Functions that a model may ask for, in a real terminal: the question is a line to answer, and nothing paints over it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.tools.serving import service
from tests.contract.tools.streams import anthropic, words
from tests.injections import TERMINAL
from tests.terminal.terminals import ENTER, terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no pty")


async def test_a_call_is_approved_on_a_line_and_said_under_the_words(tmp_path: Path) -> None:
    hostile = TERMINAL["clear_screen"]
    streams = [anthropic([("price", {"item": f"tea{hostile}"})]), words("It costs 3.")]
    async with service(streams) as server, terminal(tmp_path) as ipython:
        await ipython.run(["%load_ext g4f_magic"], 2)
        define = "def price(item: str) -> str: print('looked'); return item + ': 3'"
        await ipython.run([f"exec({define!r})"], 3)
        await ipython.type_lines(
            [f"%%chat -p {server.url} -m m --tools price", "What does tea cost?", "", ""]
        )
        asked = await ipython.expect(r"(?s)I will look.*edit:")
        ipython.type("yes" + ENTER)
        printed = asked + await ipython.prompt(4)
    assert "price(item='tea\\x1b[2J\\x1b[H')" in printed
    assert hostile not in printed
    assert "→ price(item=" in printed
    assert "looked" not in printed
    assert "It costs 3." in printed


def test_what_was_typed_before_a_question_stood_is_no_answer() -> None:
    import pty

    ours, theirs = pty.openpty()
    os.write(ours, b"yes\n")
    program = "from g4f_magic.host.program import asked; print('said', asked('Run it? ', is_secret=False))"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=theirs, stdout=theirs, stderr=theirs
    ) as asking:
        printed = b""
        while b"Run it? " not in printed:
            printed += os.read(ours, 1_000)
        os.write(ours, b"no\n")
        asking.wait()
        printed += os.read(ours, 1_000)
    os.close(theirs)
    os.close(ours)
    assert b"said no" in printed
