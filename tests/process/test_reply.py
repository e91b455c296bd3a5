"""A reply that IPython stored, in another process."""

from __future__ import annotations

import copy
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from g4f_magic.reply import ReplyText
from g4f_magic.turn import Turn
from tests.optional import Optional
from tests.patience import PATIENCE_SECONDS

pd = Optional("pandas")


def test_store_brings_it_back_in_another_shell(tmp_path: Path) -> None:
    def run(code: str) -> str:
        environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "HOME": str(tmp_path)}
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "IPython",
            "--no-banner",
            "--colors=NoColor",
            "-c",
            code,
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=PATIENCE_SECONDS, check=True
        )
        return done.stdout

    run(
        "from g4f_magic.reply import ReplyText\nfrom g4f_magic.turn import Turn\n"
        "a = ReplyText(Turn.plain(id='t', slot='s', prompt='p', provider='koala', model='m', started_at=1.0, reply='Hi'))\n"
        "get_ipython().run_line_magic('store', 'a')"
    )
    again = run("get_ipython().run_line_magic('store', '-r a')\nprint(a, a.provider, a.turn.prompt)")
    assert again.strip() == "Hi koala p"


def test_it_goes_through_a_frames_file_and_a_pool_of_processes(tmp_path: Path) -> None:
    turn = Turn.plain(id="t", slot="s", prompt="p", provider="koala", model="m", started_at=1.0, reply="Hi")
    reply = ReplyText(turn)
    file = tmp_path / "frame.pickle"
    pd.DataFrame({"reply": pd.Series([reply], dtype=object)}).to_pickle(file)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        returned = [pd.read_pickle(file).reply[0], pool.submit(copy.deepcopy, reply).result()]
    assert [(str(one), one.provider, one.turn) for one in returned] == [("Hi", "koala", turn)] * 2
