"""What a page attaches goes along with the message that it sends, and with no other."""

from __future__ import annotations

import io
import json
from base64 import b64encode
from dataclasses import replace

import pytest

from g4f_magic.attaching.given import GivenNames
from g4f_magic.panel.chips import MOST_BYTES
from g4f_magic.session import Session
from tests.browser.stage import Stage
from tests.panel.heard import Heard, until


class Front:
    """A notebook with these names."""

    def __init__(self, **names: object) -> None:
        self._names = names

    def names(self) -> dict[str, object]:
        return self._names

    def source(self) -> GivenNames:
        return GivenNames(self._names)

    async def ask(self, line: str, prompt: str) -> None:
        raise NotImplementedError

    def offer(self, code: str) -> bool:
        raise NotImplementedError


@pytest.fixture
def front(session: Session) -> Front:
    session.front = front = Front(rows=["Turku", "Pori"])
    return front


async def sent(panel: Heard, stage: Stage, count: int) -> str:
    await until(lambda: len(stage.asked) == count and panel.is_settled)
    return stage.asked[-1].prompt


def file(content: bytes, name: str = "notes.md") -> dict[str, str]:
    return {"name": name, "data": b64encode(content).decode()}


async def test_names_in_the_prompt_are_filled(panel: Heard, stage: Stage, front: Front):
    panel.request("send", text="What of {{rows}}?")
    assert "Turku" in await sent(panel, stage, 1)
    assert panel.page.entry()["is_told"]
    assert "with rows (" in panel.page.entry()["line"]


async def test_all_that_was_sent_is_given_when_it_is_asked_for(panel: Heard, stage: Stage, front: Front):
    panel.request("send", text="What of {{rows}}?")
    await sent(panel, stage, 1)
    panel.request("sent", turn=panel.turns[0].id)
    assert panel.page.sources[-1].startswith("What of `rows`?\n\n`rows` (")


async def test_what_is_attached_by_name_goes_along_with_one_message(panel: Heard, stage: Stage, front: Front):
    key = panel.request("attach", text="rows")
    assert panel.page.chips[key].startswith("rows")
    panel.request("send", text="first", attached=[key])
    assert "Turku" in await sent(panel, stage, 1)
    panel.request("send", text="second")
    assert (await sent(panel, stage, 2)).endswith("second")


async def test_what_is_not_there_is_told_at_once(panel: Heard, front: Front):
    panel.request("attach", text="rowz")
    (notice,) = panel.page.notices
    assert notice["is_error"]
    assert "rowz" in notice["text"]


async def test_a_file_of_the_page_goes_along(panel: Heard, stage: Stage, front: Front):
    key = panel.request("attach", **file(b"remember the milk"))
    panel.request("send", text="Read it", attached=[key])
    assert "remember the milk" in await sent(panel, stage, 1)
    assert "with notes.md" in panel.page.entry()["line"]


@pytest.mark.parametrize("data", ["not base64 at all!", "A" * (MOST_BYTES * 4 // 3 + 100)])
async def test_a_file_that_is_torn_or_too_large_is_refused(panel: Heard, front: Front, data: str):
    panel.request("attach", name="x.bin", data=data)
    assert panel.page.notices[-1]["is_error"]


async def test_a_picture_is_refused_by_who_takes_text_alone_and_the_text_comes_back(
    panel: Heard, stage: Stage, front: Front
):
    picture = io.BytesIO()
    pytest.importorskip("PIL.Image").new("RGB", (20, 20), "red").save(picture, "PNG")
    key = panel.request("attach", **file(picture.getvalue(), "red.png"))
    panel.provider = "koala"
    panel.request("send", key="asked", text="What colour?", attached=[key])
    await until(lambda: panel.page.notices)
    assert panel.page.notices[-1]["key"] == "asked"
    assert "takes text alone" in panel.page.notices[-1]["text"]
    assert not stage.asked


async def test_regenerating_finds_anew_what_was_named_and_keeps_the_page_s_files(
    panel: Heard, stage: Stage, front: Front
):
    keys = [panel.request("attach", text="rows[0]"), panel.request("attach", **file(b"remember the milk"))]
    panel.request("send", text="What of {{rows}}?", attached=keys)
    await sent(panel, stage, 1)
    front.names()["rows"] = ["Vaasa"]
    panel.request("regenerate", turn=panel.turns[0].id)
    text = await sent(panel, stage, 2)
    assert "Turku" not in text
    assert text.count("Vaasa") == 2
    assert "remember the milk" in text


async def test_what_an_imported_turn_names_is_not_looked_for_here(
    panel: Heard, stage: Stage, front: Front, session: Session
):
    panel.request("send", text="What of {{rows}}?", attached=[panel.request("attach", text="len(rows)")])
    await sent(panel, stage, 1)
    front.names()["rows"] = ["secret of mine"]
    (turn,) = panel.turns
    ask = replace(turn.ask, prompt="What of {{rows}}?")
    session.history.add("book", "main", [replace(turn, id="imported", slot="imported", ask=ask)])
    panel.request("regenerate", turn=panel.turns[-1].id)
    text = await sent(panel, stage, 2)
    assert "secret of mine" not in text
    assert "Turku" in text


async def test_the_names_that_can_be_attached_are_listed(panel: Heard, front: Front):
    panel.request("attachable")
    assert "@error" in json.loads(panel.page.sources[-1])


async def test_a_chip_that_is_no_longer_held_is_said(panel: Heard, stage: Stage, front: Front):
    panel.request("send", key="asked", text="first", attached=["never"])
    assert "no longer there" in panel.page.notices[-1]["text"]
    assert panel.page.notices[-1]["key"] == "asked"
    assert not stage.asked
