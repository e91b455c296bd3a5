"""Turns that are asked again, edited, deleted and moved in the panel, and what its fields hold."""

from __future__ import annotations

from pathlib import Path

from g4f_magic.history import Identity
from g4f_magic.options import Options
from g4f_magic.schemas import schema_of
from g4f_magic.schemas.asked import in_words
from g4f_magic.session import Session
from tests.browser.stage import LIVE, Stage
from tests.panel.heard import Heard, until
from tests.panel.sending import send, settled
from tests.turns import key_of


async def test_a_cell_and_two_panels_show_the_same_turns(panel: Heard, session: Session) -> None:
    other = Heard(session=session)
    reply = await session.ask("from a cell", Options(), slot="cell-1")
    await reply.text()
    await until(settled(panel, 1))
    await until(settled(other, 1))
    other.request("send", text="from the other")
    await until(settled(panel, 2))
    await until(settled(other, 2))
    assert panel.page.texts() == other.page.texts()
    assert [prompt for prompt, *_ in panel.page.texts()] == ["from a cell", "from the other"]
    other.close()


async def test_a_cell_that_runs_again_replaces_its_turn_in_the_page(panel: Heard, session: Session) -> None:
    for prompt in ("first", "second"):
        await (await session.ask(prompt, Options(), slot=prompt)).text()
    await (await session.ask("first, edited", Options(), slot="first")).text()
    await until(lambda: settled(panel, 2)() and "edited" in panel.page.texts()[0][0])
    assert [prompt for prompt, *_ in panel.page.texts()] == ["first, edited", "second"]


async def test_regenerating_makes_a_revision_that_can_be_paged_through(panel: Heard, stage: Stage) -> None:
    stage.texts["q"] = "one"
    await send(panel, "q")
    stage.texts["q"] = "two"
    panel.request("regenerate", turn=panel.page.order[0])
    await until(lambda: settled(panel, 1)() and "two" in panel.page.texts()[0][2])
    (entry,) = (one.entry for one in panel.page.entries.values())
    assert (entry["revision"], entry["revisions"]) == (2, 2)
    panel.request("revision", turn=panel.page.order[0], step=-1)
    assert "one" in panel.page.texts()[0][2]
    assert panel.page.entries[panel.page.order[0]].entry["revision"] == 1
    panel.request("revision", turn=panel.page.order[0], step=-1)  # there is none before it
    panel.request("revision", turn=panel.page.order[0], step=1)
    assert "two" in panel.page.texts()[0][2]


async def test_a_typed_reply_that_is_asked_again_stays_typed(
    panel: Heard, session: Session, stage: Stage
) -> None:
    asked = f"judge\n\n{in_words(schema_of('label: good|bad').json)}"
    stage.texts[asked] = '{"label": "good"}'
    reply = await session.ask("judge", Options(schema="label: good|bad"), slot="a")
    await reply.text()
    schema = reply.turn.ask.schema
    await until(settled(panel, 1))
    stage.texts[asked] = '{"label": "bad"}'
    panel.request("regenerate", turn=panel.page.order[0])
    await until(lambda: settled(panel, 1)() and "bad" in panel.page.texts()[0][2])
    (turn,) = session.conversation().turns
    assert turn.ask.schema == schema
    assert stage.asked[-1].messages[-1].content == asked


async def test_editing_asks_in_the_same_place_with_the_turns_before_it(panel: Heard, stage: Stage) -> None:
    for text in ("one", "two", "three"):
        await send(panel, text)
    panel.request("edit", turn=panel.page.order[1], text="two, better")
    await until(lambda: settled(panel, 3)() and "better" in panel.page.texts()[1][2])
    assert [prompt for prompt, *_ in panel.page.texts()] == ["one", "two, better", "three"]
    asked = [message.content for message in stage.asked[-1].messages if message.role == "user"]
    assert asked == ["one", "two, better"]


async def test_deleting_and_undo_and_redo_are_shown(panel: Heard) -> None:
    await send(panel, "one")
    await send(panel, "two")
    panel.request("delete", turn=panel.page.order[0])
    after_delete = [prompt for prompt, *_ in panel.page.texts()]
    panel.request("undo")
    after_undo = [prompt for prompt, *_ in panel.page.texts()]
    panel.request("redo")
    panel.request("redo")
    assert (after_delete, after_undo) == (["two"], ["one", "two"])
    assert [prompt for prompt, *_ in panel.page.texts()] == ["two"]
    assert panel.page.notices[-1]["text"] == "There is nothing to redo."


async def test_a_page_that_comes_while_an_old_turn_is_asked_again_is_shown_it(
    panel: Heard, stage: Stage
) -> None:
    for number in range(12):
        await send(panel, f"question {number}")
    panel.request("edit", turn=panel.page.order[1], text=LIVE)
    stage.say("One.\n\n")
    await until(lambda: "One." in panel.page.texts()[1][2])
    late = panel.join("late")
    assert late.left == 1
    stage.say("Two.")
    stage.end()
    await until(settled(panel, 12))
    assert late.texts() == panel.page.texts()[1:]
    assert (late.misfits, panel.page.misfits) == (0, 0)


async def test_cells_that_were_moved_are_moved_in_the_page(
    session: Session, stage: Stage, tmp_path: Path
) -> None:
    cells = [f"cell {number}" for number in range(12)]
    session.notebook.key = key_of(session.history, Identity(str(tmp_path / "book.ipynb"), tuple(cells)))
    panel = Heard(session=session)
    for cell in cells:
        await (await session.ask(cell, Options(), slot=cell)).text()
    await until(settled(panel, 12))
    moved = [*cells[:9], *cells[:8:-1]]
    session.history.arrange(session.notebook.key, moved)
    key = panel.request("edit", turn=panel.page.order[1], text=LIVE)
    stage.say("One.\n\n")
    await until(lambda: any("One." in html for *_, html in panel.page.texts()))
    assert key in [shown.entry["key"] for shown in panel.page.entries.values()]
    stage.say("Two.")
    stage.end()
    await until(settled(panel, 11))
    assert [prompt for prompt, *_ in panel.page.texts()] == [LIVE, *moved[2:]]
    assert panel.page.misfits == 0
    session.history.arrange(session.notebook.key, moved[:-1])
    await (await session.ask("another", Options(), slot="another")).text()
    await until(lambda: panel.page.texts()[-1][:2] == ("another", "done"))
    assert [prompt for prompt, *_ in panel.page.texts()] == [LIVE, *moved[2:-1], "another"]
    panel.close()
