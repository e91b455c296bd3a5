"""The store of turns on a real file: what is kept, in which order, and what steering does to it."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.history import History
from g4f_magic.history.table import turn_from_row, turn_to_row
from g4f_magic.messages import Usage
from g4f_magic.turn import Turn
from g4f_magic.turn_json import turn_from_json, turn_to_json
from tests.turns import changed, make_turn, say


@pytest.fixture
def file(tmp_path):
    return tmp_path / "new" / "history.sqlite"


@pytest.fixture
def history(file):
    history = History(file)
    yield history
    history.close()
    assert history.warnings == []


def ids(turns) -> list[str]:
    return [turn.id for turn in turns]


def test_a_settled_turn_comes_back_with_every_field(history, file):
    turn = make_turn("cell-1", system="Be brief.", via="local gateway (guide)", prompt="Ünïcode 🐨\0\n")
    history.begin("nb", "main", turn)
    settled = changed(
        turn,
        reply="Yes.\r\n",
        reasoning="hm",
        status="broken",
        source="replayed",
        seconds=0.25,
        usage=Usage(3, None),
        finish="length",
        context_messages=4,
        skipped_lines=2,
        error="cut",
    )
    history.settle(settled)
    history.close()
    assert history.turns("nb", "main") == (settled,)


def test_a_turn_is_kept_before_its_first_chunk_and_with_its_text_so_far(history):
    turn = make_turn()
    history.begin("nb", "main", turn)
    history.flush(turn.id, reply="So f", reasoning="thinking")
    assert history.turns("nb", "main") == (changed(turn, reply="So f", reasoning="thinking"),)


def test_running_a_cell_again_replaces_its_turn_at_its_place(history):
    first, second = say(history, "a"), say(history, "b")
    again = say(history, "a", reply="Anew.")
    assert history.turns("nb", "main") == (again, second)
    assert history.revisions("nb", "main", "a") == (first, again)


def test_a_turn_without_a_cell_is_appended(history):
    turns = [say(history) for _ in range(3)]
    assert history.turns("nb", "main") == tuple(turns)


def test_conversations_and_notebooks_do_not_mix(history):
    here = say(history, "a")
    there = say(history, "a", conversation="side")
    assert history.turns("nb", "main") == (here,)
    assert history.turns("nb", "side") == (there,)
    assert history.turns("other", "main") == ()
    assert [(one.name, one.turns) for one in history.conversations("nb")] == [("main", 1), ("side", 1)]
    assert [(one.notebook, one.conversations, one.turns) for one in history.notebooks()] == [("nb", 2, 2)]


def test_undo_takes_back_one_operation_at_a_time_and_redo_brings_it_back(history):
    first = say(history, "a")
    again = say(history, "a")
    history.reset("nb", "main")
    steps = [history.undo("nb", "main") for _ in range(4)]
    assert [step and step.operation for step in steps] == ["reset", "run", "run", None]
    assert history.turns("nb", "main") == ()
    history.redo("nb", "main")
    assert history.turns("nb", "main") == (first,)
    history.redo("nb", "main")
    assert history.turns("nb", "main") == (again,)
    assert history.redo("nb", "main").operation == "reset"
    assert history.redo("nb", "main") is None


def test_what_was_taken_back_is_still_a_revision_after_something_else_was_asked(history):
    lost = say(history, "a")
    history.undo("nb", "main")
    new = say(history, "a")
    assert history.redo("nb", "main") is None
    assert history.revisions("nb", "main", "a") == (lost, new)
    history.restore("nb", "main", lost.id)
    assert history.turns("nb", "main") == (lost,)


def test_reset_says_how_many_turns_there_were(history):
    say(history), say(history)
    assert history.reset("nb", "main") == 2
    assert history.reset("nb", "main") == 0
    assert history.undo("nb", "main").operation == "reset"


def test_one_turn_is_taken_out_of_the_middle(history):
    first, second, third = say(history), say(history), say(history)
    history.delete("nb", "main", second.id)
    assert history.turns("nb", "main") == (first, third)
    history.undo("nb", "main")
    assert history.turns("nb", "main") == (first, second, third)


def test_a_fork_goes_on_apart_from_the_turn_that_it_was_made_at(history):
    first, second = say(history, "a"), say(history, "b")
    history.fork("nb", "main", "side", first.id)
    other = say(history, "b", conversation="side")
    assert history.turns("nb", "side") == (first, other)
    assert history.turns("nb", "main") == (first, second)
    history.undo("nb", "side")
    assert history.undo("nb", "side").turns == (first,)


@pytest.mark.parametrize("work", ["delete", "restore", "fork"])
def test_a_turn_that_is_not_there_is_an_error_and_changes_nothing(history, work):
    turn = say(history)
    arguments = ("new", "nowhere") if work == "fork" else ("nowhere",)
    with pytest.raises(InputError):
        getattr(history, work)("nb", "main", *arguments)
    assert history.turns("nb", "main") == (turn,)
    assert [one.name for one in history.conversations("nb")] == ["main"]


def test_a_fork_takes_no_name_that_is_taken(history):
    say(history)
    with pytest.raises(InputError, match="'main'"):
        history.fork("nb", "main", "main")


def test_added_turns_replace_nothing_and_go_with_one_undo(history):
    mine = say(history, "a")
    assert history.add("nb", "main", [mine, changed(mine, id="other")]) == 2
    turns = history.turns("nb", "main")
    assert turns[0] == mine
    assert [turn.reply for turn in turns] == ["Because."] * 3
    assert len({turn.slot for turn in turns}) == len({turn.id for turn in turns}) == 3
    assert history.undo("nb", "main").operation == "import"
    assert history.turns("nb", "main") == (mine,)


def test_settling_a_turn_that_was_forgotten_meanwhile_leaves_it_forgotten(history):
    turn = make_turn()
    history.begin("nb", "main", turn)
    history.forget_turns("nb", [turn.id])
    history.flush(turn.id, reply="more")
    history.settle(changed(turn, status="done", reply="all"))
    assert history.turns("nb", "main") == ()


def test_two_views_of_one_file_see_each_others_turns(history, file):
    other = History(file)
    try:
        assert other.turns("nb", "main") == ()
        before = other.version()
        turn = say(history)
        assert other.version() > before
        assert other.turns("nb", "main") == (turn,)
        assert other.version() == other.version()
    finally:
        other.close()


def test_the_file_and_its_folder_are_private(history, file):
    say(history)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in file.parent.iterdir()} == {0o600}


def test_nothing_is_opened_before_the_first_use(tmp_path):
    History(tmp_path / "history.sqlite").close()
    assert list(tmp_path.iterdir()) == []


def test_what_lives_with_the_kernel_never_reaches_the_file(history, file):
    turn = make_turn()
    history.begin("kernel:1", "main", turn)
    history.flush(turn.id, reply="half")
    history.settle(changed(turn, reply="whole", status="done"))
    assert history.turns("kernel:1", "main")[0].reply == "whole"
    assert not file.exists()


def test_halves_of_characters_are_kept_as_question_marks(history):
    turn = make_turn(prompt="\ud83d")
    history.begin("nb", "main", turn)
    history.flush(turn.id, reply="\udc28", reasoning="\udc28")
    assert history.turns("nb", "main") == (changed(turn, prompt="?", reply="?", reasoning="?"),)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
TURNS = st.builds(
    Turn.plain,
    id=TEXTS,
    slot=TEXTS,
    prompt=TEXTS,
    provider=TEXTS,
    model=TEXTS,
    started_at=st.floats(allow_nan=False, allow_infinity=False),
    reply=TEXTS,
    reasoning=TEXTS,
    status=st.sampled_from(["open", "done", "stopped", "broken", "failed"]),
    seconds=st.none() | st.floats(0, 1e6),
    usage=st.none() | st.builds(Usage, st.none() | st.integers(), st.none() | st.integers()),
    finish=st.none() | TEXTS,
    error=TEXTS,
)


@given(TURNS)
def test_turns_are_the_same_after_json_and_rows(turn):
    assert turn_from_json(turn_to_json(turn)) == turn
    assert turn_from_row(turn_to_row(turn)) == turn


def test_fields_of_a_later_version_are_passed_over():
    turn = make_turn()
    assert turn_from_json({**turn_to_json(turn), "mood": "good"}) == turn


def test_a_settled_turn_is_parsed_once(history):
    first, second = say(history), say(history)
    before = history.turns("nb", "main")
    assert before == (first, second)
    say(history)
    after = history.turns("nb", "main")
    assert [one is other for one, other in zip(before, after, strict=False)] == [True, True]


def test_a_turn_that_is_open_is_read_each_time(history):
    turn = make_turn()
    history.begin("nb", "main", turn)
    assert [one.reply for one in history.turns("nb", "main")] == [""]
    history.flush(turn.id, reply="half")
    assert [one.reply for one in history.turns("nb", "main")] == ["half"]
    history.settle(changed(turn, reply="whole", status="done"))
    assert [one.reply for one in history.turns("nb", "main")] == ["whole"]


def test_what_another_kernel_does_is_seen(history, file):
    first, second = say(history, "a"), say(history, "b")
    assert history.turns("nb", "main") == (first, second)
    other = History(file)
    again = say(other, "a", reply="No.")
    assert history.turns("nb", "main") == (again, second)
    other.undo("nb", "main")
    assert history.turns("nb", "main") == (first, second)
    other.settle(changed(first, reply="Changed."))
    assert [turn.reply for turn in history.turns("nb", "main")] == ["Changed.", "Because."]
    other.forget_turns("nb", [second.id])
    assert ids(history.turns("nb", "main")) == [first.id]
    other.add("nb", "main", [changed(second, reply="Back, and another.")])
    assert [turn.reply for turn in history.turns("nb", "main")] == ["Changed.", "Back, and another."]
    other.close()


def test_turns_of_many_conversations_are_not_held(history):
    names = [f"c{number}" for number in range(12)]
    for name in names:
        say(history, conversation=name)
    before = {name: history.turns("nb", name)[0] for name in names}
    held = [name for name in names if history.turns("nb", name)[0] is before[name]]
    assert held == []
    assert history.turns("nb", "c11")[0] is history.turns("nb", "c11")[0]


def test_a_turn_that_was_written_as_the_disk_failed_is_begun_once(history):
    turn = make_turn("a")
    for _ in range(2):
        history.begin("nb", "main", turn)
    assert history.turns("nb", "main") == (turn,)


@pytest.mark.parametrize("steer", ["undo", "redo", "reset"])
def test_nothing_is_steered_while_a_reply_is_written_whoever_asks(history, file, steer):
    turn = make_turn("a")
    history.begin("nb", "main", turn)
    another_kernel = History(file)
    for one in (history, another_kernel):
        with pytest.raises(InputError, match="under way"):
            getattr(one, steer)("nb", "main")
    history.settle(changed(turn, status="done"))
    another_kernel.undo("nb", "main")
    another_kernel.close()
    assert history.turns("nb", "main") == ()
