"""Several processes on one file: nothing is lost, and a turn whose process died is broken off."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from g4f_magic.history import History, owner
from g4f_magic.history.table import ENDED
from tests.examples import share
from tests.turns import changed, make_turn, say

WRITER = """
import sys
from pathlib import Path
from g4f_magic.history import History
from g4f_magic.turn import Turn
from tests.turns import changed, make_turn, say

history = History(Path(sys.argv[1]))
name = sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(60):
    turn = Turn.plain(id=f"{name}{number}", slot=f"{name}{number}", prompt=name, provider="p", model="m", started_at=0.0)
    history.begin("nb", "main", turn)
    history.flush(turn.id, reply="half", reasoning="")
    history.settle(changed(turn, reply=f"{name} {number}", status="done"))
    if number % 10 == 9:
        history.undo("nb", "main") and history.redo("nb", "main")
history.close()
print("done", flush=True)
"""

STREAM = """
import sys
from pathlib import Path
from g4f_magic.history import History
from g4f_magic.turn import Turn

history = History(Path(sys.argv[1]))
name, text = sys.argv[2], ""
turn = Turn.plain(id=name, slot=name, prompt="Count.", provider="p", model="m", started_at=0.0)
history.begin("nb", "main", turn)
print("begun", flush=True)
number = 0
while True:
    number += 1
    text += f"{number} "
    history.flush(name, reply=text, reasoning="")
    print(number, flush=True)
"""


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def file(tmp_path):
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(file):
    history = History(file)
    yield history
    history.close()
    assert history.warnings == []


def test_two_processes_writing_at_once_lose_nothing(history, file):
    history.turns("nb", "main")
    writers = [start(WRITER, file, name) for name in ("a", "b")]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    outputs = [writer.communicate("go\n") for writer in writers]
    assert [output for output, _ in outputs] == ["done\n", "done\n"]
    turns = history.turns("nb", "main")
    for name in ("a", "b"):
        mine = [turn for turn in turns if turn.prompt == name]
        kept = [turn.id for turn in mine]
        assert kept == [one for one in (f"{name}{number}" for number in range(60)) if one in kept]
        assert all(turn.reply == f"{name} {turn.id[1:]}" for turn in mine)
        stood = [history.revisions("nb", "main", f"{name}{number}") for number in range(60)]
        assert [turn.reply for (turn,) in stood] == [f"{name} {number}" for number in range(60)]


def test_a_turn_of_a_process_that_runs_stays_open(history, file):
    with start(STREAM, file, "t") as writer:
        assert writer.stdout.readline() == "begun\n"
        assert [turn.status for turn in history.turns("nb", "main")] == ["open"]
        history.adopt_broken()
        assert [turn.status for turn in history.turns("nb", "main")] == ["open"]
        writer.kill()
        writer.communicate()
    (turn,) = history.turns("nb", "main")
    assert (turn.status, turn.error) == ("broken", ENDED)


def test_a_process_killed_in_the_middle_leaves_its_text_so_far(history, file):
    for number in range(share(30)):
        with start(STREAM, file, f"t{number}") as writer:
            for _ in range(random.Random(number).randrange(1, 40)):
                seen = writer.stdout.readline()
            writer.kill()
            seen = [line for line in [seen, *writer.stdout] if line.endswith("\n")][-1]
        last = int(seen) if seen != "begun\n" else 0
        turns = history.turns("nb", "main")
        assert len(turns) == number + 1
        assert turns[-1].status == "broken"
        # One more may have been written than could still be reported.
        assert turns[-1].reply.split() in [[str(n + 1) for n in range(upto)] for upto in (last, last + 1)]


def test_opening_settles_what_a_dead_process_left_so_that_it_is_found(history, file):
    with start(STREAM, file, "t") as writer:
        for _ in range(20):
            writer.stdout.readline()
        writer.kill()
        writer.communicate()
    history.close()
    (hit,) = history.search("Count")
    assert hit.turn.status == "broken"


def test_a_process_number_used_again_is_told_apart():
    me = owner.name_of(os.getpid())
    assert owner.is_alive(me, silent_seconds=0)
    host, _, rest = me.rpartition("/")
    number, _, began = rest.partition(".")
    assert not owner.is_alive(f"{host}/{number}.{int(began) - 1}", silent_seconds=0)
    assert not owner.is_alive("", silent_seconds=0)


def test_a_process_that_ended_and_was_not_waited_for_is_gone():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = f"{owner._host()}/{child.pid}.{owner._start(child.pid)}"
    assert owner.is_alive(name, silent_seconds=0)
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not owner.is_alive(name, silent_seconds=0)
    child.communicate()


@pytest.mark.parametrize(("seconds", "is_alive"), [(10, True), (7200, False)])
def test_a_turn_of_another_machine_counts_as_ended_after_a_long_silence(seconds, is_alive):
    assert owner.is_alive("elsewhere/1.1", silent_seconds=seconds) == is_alive


def test_a_view_in_another_process_sees_a_new_turn_by_the_version(history, file):
    turn = say(history)
    before = history.version()
    with start(STREAM, file, "t") as writer:
        writer.stdout.readline()
        assert history.version() > before
        assert [one.id for one in history.turns("nb", "main")] == [turn.id, "t"]
        writer.kill()
        writer.communicate()


def test_a_turn_begun_here_is_settled_from_the_same_process_after_opening_again(history):
    turn = make_turn()
    history.begin("nb", "main", turn)
    history.close()
    assert history.turns("nb", "main") == (turn,)
    history.settle(changed(turn, status="done", reply="x"))
    assert history.turns("nb", "main")[0].status == "done"
