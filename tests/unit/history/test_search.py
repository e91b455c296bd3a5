"""Full-text search, and forgetting for good."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.history import History, Identity
from g4f_magic.history.search import MOST_WEIGHED, SNIPPET_MARKS
from tests.turns import changed, key_of, make_turn, say


def found(history: History, words: str) -> list[str]:
    return [hit.turn.prompt for hit in history.search(words)]


def test_words_are_found_in_question_and_answer_whatever_their_case_and_accents(history):
    say(history, prompt="Wo steht der Kölner Dom?", reply="Am Rhein.")
    say(history, prompt="Other", reply="Nothing of it.")
    for words in ("kolner dom", "RHEIN", "köln", '"kölner dom" rhein', "kölner dom?"):
        assert found(history, words) == ["Wo steht der Kölner Dom?"]
    assert found(history, '"dom kölner"') == []
    assert found(history, "dom nothing") == []


def test_better_hits_come_first_and_not_more_than_asked_for(history):
    for count in (1, 5, 3):
        say(history, prompt=f"{count}", reply="koala " * count + "filler " * (9 - count))
    assert found(history, "koala") == ["5", "3", "1"]
    assert [hit.turn.prompt for hit in history.search("koala", limit=1)] == ["5"]


def test_a_hit_says_where_it_stands_and_marks_the_word(history):
    key = key_of(history, Identity("/home/me/dom.ipynb"))
    turn = make_turn(prompt="Where is the cathedral?")
    history.begin(key, "side", turn)
    history.settle(changed(turn, status="done", reply="There."))
    (hit,) = history.search("cathedral")
    assert (hit.notebook, hit.path, hit.conversation) == (key, "/home/me/dom.ipynb", "side")
    assert hit.snippet == f"Where is the {'cathedral'.join(SNIPPET_MARKS)}?"


def test_earlier_revisions_and_the_kernels_own_turns_are_found_too(history):
    say(history, "a", prompt="first koala")
    say(history, "a", prompt="second koala")
    turn = make_turn(prompt="third koala")
    history.begin("kernel:1", "main", turn)
    history.settle(changed(turn, status="done"))
    assert sorted(found(history, "koala")) == ["first koala", "second koala", "third koala"]


def test_words_of_scripts_without_spaces_are_found(history):
    say(history, prompt="東京タワーはどこにありますか")
    assert found(history, "タワー") == ["東京タワーはどこにありますか"]


@given(st.text())
def test_any_text_can_be_searched_for(text):
    history = History(None)
    try:
        say(history, prompt=text)
        history.search(text)
    finally:
        history.close()


def test_a_text_settled_twice_is_found_by_its_last_words_alone(history):
    turn = say(history, reply="elephant")
    history.settle(changed(turn, reply="koala"))
    assert found(history, "elephant") == []
    assert found(history, "koala") == [turn.prompt]


FORGET = {
    "turn": lambda history, ids: history.forget_turns("nb", ids),
    "conversation": lambda history, ids: history.forget_conversation("nb", "main"),
    "notebook": lambda history, ids: history.forget_notebook("nb"),
}


@pytest.mark.heavy
@pytest.mark.parametrize("what", FORGET)
@pytest.mark.parametrize("is_observed", [False, True])
def test_forgotten_words_are_in_no_file_of_the_folder(history, file, what, is_observed):
    other = History(file)
    for number in range(300):  # enough that pages split, with the secret in rows of all sizes
        say(history, prompt=f"Question {number}", reply=f"{'z' * (number * 37 % 5000)}", conversation="other")
        turn = make_turn(f"s{number}", prompt=f"My xylophone {number}")
        history.begin("nb", "main", turn)
        for length in (10, 400, 6000):
            history.flush(turn.id, reply="xylophone " * (length % 97 + number % 13), reasoning="xylophone")
        history.settle(changed(turn, reply="xylophone again", status="done"))
    ids = [turn.id for turn in history.turns("nb", "main")]
    if is_observed:  # by another kernel, which holds the file open
        assert len(other.turns("nb", "main")) == 300
    assert any(b"xylophone" in path.read_bytes() for path in file.parent.iterdir())
    assert FORGET[what](history, ids) >= 300
    assert history.warnings == []
    assert [path.name for path in file.parent.iterdir() if b"xylo" in path.read_bytes()] == []
    assert history.search("xylophone") == ()
    assert history.turns("nb", "main") == other.turns("nb", "main") == ()
    assert other.search("xylophone") == ()
    other.close()
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.heavy
@pytest.mark.parametrize("seed", [1, 15, 26])
def test_forgotten_turns_among_others_leave_nothing_on_the_pages_that_they_shared(history, file, seed):
    # Without writing the file anew, copies of rows stay on pages that were split (seen with seeds 15 and 26).
    chance = random.Random(seed)
    forgotten = []
    for number in range(400):
        is_secret = chance.random() < 0.4
        word = f"{'xylophone' if is_secret else 'plainword'}{number}q "
        turn = changed(
            make_turn(f"s{chance.randrange(300)}", prompt=word * chance.randrange(1, 40)),
            id=f"{'xylophone' if is_secret else 't'}{chance.random()}",
        )
        history.begin("nb", f"c{chance.randrange(3)}", turn)
        for _ in range(chance.randrange(3)):
            text, thought = word * chance.randrange(1, 600), word * chance.randrange(3)
            history.flush(turn.id, reply=text, reasoning=thought)
        history.settle(changed(turn, reply=word * chance.choice([1, 5, 50, 600]), status="done"))
        if is_secret:
            forgotten.append(turn.id)
        if chance.random() < 0.02:
            history.close()
    chance.shuffle(forgotten)
    half = len(forgotten) // 2
    assert history.forget_turns("nb", forgotten[:half]) + history.forget_turns("nb", forgotten[half:]) > 100
    assert [path.name for path in file.parent.iterdir() if b"xylo" in path.read_bytes()] == []
    assert len(history.search("plainword")) == 20


def test_traces_are_removed_later_where_another_program_is_in_the_way(history, file):
    turn = say(history, prompt="My xylophone")
    with closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM turns").fetchall()
        assert history.forget_turns("nb", [turn.id]) == 1
        assert history.turns("nb", "main") == ()
        assert "in use" in history.warnings[0]
        reader.execute("ROLLBACK")
    say(history)
    assert [path for path in file.parent.iterdir() if b"xylophone" in path.read_bytes()] == []


def test_forgetting_a_conversation_leaves_its_fork_whole(history):
    first, second = say(history), say(history)
    history.fork("nb", "main", "side", first.id)
    assert history.forget_conversation("nb", "main") == 1
    assert history.turns("nb", "side") == (first,)
    assert found(history, "because") == [first.prompt]
    assert second.id != first.id


def test_forgetting_nothing_is_no_error(history):
    assert history.forget_turns("nb", ["nowhere"]) == 0
    assert history.forget_conversation("nb", "main") == 0
    assert history.forget_notebook("nb") == 0


@pytest.mark.heavy
def test_of_very_many_matches_the_newest_are_given(history):
    turns = [make_turn(prompt=f"{number}", reply="koala", status="done") for number in range(MOST_WEIGHED)]
    history.add("nb", "main", [changed(turns[0], reply="koala koala"), *turns[1:-1]])
    assert history.search("koala", limit=1)[0].turn.prompt != "0"
    assert [hit.rank for hit in history.search("koala", limit=1)] != [0.0]
    history.add("nb", "main", turns[-1:])
    newest = [f"{number}" for number in range(MOST_WEIGHED - 1, MOST_WEIGHED - 4, -1)]
    assert [hit.turn.prompt for hit in history.search("koala", limit=3)] == newest
