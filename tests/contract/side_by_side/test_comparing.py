"""Several services asked at once in one cell, over real HTTP."""

from __future__ import annotations

import asyncio

import pytest

from g4f_magic import commands
from g4f_magic.chunks import Chunk, Text
from g4f_magic.errors import InputError, ServiceError
from g4f_magic.turn import Turn
from tests.contract.side_by_side.street import Street


async def test_all_answer_and_the_first_is_the_turn(street: Street) -> None:
    for name in ("one", "two", "three"):
        await street.build(name, f"I am {name}.")
    await street.ask("-p one,two,three --compare")
    (turn,) = street.turns
    assert (turn.reply, turn.provider, turn.slot) == ("I am one.", "one", "cell")
    assert street.columns() == ["I am one.", "I am two.", "I am three."]


async def test_a_later_question_carries_the_first_alone(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    await street.build("echo", behaviour="echo")
    await street.ask("-p one,two --compare", "First")
    await street.ask("-p echo,two --compare", "Second", slot="next")
    said = street.turns[1].reply
    assert "I am one." in said
    assert "I am two." not in said


async def test_the_kept_one_is_what_later_cells_go_on_from(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    await street.build("echo", behaviour="echo")
    await street.ask("-p one,two --compare", "First")
    await commands.run("keep 2", street.session)
    await street.ask("-p echo,two --compare", "Second", slot="next")
    assert street.turns[0].reply == "I am two."
    assert "I am two." in street.turns[1].reply
    await commands.run("keep one 1", street.session)
    assert street.turns[0].reply == "I am one."


@pytest.mark.parametrize("word", ["3", "0", "koala", "-3"])
async def test_a_column_that_there_is_not_cannot_be_kept(street: Street, word: str) -> None:
    await street.build("one")
    await street.build("two")
    await street.ask("-p one,two --compare")
    with pytest.raises(InputError):
        await commands.run(f"keep {word}", street.session)
    assert street.turns[0].provider == "one"


async def test_asking_again_makes_columns_of_its_own(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("two", "I am two.")
    await street.build("three", "I am three.")
    await street.ask("-p one,two --compare")
    await street.ask("-p two,three --compare")
    assert street.columns() == ["I am two.", "I am three."]
    assert len(street.session.conversation().revisions("cell")) == 4


async def test_undo_takes_the_whole_comparison_back(street: Street) -> None:
    await street.build("one")
    await street.build("two")
    await street.ask("-p one,two --compare")
    assert street.session.conversation().undo()
    assert street.turns == ()


async def test_one_that_fails_fails_alone(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("broke", behaviour="402")
    await street.ask("-p one,broke --compare -o said")
    assert street.host.names["said"] == {"one": "I am one."}
    assert "no credit left" in street.host.html
    failed = street.session.conversation().columns(street.turns[0])[1]
    assert (failed.status, failed.provider) == ("failed", "broke")


async def test_where_the_first_fails_the_next_is_the_turn(street: Street) -> None:
    await street.build("broke", behaviour="402")
    await street.build("two", "I am two.")
    turn = await street.ask("-p broke,two --compare")
    assert turn is not None
    assert (turn.reply, street.turns[0].reply) == ("I am two.", "I am two.")
    assert street.session.conversation().undo()
    assert street.turns == ()
    assert street.session.conversation().redo()
    assert street.turns[0].reply == "I am two."


async def test_a_key_that_is_missing_fails_its_column_alone(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GROQ_API_KEY", raising=False)
    await street.build("one", "I am one.")
    await street.ask("-p one,groq --compare -o said")
    assert list(street.host.names["said"]) == ["one"]
    assert "GROQ_API_KEY" in street.host.html


async def test_the_cell_fails_where_all_do(street: Street) -> None:
    await street.build("broke", behaviour="402")
    await street.build("shut", behaviour="401")
    with pytest.raises(ServiceError, match=r"none of 2 services answered: broke .*, shut"):
        await street.ask("-p broke,shut --compare -o said")
    assert "said" not in street.host.names


async def test_a_name_that_is_none_fails_the_cell_before_anybody_is_asked(street: Street) -> None:
    await street.build("one")
    with pytest.raises(InputError):
        await street.ask("-p one,nobody-at-all --compare")
    assert street.turns == ()


async def test_stopping_keeps_what_came_in_all_columns(street: Street) -> None:
    await street.build("done", "I am done.")
    await street.build("endless", behaviour="silent-after")
    await street.build("mute", behaviour="silent-before")
    heard, ended = asyncio.Event(), asyncio.Event()
    conversation = street.session.conversation()

    def watch(turn: Turn, chunk: Chunk | None) -> None:
        if isinstance(chunk, Text):
            heard.set()
        elif turn.status == "done":
            ended.set()

    release = conversation.watch(watch)
    cell = asyncio.create_task(street.ask("-p endless,done,mute --compare -o said"))
    await heard.wait()
    await ended.wait()
    cell.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cell
    release()
    endless, done, mute = conversation.columns(street.turns[0])
    assert [one.status for one in (endless, done, mute)] == ["stopped", "done", "stopped"]
    assert endless.reply
    assert street.host.names["said"] == {"done": "I am done."}
    assert street.turns[0].id == endless.id


async def test_they_are_asked_at_once(street: Street) -> None:
    """Each waits for the other to have been asked."""
    arrived = asyncio.Barrier(2)

    async def pause() -> None:
        if not arrived.broken and arrived.n_waiting < 2 and not met.is_set():
            await arrived.wait()
            met.set()

    met = asyncio.Event()
    await street.build("one", "I am one.", pause=pause)
    await street.build("two", "I am two.", pause=pause)
    await street.ask("-p one,two --compare")
    assert street.columns() == ["I am one.", "I am two."]


async def test_twelve_columns_of_which_some_never_end(street: Street) -> None:
    await street.build("quick", "Quick.", models=tuple("abcdefghijkl"))
    await street.ask(f"-p quick -m {','.join('abcdefghijkl')} --compare -o said")
    assert list(street.host.names["said"]) == [f"quick:{model}" for model in "abcdefghijkl"]
    assert len(street.host.shown) == 1


async def test_once_leaves_nothing_in_the_conversation(street: Street) -> None:
    await street.build("one")
    await street.build("two")
    await street.ask("-p one,two --compare --once")
    assert "kept" not in street.host.html
    assert street.turns == ()


async def test_under_each_stands_what_it_took(street: Street) -> None:
    await street.build("one")
    await street.build("two")
    await street.ask("-p one,two --compare")
    (shown,) = street.host.shown
    lines = [line for line in shown["data"]["text/plain"].splitlines() if line.startswith("— ")]
    assert len(lines) == 2
    for name, line in zip(("one", "two"), lines, strict=True):
        assert f" · {name} · m · " in line
        assert "first word" in line
        assert "tokens" in line


async def test_words_that_differ_stand_below(street: Street) -> None:
    await street.build("one", "The cat sat.")
    await street.build("two", "The dog sat.")
    await street.ask("-p one,two --compare --diff")
    (shown,) = street.host.shown
    assert "What differs from 1 · one\n\n2 · two · 66 % the same words" in shown["data"]["text/plain"]
    assert "The [-cat-] {+dog+} sat." in shown["data"]["text/plain"]


async def test_typed_replies_stand_in_a_table_and_the_dict_has_their_values(street: Street) -> None:
    await street.build("one", '{"label": "good", "stars": 4}')
    await street.build("two", '{"label": "good", "stars": 5}')
    await street.build("odd", "I would rather not.")
    await street.ask('-p one,two,odd --compare --schema "label: good|bad, stars: int" -o said')
    said = street.host.names["said"]
    assert {name: dict(value) for name, value in said.items()} == {
        "one": {"label": "good", "stars": 4},
        "two": {"label": "good", "stars": 5},
    }
    (shown,) = street.host.shown
    assert "They agree in 1 of 2 fields (50 %)." in shown["data"]["text/plain"]


async def test_one_that_is_no_json_fails_alone(street: Street) -> None:
    await street.build("one", '{"a": 1}')
    await street.build("two", "No JSON here.")
    await street.ask("-p one,two --compare --format json -o said")
    assert street.host.names["said"] == {"one": {"a": 1}}
