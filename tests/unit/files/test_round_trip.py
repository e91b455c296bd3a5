"""What was exported comes back the same, whatever it says."""

from __future__ import annotations

import dataclasses
import json

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.files.exporting import to_notebook, write
from g4f_magic.files.importing import read
from g4f_magic.grammar import ChatLine
from g4f_magic.history import History
from g4f_magic.messages import Citation, Usage
from g4f_magic.schemas import schema_of
from g4f_magic.turn import Turn
from tests.examples import examples
from tests.turns import changed, make_turn
from tests.unit.files.said import SAID


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ipynb"])
def test_what_was_exported_comes_back_the_same(tmp_path, suffix):
    file = tmp_path / f"chat{suffix}"
    write(file, SAID)
    assert list(read(file)) == SAID


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.lists(st.tuples(TEXTS, TEXTS.map(lambda text: "%%chat\n\n— " + text) | TEXTS), min_size=1, max_size=4)
)
@examples(50)
def test_any_text_comes_back_the_same(tmp_path_factory, said):
    turns = [make_turn(prompt=prompt, reply=reply, status="done") for prompt, reply in said]
    folder = tmp_path_factory.mktemp("x")
    for suffix in (".json", ".jsonl", ".ipynb"):
        write(folder / f"chat{suffix}", turns)
        assert list(read(folder / f"chat{suffix}")) == turns


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Cn", "Co"]),
    min_size=1,
    max_size=20,
)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


TURNS = st.builds(
    Turn.plain,
    id=NAMES,
    slot=NAMES,
    prompt=TEXTS,
    reply=TEXTS,
    system=TEXTS,
    reasoning=TEXTS,
    provider=NAMES | st.sampled_from(["", "g4f:Blackbox", "groq,openai:x", "imported"]),
    model=NAMES | st.just(""),
    via=NAMES | st.just(""),
    started_at=st.floats(0, 253402300799),
    seconds=st.none() | st.floats(0, 1e6),
    status=st.sampled_from(["stopped", "broken", "failed"]),
    error=TEXTS,
    source=st.sampled_from(["live", "replayed", "imported"]),
    usage=st.none() | st.builds(Usage, st.none() | st.integers(0, 10**9), st.none() | st.integers(0, 10**9)),
    guess=st.none() | st.builds(Usage, st.integers(0, 10**9), st.integers(0, 10**9)),
    dollars=st.none() | st.floats(0, 1e6),
    repaired=TEXTS,
    citations=st.lists(st.builds(Citation, NAMES.map("https://x/{}".format), TEXTS), max_size=2).map(tuple),
    parameters=st.dictionaries(NAMES, VALUES, max_size=3),
    unshown=st.lists(TEXTS, max_size=2).map(tuple),
    context_turns=st.none() | st.integers(0, 99),
)


@pytest.mark.heavy
@given(st.lists(TURNS, min_size=1, max_size=3))
@examples(150)
def test_every_field_of_every_turn_comes_back(tmp_path_factory, turns):
    folder = tmp_path_factory.mktemp("x")
    for suffix in (".json", ".jsonl", ".ipynb", ".md"):
        write(folder / f"chat{suffix}", turns)
        if suffix != ".md":
            assert list(read(folder / f"chat{suffix}")) == turns
    nbformat.validate(nbformat.read(folder / "chat.ipynb", as_version=4))
    history = History(None)
    history.add("kernel:1", "main", turns)
    assert [turn.ask for turn in history.turns("kernel:1", "main")] == [turn.ask for turn in turns]
    history.close()


@given(TURNS, st.dictionaries(st.sampled_from(["stop", "seed", "a=b", "top_p", "x y"]), VALUES))
@examples(150)
def test_every_cell_of_an_export_can_be_read(turn, parameters):
    turn = changed(turn, parameters=parameters)
    sources = [cell["source"] for cell in json.loads(to_notebook([turn]))["cells"]]
    head, _, prompt = sources[-1].partition("\n")
    options = ChatLine(head.removeprefix("%%chat")).options
    assert prompt == turn.prompt
    assert options.system in (None, turn.system)
    assert options.model in ("", turn.model)


def test_an_exported_cell_asks_for_the_same_type():
    turn = Turn.plain(id="t", slot="t", prompt="Judge it.", provider="x", model="m", started_at=1.0)
    schema = schema_of("label: good|bad, why?: str (in a 'word')")
    turn = dataclasses.replace(turn, ask=dataclasses.replace(turn.ask, schema=dict(schema)))
    *_, cell = json.loads(to_notebook([turn]))["cells"]
    line, _, prompt = cell["source"].partition("\n")
    assert prompt == "Judge it."
    assert schema_of(ChatLine(line.removeprefix("%%chat")).options.schema) == schema
