"""Any sequence of operations leaves the same turns as a simple model in memory."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from g4f_magic.errors import InputError
from g4f_magic.history import History
from g4f_magic.turn import Turn
from tests.examples import examples
from tests.turns import changed

SLOTS = st.sampled_from(["a", "b", "c", ""])
NAMES = st.sampled_from(["main", "x", "y"])
Line = tuple[Turn, ...]


class Model:
    """A conversation as the list of the lines that it went through, and the one in force."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.now = len(lines) - 1
        self.stood: list[Turn] = []

    @property
    def line(self) -> Line:
        return self.lines[self.now]

    def go_on(self, line: Line) -> None:
        self.lines[self.now + 1 :] = [line]
        self.now += 1

    def put(self, turn: Turn) -> None:
        if turn not in self.stood:
            self.stood.append(turn)
        slots = [one.slot for one in self.line]
        if turn.slot in slots:
            place = slots.index(turn.slot)
            line = (*self.line[:place], turn, *self.line[place + 1 :])
        else:
            line = (*self.line, turn)
        if line != self.line:
            self.go_on(line)

    def forget(self, gone: list[Turn]) -> None:
        lines, now = [], 0
        for number, line in enumerate(self.lines):
            left = tuple(turn for turn in line if turn not in gone)
            if not lines or lines[-1] != left:
                lines.append(left)
            if number == self.now:
                now = len(lines) - 1
        self.lines, self.now = lines, now
        self.stood = [turn for turn in self.stood if turn not in gone]


class Notebook(RuleBasedStateMachine):
    """One notebook, used in every way, beside its model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.history = History(self.folder / "history.sqlite")
        self.another_kernel = History(self.folder / "history.sqlite")
        self.models: dict[str, Model] = {"main": Model([()])}
        self.name = "main"
        self.existing: set[str] = set()
        self.count = 0

    @property
    def model(self) -> Model:
        return self.models[self.name]

    @rule(slot=SLOTS, prompt=st.text(max_size=5), status=st.sampled_from(["done", "stopped", "open"]))
    def run(self, slot: str, prompt: str, status: str) -> None:
        """Run a cell: a new one, the same again, or an edited one."""
        self.count += 1
        identity = f"t{self.count}"
        turn = Turn.plain(
            id=identity,
            slot=slot or identity,
            prompt=prompt,
            provider="p",
            model="m",
            started_at=float(self.count),
        )
        self.history.begin("nb", self.name, turn)
        if status != "open":
            turn = changed(turn, status=status, reply=f"reply {self.count}")
            self.history.settle(turn)
        self.existing.add(self.name)
        self.model.put(turn)

    def is_refused(self, work: Callable[[], object], turns: Sequence[Turn]) -> bool:
        """Say whether nothing may be done because one of these is under way; then make sure that it is not."""
        if any(not turn.is_settled for turn in turns):
            with pytest.raises(InputError, match="under way"):
                work()
            return True
        return False

    @rule()
    def undo(self) -> None:
        if self.is_refused(lambda: self.history.undo("nb", self.name), self.model.line):
            return
        step = self.history.undo("nb", self.name)
        assert (step is None) == (self.model.now == 0)
        self.model.now = max(self.model.now - 1, 0)

    @rule()
    def redo(self) -> None:
        if self.is_refused(lambda: self.another_kernel.redo("nb", self.name), self.model.line):
            return
        step = self.history.redo("nb", self.name)
        assert (step is None) == (self.model.now == len(self.model.lines) - 1)
        self.model.now = min(self.model.now + 1, len(self.model.lines) - 1)

    @rule()
    def reset(self) -> None:
        if self.is_refused(lambda: self.history.reset("nb", self.name), self.model.line):
            return
        assert self.history.reset("nb", self.name) == len(self.model.line)
        self.existing.add(self.name)
        if self.model.line:
            self.model.go_on(())

    @rule(new=NAMES, data=st.data())
    def fork(self, new: str, data: st.DataObject) -> None:
        last = data.draw(st.sampled_from([None, *self.model.line]))
        if new in {*self.existing, self.name}:
            with pytest.raises(InputError):
                self.history.fork("nb", self.name, new)
            return
        self.history.fork("nb", self.name, new, last and last.id)
        line = self.model.line if last is None else self.model.line[: self.model.line.index(last) + 1]
        fork = Model([line[:length] for length in range(len(line) + 1)])
        slots = {turn.slot for turn in line}
        fork.stood = [turn for turn in self.model.stood if turn.slot in slots]
        self.models[new] = fork
        self.existing |= {self.name, new}

    @rule(data=st.data())
    def switch(self, data: st.DataObject) -> None:
        self.name = data.draw(st.sampled_from(sorted(self.models)))

    @precondition(lambda self: self.model.stood)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        turn = data.draw(st.sampled_from(self.model.stood))
        standing = [one for one in self.model.line if one.slot == turn.slot]
        if self.is_refused(lambda: self.history.restore("nb", self.name, turn.id), standing):
            return
        self.history.restore("nb", self.name, turn.id)
        self.model.put(turn)

    @precondition(lambda self: self.model.line)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        turn = data.draw(st.sampled_from(self.model.line))
        if self.is_refused(lambda: self.history.delete("nb", self.name, turn.id), [turn]):
            return
        self.history.delete("nb", self.name, turn.id)
        self.model.go_on(tuple(one for one in self.model.line if one != turn))

    @precondition(lambda self: self.model.stood)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        gone = data.draw(st.lists(st.sampled_from(self.model.stood), unique=True, min_size=1, max_size=2))
        assert self.history.forget_turns("nb", [turn.id for turn in gone]) == len(gone)
        for model in self.models.values():
            model.forget(gone)

    @rule(name=NAMES)
    def forget_conversation(self, name: str) -> None:
        model = self.models.pop(name, Model([()]))
        self.existing.discard(name)
        left = [turn for other in self.models.values() for turn in other.stood]
        gone = [turn for turn in model.stood if turn not in left]
        assert self.history.forget_conversation("nb", name) == len(gone)
        self.models.setdefault("main", Model([()]))
        self.name = "main"

    @rule()
    def open_again(self) -> None:
        self.history.close()
        self.history = History(self.folder / "history.sqlite")

    @invariant()
    def the_turns_are_the_same(self) -> None:
        for name, model in self.models.items():
            assert self.history.turns("nb", name) == model.line
            assert self.another_kernel.turns("nb", name) == model.line
            for slot in {turn.slot for turn in model.stood}:
                stood = sorted(
                    (turn for turn in model.stood if turn.slot == slot), key=lambda one: one.started_at
                )
                assert self.history.revisions("nb", name, slot) == tuple(stood)

    def teardown(self) -> None:
        self.history.close()
        self.another_kernel.close()
        assert [*self.history.warnings, *self.another_kernel.warnings] == []
        shutil.rmtree(self.folder)


TestNotebook = Notebook.TestCase
TestNotebook.settings = examples(60, stateful_step_count=25)
