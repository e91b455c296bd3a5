"""A reply in a real JupyterLab and a real Notebook 7: seen to grow, stopped, and static at the end."""

from __future__ import annotations

from itertools import pairwise

from tests.browser.lab import Desk, FrontEnd, observe
from tests.browser.stage import LIVE, Stage

LOAD = "%load_ext g4f_magic"
ASK = f"%%chat\n{LIVE}"
PIECES = (
    ("## Growing\n\n", "Growing"),
    ("The first *paragraph* of all.\n\n", "of all"),
    ("- one\n- two\n  - three\n\n", "three"),
    ("| name | value |\n|------|------:|\n| alpha | 1 |\n| beta | 2 |\n\n", "beta"),
    ("```python\ndef square(x):\n    return x * x\n```\n\n", "return x * x"),
    ("The **last** words.\n", "last words"),
)
REPLY = "".join(text for text, _ in PIECES)


async def test_a_reply_grows_while_it_streams(desk: Desk, stage: Stage, front_end: FrontEnd) -> None:
    async with desk.open(front_end, f"grows-{front_end}.ipynb", LOAD, ASK) as book:
        await book.run(0)
        await book.start(1)
        lengths = []
        for paragraph in REPLY.split("\n\n"):
            stage.say(f"{paragraph}\n\n")
            word = paragraph.replace("`", "").split()[-1].strip("*|")
            await book.says(1, word)
            lengths.append(len(await book.text(1)))
        assert not await book.is_idle()
        stage.end()
        await book.idle()
        assert all(before < after for before, after in pairwise(lengths))
