"""`%chat code` and `%chat fix`: code of a reply on its way to the next cell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from g4f_magic import commands
from g4f_magic.attaching.given import GivenNames
from g4f_magic.attaching.source import NotebookSource
from g4f_magic.errors import InputError
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.turn import Turn

TWO = "Do this:\n\n```{python}\nx = 1\n```\n\nor this:\n\n```Python\nx = 2\n```\n"
HIDDEN = "```python\nx = 1 # \u202e2 = x\n```\n"


class Front:
    """A notebook in which code can be put into cells, or not."""

    def __init__(self, reply: str, *, can_offer: bool = True) -> None:
        self.turn = Turn.plain(
            id="t",
            slot="t",
            prompt="How?",
            provider="koala",
            model="",
            started_at=0.0,
            reply=reply,
            status="done",
        )
        self.can_offer = can_offer
        self.offered: list[str] = []

    def source(self) -> NotebookSource:
        return GivenNames({})

    async def ask(self, line: str, prompt: str) -> Turn | None:
        return self.turn

    def names(self) -> Mapping[str, Any]:
        return {}

    def offer(self, code: str) -> bool:
        self.offered.append(code)
        return self.can_offer


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    one = Session(Settings(history="off"))
    yield one
    await one.aclose()


async def said(line: str, session: Session, front: Front, capsys: pytest.CaptureFixture[str]) -> str:
    session.front, session.last = front, front.turn
    await commands.run(line, session)
    return capsys.readouterr().out


async def test_a_block_goes_into_the_next_cell_and_the_one_after_it_is_named(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    front = Front(TWO)
    assert "`%chat code 2` takes the next one" in await said("code", session, front, capsys)
    assert "takes the next one" not in await said("code 2", session, front, capsys)
    await said("fix", session, front, capsys)
    assert front.offered == ["x = 1", "x = 2", "x = 2"]


async def test_where_no_cell_can_be_put_the_code_is_shown(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "```\nx = 1\n```" in await said("code", session, Front(TWO, can_offer=False), capsys)


@pytest.mark.parametrize("line", ["code", "fix"])
async def test_code_that_holds_hidden_signs_is_put_into_no_cell(
    session: Session, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    front = Front(HIDDEN)
    with pytest.raises(InputError, match="do not show"):
        await said(line, session, front, capsys)
    assert not front.offered
