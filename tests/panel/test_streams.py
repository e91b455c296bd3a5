"""What the panel shows of what services really send; the service is a real server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.contract.providers.openai_server import Server, delta, events
from tests.panel.heard import Heard, until


@asynccontextmanager
async def asked(body: bytes) -> AsyncIterator[Heard]:
    """Have a panel ask a server that answers with this body."""
    async with Server(body).running() as address:
        settings = Settings(history="off", provider="openai", model="asked", base_url=f"{address}/v1")
        session = Session(settings, notebook="kernel:book")
        panel = Heard(session=session)
        panel.request("send", text="Hello")
        await until(lambda: panel.is_settled)
        yield panel
        await asyncio.sleep(0)  # what a page asked for has begun by then
        await until(lambda: panel.is_settled)
        panel.close()
        await until(lambda: not panel.asking.is_under_way)
        await session.aclose()


async def test_the_pages_a_reply_refers_to_stand_under_it_now_and_after_a_reload() -> None:
    cited = [{"url": "https://a.example/1", "title": "<b>One</b>"}, {"url": "javascript:alert(1)"}]
    body = events(
        {**delta("Yes [1]"), "model": "other"}, {**delta(None, "MAX_TOKENS"), "search_results": cited}
    )
    async with asked(body) as panel:
        late = panel.join("two")
        for page in (panel.page, late):
            (shown,) = page.entries.values()
            assert shown.html == "<p>Yes [1]</p>\n"
            assert 'href="https://a.example/1"' in shown.entry["links"]
            assert "&lt;b&gt;One" in shown.entry["links"]
            assert "javascript" not in shown.entry["links"]
            assert shown.entry["model"] == "asked → other"
            assert "asked" not in shown.entry["line"]  # its name stands over it
            assert "cut at the length limit" in shown.entry["line"]


async def test_what_turned_out_to_be_thinking_is_folded_at_the_end() -> None:
    async with asked(
        events(*map(delta, ("Let me ", "see.\n</think>\n", "Yes.")), delta(None, "stop"))
    ) as panel:
        (shown,) = panel.page.entries.values()
        assert shown.html == "<p>Yes.</p>\n"
        assert "Let me see." in "".join(shown.entry["reasoning"])
        assert panel.page.misfits == 0
