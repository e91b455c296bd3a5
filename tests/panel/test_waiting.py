"""Questions that are sent while a reply is under way: they wait their turn, in the kernel."""

from __future__ import annotations

import pytest

from g4f_magic.panel.waiting import MOST
from tests.browser.stage import LIVE, Stage
from tests.panel.heard import Heard, until
from tests.panel.sending import send, settled


async def begun(panel: Heard, stage: Stage) -> None:
    panel.request("send", text=LIVE)
    await until(lambda: stage.asked)


async def test_what_is_sent_meanwhile_waits_and_is_asked_in_its_order(panel: Heard, stage: Stage) -> None:
    await begun(panel, stage)
    for text in ("second", "third"):
        panel.request("send", text=text)
    waiting = [one["prompt"] for one in panel.page.waiting]
    stage.say("The first.")
    stage.end()
    await until(settled(panel, 3))
    assert waiting == ["second", "third"]
    assert panel.page.waiting == []
    assert [turn.prompt for turn in panel.turns] == [LIVE, "second", "third"]
    assert [message.content for message in stage.asked[-1].messages if message.role == "user"][-2:] == [
        "second",
        "third",
    ]


async def test_one_that_is_taken_out_is_not_asked(panel: Heard, stage: Stage) -> None:
    await begun(panel, stage)
    key = panel.request("send", text="second")
    panel.request("send", text="third")
    panel.request("unqueue", text=key)
    assert [one["prompt"] for one in panel.page.waiting] == ["third"]
    stage.say("The first.")
    stage.end()
    await until(settled(panel, 2))
    assert [turn.prompt for turn in panel.turns] == [LIVE, "third"]


async def test_a_page_that_comes_later_is_told_what_waits(panel: Heard, stage: Stage) -> None:
    await begun(panel, stage)
    panel.request("send", text="second")
    assert [one["prompt"] for one in panel.join("two").waiting] == ["second"]
    stage.end()


async def test_what_waits_is_given_back_when_the_reply_is_stopped(panel: Heard, stage: Stage) -> None:
    await begun(panel, stage)
    key = panel.request("send", text="second")
    panel.request("stop")
    await until(lambda: panel.page.notices)
    await until(settled(panel, 1))
    assert (panel.page.notices[-1]["key"], panel.page.notices[-1]["is_error"]) == (key, False)
    await send(panel, "now")
    assert [turn.prompt for turn in panel.turns] == [LIVE, "now"]


async def test_what_waits_is_given_back_when_the_reply_fails(panel: Heard, stage: Stage) -> None:
    await begun(panel, stage)
    keys = [panel.request("send", text="!401"), panel.request("send", text="third")]
    stage.say("The first.")
    stage.end()
    await until(lambda: panel.page.notices)
    await until(settled(panel, 2))
    assert [notice["key"] for notice in panel.page.notices] == keys[1:]
    assert [turn.prompt for turn in panel.turns] == [LIVE, "!401"]


async def test_more_than_some_are_refused_and_given_back(panel: Heard, stage: Stage) -> None:
    await begun(panel, stage)
    for number in range(MOST):
        panel.request("send", text=str(number))
    key = panel.request("send", text="one too many")
    assert (panel.page.notices[-1]["key"], len(panel.page.waiting)) == (key, MOST)
    panel.request("stop")
    await until(lambda: not panel.page.waiting and not panel.is_busy)


@pytest.mark.parametrize("do", ["edit", "regenerate"])
async def test_a_refused_edit_takes_nothing_from_what_waits(panel: Heard, stage: Stage, do: str) -> None:
    await send(panel, "before")
    panel.request("send", text=LIVE)
    await until(lambda: len(stage.asked) == 2)
    panel.request("send", text="second")
    panel.request(do, turn=panel.page.order[0], text="other")
    await until(lambda: panel.page.notices)
    stage.say("The first.")
    stage.end()
    await until(settled(panel, 3))
    assert [turn.prompt for turn in panel.turns] == ["before", LIVE, "second"]
