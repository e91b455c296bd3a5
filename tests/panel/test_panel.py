"""The panel and a page that follows the protocol; the service is a real server on loopback."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from g4f_magic.options import Options
from g4f_magic.session import Session
from tests.browser.stage import LIVE, Stage
from tests.panel.heard import Heard, until
from tests.panel.sending import send, settled
from tests.patience import PATIENCE_SECONDS


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


async def test_a_page_that_comes_late_holds_what_the_first_one_holds(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)
    stage.say("Some *words*.\n\n```python\nx = 1\n")
    await until(lambda: "x = " in "".join(html for *_, html in panel.page.texts()))
    late = panel.join("two")
    assert "x = " in late.texts()[0][2]
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
    await asyncio.wait_for(stage.left.wait(), PATIENCE_SECONDS)
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


async def test_a_service_that_fails_is_told_and_the_turn_is_kept(panel: Heard, session: Session) -> None:
    session.settings.base_url = "http://127.0.0.1:9"
    await send(panel, "hello")
    assert [status for _, status, _ in panel.page.texts()] == ["failed"]
    assert "127.0.0.1:9" in panel.page.entry()["error"]
    assert panel.page.entry()["hint"] == panel.turns[0].hint != ""
    assert panel.page.notices == []  # it is told once, where it stands


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"temperature": "warm"}, "not a number"),
        ({"more": "top_p"}, "no value"),
        ({"context": "x"}, "not a number"),
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


async def test_the_seed_of_the_field_is_a_parameter(panel: Heard, stage: Stage) -> None:
    panel.request("choose", values={"parameters": {"seed": "7"}})
    panel.request("send", text="hello")
    await until(lambda: panel.page.notices)  # koala takes none, and says so before it is asked
    assert "takes no parameter called 'seed'" in panel.page.notices[-1]["text"]
    assert stage.asked == []


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
    await send(panel, "something else")
    assert (len(stage.asked), panel.page.texts()[-1][1]) == (1, "failed")


async def test_what_became_of_the_history_is_told_in_the_panel(panel: Heard, session: Session) -> None:
    panel.request("hello", page="p")
    for file in session.history.file.parent.glob("history.sqlite*"):
        file.write_bytes(b"no database" * 1000)
    panel.request("send", text="Hi")
    await until(lambda: panel.page.notices)
    assert "was corrupt" in panel.page.notices[0]["text"]
    assert panel.page.notices[0]["is_error"] is False
    assert session.untold() == ()
