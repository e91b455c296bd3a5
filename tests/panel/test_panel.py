"""The panel and a page that follows the protocol; the service is a real server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from g4f_magic.errors import ChatError, InputError
from g4f_magic.history import Identity
from g4f_magic.options import Options
from g4f_magic.session import Session
from tests.browser.stage import LIVE, Stage
from tests.panel.heard import Heard, until


def settled(panel: Heard, count: int) -> Callable[[], bool]:
    """Return a test whether so many entries stand in the page, all ended and painted."""
    return lambda: (
        len(panel.page.order) == count
        and all(status != "open" for _, status, _ in panel.page.texts())
        and not panel.is_busy
    )


async def send(panel: Heard, text: str) -> None:
    count = len(panel.page.order) + 1
    panel.request("send", text=text)
    await until(settled(panel, count))


async def test_what_is_sent_is_answered_in_the_page(panel: Heard) -> None:
    await send(panel, "hello")
    assert panel.page.texts() == [("hello", "done", "<p>You said: hello</p>\n")]
    assert panel.value == "You said: hello"
    assert panel.page.misfits == 0


async def test_a_request_that_comes_twice_is_done_once(panel: Heard, stage: Stage) -> None:
    panel.request("send", text="hello", key="k")
    panel.request("send", text="hello", key="k")
    await until(settled(panel, 1))
    assert (len(stage.asked), panel.page.acks.count("k")) == (1, 2)


async def test_a_second_request_meanwhile_gives_back_what_was_written(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    key = panel.request("send", text="another")
    await until(lambda: panel.page.notices)
    assert (panel.page.notices[0]["key"], panel.page.notices[0]["is_error"]) == (key, True)
    assert len(stage.asked) == 1


async def test_a_page_that_comes_late_holds_what_the_first_one_holds(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    stage.say("Some *words*.\n\n```python\nx = 1\n")
    await until(lambda: "x = 1" in "".join(html for *_, html in panel.page.texts()))
    late = panel.join("two")
    assert "x = 1" in late.texts()[0][2]
    stage.say("y = 2\n```\n\nThe end.")
    stage.end()
    await until(settled(panel, 1))
    assert late.texts() == panel.page.texts()
    assert "The end." in late.texts()[0][2]
    assert (late.misfits, panel.page.misfits) == (0, 0)


async def test_every_piece_fits_what_the_page_holds(panel: Heard, stage: Stage) -> None:
    stage.say("One.\n\nTwo.\n\nThree")
    panel.request("send", text=LIVE)
    await until(lambda: any("Three" in html for _, _, html in panel.page.texts()))
    panel.request("switch", text="aside")
    panel.request("switch", text="main")
    stage.say(" is here.\n\nFour.")
    stage.end()
    await until(lambda: panel.page.texts()[-1][1] == "done")

    assert [text.strip() for text in panel.page.texts()[-1][2].replace("</p>", "").split("<p>")[1:]] == [
        *("One.", "Two.", "Three is here.", "Four.")
    ]
    assert panel.page.misfits == 0


async def test_a_paragraph_without_end_costs_no_more_for_each_character(panel: Heard, stage: Stage) -> None:
    text = "and on and on and on it goes\n" * 15_000
    stage.texts = {"go on": text}
    panel.request("send", text="go on")
    await until(settled(panel, 1), 60)
    assert panel.turns[0].reply == text
    assert panel.page.characters < 6 * len(text)


async def test_stop_keeps_what_had_come_and_closes_the_connection(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    stage.say("Half of it")
    await until(lambda: "Half of it" in panel.page.texts()[0][2])
    panel.request("stop")
    await until(settled(panel, 1))
    await asyncio.wait_for(stage.left.wait(), 5)
    assert panel.page.texts() == [(LIVE, "stopped", "<p>Half of it</p>\n")]
    assert panel.page.notices == []


async def test_what_waits_for_another_reply_is_given_back_when_it_is_stopped(
    panel: Heard, session: Session, stage: Stage
) -> None:
    async def cell() -> None:
        reply = await session.ask(LIVE, Options())
        await reply.text()

    running = asyncio.create_task(cell())
    await until(lambda: stage.asked)
    key = panel.request("send", text="queued")
    await until(lambda: panel.is_busy)
    panel.request("stop")
    await until(lambda: panel.page.notices)
    assert (panel.page.notices[0]["key"], panel.is_busy) == (key, False)
    stage.say("The first reply.")
    stage.end()
    await running
    await until(settled(panel, 1))
    await send(panel, "now")
    assert [turn.prompt for turn in panel.turns] == [LIVE, "now"]


async def test_nothing_is_taken_back_while_a_reply_is_under_way(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    panel.request("undo")
    await until(lambda: panel.page.notices)
    assert panel.page.notices[0]["hint"] == "Stop it first."
    assert [turn.status for turn in panel.turns] == ["open"]
    stage.end()


async def test_a_reply_that_goes_on_in_another_conversation_is_told_of(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    panel.request("switch", text="aside")
    await until(lambda: panel.page.notices)
    assert "in main goes on" in panel.page.notices[0]["text"]
    assert panel.turns == ()
    stage.end()


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
    assert panel.page.notices[-1]["text"] == "There is nothing to do again."


async def test_a_service_that_fails_is_told_and_the_turn_is_kept(panel: Heard, session: Session) -> None:
    session.settings.base_url = "http://127.0.0.1:9"
    await send(panel, "hello")
    assert [status for _, status, _ in panel.page.texts()] == ["failed"]
    assert "127.0.0.1:9" in panel.page.notices[-1]["text"]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"temperature": "warm"}, "no number"),
        ({"more": "top_p"}, "no value"),
        ({"context": "x"}, "no number"),
    ],
)
async def test_a_field_that_cannot_be_read_sends_nothing(
    panel: Heard, stage: Stage, parameters: dict[str, str], words: str
) -> None:
    panel.request("choose", values={"parameters": parameters})
    key = panel.request("send", text="hello")
    await until(lambda: panel.page.notices)
    assert words in panel.page.notices[-1]["text"]
    assert (panel.page.notices[-1]["key"], stage.asked) == (key, [])


async def test_a_key_in_the_parameters_is_refused(panel: Heard, stage: Stage) -> None:
    panel.request("choose", values={"parameters": {"more": "api_key=sk-planted"}})
    panel.request("send", text="hello")
    await until(lambda: panel.page.notices)
    assert "sk-planted" not in str(panel.page.notices)
    assert stage.asked == []


async def test_the_system_prompt_of_the_field_is_sent(panel: Heard, stage: Stage) -> None:
    panel.request("choose", values={"parameters": {"system": "Be brief."}})
    await send(panel, "hello")
    assert "Be brief." in "".join(message.content for message in stage.asked[0].messages)


@pytest.mark.parametrize(
    "request_",
    [
        None,
        [],
        "x",
        {},
        {"do": "__init__"},
        {"do": 7, "key": []},
        {"do": "edit"},
        {"do": "switch", "text": 3},
    ],
)
async def test_junk_from_a_page_changes_nothing(panel: Heard, request_: object) -> None:
    panel._requests.hear(request_)
    await send(panel, "hello")
    assert [prompt for prompt, *_ in panel.page.texts()] == ["hello"]


async def test_an_empty_prompt_is_refused(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=" \n ")
    await until(lambda: panel.page.notices)
    assert (panel.page.notices[-1]["text"], stage.asked) == ("the prompt is empty", [])


async def test_another_conversation_is_shown_and_asked_in(panel: Heard, session: Session) -> None:
    await send(panel, "in main")
    panel.request("switch", text="draft")
    assert panel.page.texts() == []
    await send(panel, "in draft")
    assert [turn.prompt for turn in session.conversation("draft").turns] == ["in draft"]
    panel.request("switch", text="main")
    assert [prompt for prompt, *_ in panel.page.texts()] == ["in main"]


async def test_a_long_conversation_comes_newest_first_and_the_rest_on_request(panel: Heard) -> None:
    for number in range(12):
        await send(panel, f"question {number}")
    late = panel.join("late")
    assert (late.order[-1], late.left) == (panel.page.order[-1], 4)
    panel.request("earlier", page="late", turn=late.order[0])
    assert (late.order, late.left) == (panel.page.order, 0)


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
    session.notebook = session.history.resolve(Identity(str(tmp_path / "book.ipynb"), tuple(cells)))
    panel = Heard(session=session)
    for cell in cells:
        await (await session.ask(cell, Options(), slot=cell)).text()
    await until(settled(panel, 12))
    moved = [*cells[:9], *cells[:8:-1]]
    session.history.arrange(session.notebook, moved)
    key = panel.request("edit", turn=panel.page.order[1], text=LIVE)
    stage.say("One.\n\n")
    await until(lambda: any("One." in html for *_, html in panel.page.texts()))
    assert key in [shown.entry["key"] for shown in panel.page.entries.values()]
    stage.say("Two.")
    stage.end()
    await until(settled(panel, 11))
    assert [prompt for prompt, *_ in panel.page.texts()] == [LIVE, *moved[2:]]
    assert panel.page.misfits == 0
    session.history.arrange(session.notebook, moved[:-1])
    await (await session.ask("another", Options(), slot="another")).text()
    await until(lambda: panel.page.texts()[-1][:2] == ("another", "done"))
    assert [prompt for prompt, *_ in panel.page.texts()] == [LIVE, *moved[2:-1], "another"]
    panel.close()


async def test_asking_by_code_streams_into_the_page_and_returns_the_reply(panel: Heard) -> None:
    answer = await panel.ask("hello")
    await until(settled(panel, 1))
    assert (answer, answer.provider) == ("You said: hello", "koala")


async def test_asking_by_code_raises_what_went_wrong(panel: Heard, session: Session) -> None:
    session.settings.base_url = "http://127.0.0.1:9"
    with pytest.raises(ChatError, match="127"):
        await panel.ask("hello")


async def test_stopping_what_code_asked_raises_that_it_was_stopped(panel: Heard, stage: Stage) -> None:
    task = asyncio.ensure_future(panel.ask(LIVE))
    await until(lambda: stage.asked)
    assert panel.stop()
    with pytest.raises(ChatError, match="the reply was stopped"):
        await task
    assert not panel.stop()


async def test_a_second_question_by_code_meanwhile_is_refused(panel: Heard, stage: Stage) -> None:
    task = asyncio.ensure_future(panel.ask(LIVE))
    await until(lambda: stage.asked)
    with pytest.raises(InputError, match="still under way"):
        await panel.ask("another")
    panel.stop()
    with pytest.raises(ChatError, match="stopped"):
        await task


async def test_copying_gives_the_markdown_as_it_came(panel: Heard, stage: Stage) -> None:
    stage.texts["q"] = "Some *words*\n"
    await send(panel, "q")
    panel.request("source", turn=panel.page.order[0])
    assert panel.page.sources == ["Some *words*\n"]


async def test_exporting_writes_a_file_and_overwrites_none(
    panel: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await send(panel, "hello")
    panel.request("export", text="md")
    panel.request("export", text="md")
    panel.request("export", text="exe")
    assert "You said: hello" in (tmp_path / "chat.main.md").read_text()
    assert (tmp_path / "chat.main-2.md").exists()
    assert "not written as .exe" in panel.page.notices[-1]["text"]


async def test_in_replay_nothing_is_sent(
    panel: Heard, session: Session, stage: Stage, tmp_path: Path
) -> None:
    session.settings.cassette = str(tmp_path / "panel.chat.jsonl")
    session.settings.mode = "record"
    await send(panel, "hello")
    session.history.reset("book", "main")
    panel.refresh()
    session.settings.mode = "replay"
    await send(panel, "hello")
    assert len(stage.asked) == 1
    assert "replayed" in panel.page.entries[panel.page.order[0]].entry["line"]
    await send_and_fail(panel, "something else")
    assert len(stage.asked) == 1


async def send_and_fail(panel: Heard, text: str) -> None:
    panel.request("send", text=text)
    await until(lambda: panel.page.notices)
