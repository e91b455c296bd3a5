"""The conversations as the panel lists, begins, renames and deletes them; and looking for words in one."""

from __future__ import annotations

import json

from g4f_magic.options import Options
from g4f_magic.session import Session
from tests.browser.stage import LIVE, Stage
from tests.panel.heard import Heard, until
from tests.panel.sending import send, settled


def names(panel: Heard) -> list[tuple[str, int]]:
    return [(one["name"], one["turns"]) for one in panel._conversations]


async def test_a_new_conversation_needs_no_name(panel: Heard) -> None:
    panel.request("switch", text="")
    await send(panel, "hello")
    panel.request("switch", text=" ")
    assert (panel.conversation, names(panel)) == ("chat 3", [("main", 0), ("chat 2", 1), ("chat 3", 0)])


async def test_a_conversation_is_renamed_in_all_panels(panel: Heard, session: Session) -> None:
    panel.request("switch", text="aside")
    await send(panel, "hello")
    other = Heard(session=session, conversation="aside")
    session.panels["other"] = other
    session.conversation_name = "aside"
    panel.request("rename", name="aside", text="plots")
    assert (panel.conversation, other.conversation, session.conversation_name) == ("plots",) * 3
    assert panel.page.texts() == other.page.texts() != []
    assert names(panel) == [("main", 0), ("plots", 1)]
    other.close()


async def test_main_is_neither_renamed_nor_deleted(panel: Heard) -> None:
    await send(panel, "hello")
    panel.request("rename", name="main", text="other")
    panel.request("forget", text="main")
    assert [notice["is_error"] for notice in panel.page.notices] == [True, True]
    assert names(panel) == [("main", 1)]


async def test_a_conversation_is_deleted_for_good_and_main_is_shown(panel: Heard, session: Session) -> None:
    panel.request("switch", text="aside")
    await send(panel, "hello")
    session.conversation_name = "aside"
    panel.request("forget", text="aside")
    assert (panel.conversation, session.conversation_name, names(panel)) == ("main", "main", [("main", 0)])
    assert session.conversation("aside").turns == ()


async def test_what_a_reply_is_written_into_is_not_deleted(panel: Heard, stage: Stage) -> None:
    panel.request("switch", text="aside")
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    panel.request("forget", text="aside")
    panel.request("rename", name="aside", text="other")
    assert [notice["hint"] for notice in panel.page.notices] == ["Stop it first."] * 2
    stage.end()
    await until(settled(panel, 1))


async def test_emptying_can_be_undone_and_the_page_knows_what_can_be(panel: Heard) -> None:
    seen = [panel._steps]
    await send(panel, "hello")
    seen.append(panel._steps)
    panel.request("empty")
    assert panel.page.order == []
    panel.request("undo")
    seen.append(panel._steps)
    assert [prompt for prompt, *_ in panel.page.texts()] == ["hello"]
    assert seen == [
        {"undo": False, "redo": False},
        {"undo": True, "redo": False},
        {"undo": True, "redo": True},
    ]


async def test_words_are_found_in_questions_and_answers_whatever_their_case(
    panel: Heard, stage: Stage
) -> None:
    stage.texts = {"one": "About Means", "two": "nothing", "what MEANS it?": "nothing"}
    for text in stage.texts:
        await send(panel, text)
    panel.request("find", text="means")
    panel.request("find", text="")
    found = [json.loads(text) for text in panel.page.sources]
    assert found == [[panel.page.order[0], panel.page.order[2]], []]


async def test_an_answer_says_who_gave_it_and_when(panel: Heard, session: Session) -> None:
    await (await session.ask("from a cell", Options(), slot="cell")).text()
    await until(settled(panel, 1))
    entry, turn = panel.page.entry(), panel.turns[0]
    assert (entry["who"], entry["model"], entry["at"]) == ("koala", turn.model, turn.started_at)


async def test_what_it_is_pulled_to_stays_and_nothing_else_is_a_height(panel: Heard) -> None:
    usual = panel.height
    for text in ("1px; background: url(x)", "100vh", "-5px", "", "5"):
        panel.request("choose", values={"height": text})
    assert panel.height == usual
    panel.request("choose", values={"height": "480px", "send_with": "ctrl+enter"})
    panel.request("choose", values={"send_with": "shift"})
    assert (panel.height, panel.send_with) == ("480px", "ctrl+enter")
