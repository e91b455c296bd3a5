"""The panel in a real kernel: what goes over its comm, also while cells hold up the way there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from g4f_magic.testing.script import SCRIPT_TEXT
from tests.contract.many.serving import serving
from tests.kernel.kernels import Kernel
from tests.panel.page import Page
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Front:
    """A front end that shows one panel: its page, and the ways on which it asks."""

    def __init__(self, kernel: Kernel, comm: str) -> None:
        self.kernel = kernel
        self.comm = comm
        self.page = Page("front")
        self.state: dict[str, Any] = {}
        self.seen: list[dict[str, Any]] = []

    def ask(self, do: str, *, by_control: bool = False, **fields: Any) -> str:
        """Ask by the shell channel as a click does, or by the control channel as a click that was not heard."""
        request = {"do": do, "key": uuid4().hex, **fields}
        content = {"comm_id": self.comm, "data": {"method": "custom", "content": request}}
        client = self.kernel.client
        message = client.session.msg("comm_msg", content)
        (client.control_channel if by_control else client.shell_channel).send(message)
        return str(request["key"])

    def saw(self, kind: str, words: str) -> bool:
        """Say whether a message of that type with these words has come."""
        return any(message["msg_type"] == kind and words in str(message["content"]) for message in self.seen)

    def hear(self, message: dict[str, Any]) -> None:
        content = message["content"]
        self.seen.append(message)
        if message["msg_type"] != "comm_msg" or content["comm_id"] != self.comm:
            return
        data = content["data"]
        if data["method"] == "update":
            self.state |= data["state"]
        elif data["method"] == "custom":
            self.page.hear(data["content"])

    async def until(self, holds: Any) -> None:
        """Read messages until something holds."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not holds():
                self.hear(await self.kernel.client.get_iopub_msg())

    async def answered(self, prompt: str, status: str = "done") -> str:
        """Wait until the turn of that prompt has ended so, and return its HTML."""

        def found() -> list[str]:
            return [html for asked, how, html in self.page.texts() if (asked, how) == (prompt, status)]

        await self.until(found)
        return found()[-1]


@pytest_asyncio.fixture(loop_scope="module")
async def chat(chat: Kernel) -> AsyncIterator[Kernel]:
    """That kernel, in which no test leaves a panel to the next: without a page, too."""
    yield chat
    await chat.ok("registry = get_ipython().magics_manager.registry['ChatMagics'].session.panels")
    await chat.ok("for panel in list(registry.values()): panel.close()\nregistry.clear()")
    targets = "{one.target_name for one in get_ipython().kernel.comm_manager.comms.values()}"
    assert await chat.value(f"{targets} - {{'g4f_magic'}}") == "set()"  # the page's own way stays


@pytest_asyncio.fixture(loop_scope="module")
async def front(chat: Kernel) -> Front:
    shown = await chat.ok("%chat panel", cell="panel-cell")
    (view,) = [
        content["data"]["application/vnd.jupyter.widget-view+json"]
        for content in shown.of_type("display_data")
        if "application/vnd.jupyter.widget-view+json" in content["data"]
    ]
    front = Front(chat, view["model_id"])
    front.ask("hello", page="front")
    await front.until(lambda: front.page.is_greeted)
    return front


async def test_what_is_sent_on_the_comm_is_answered_there(front: Front) -> None:
    front.ask("send", text="hello")
    html = await front.answered("hello")
    assert all(word in html for word in SCRIPT_TEXT.split()[:3])


async def test_a_cell_s_chat_is_in_the_panel_and_the_other_way_round(front: Front) -> None:
    front.ask("send", text="from the panel")
    await front.answered("from the panel")
    front.kernel.send("%%chat\n!echo", cell="a-cell")
    await front.answered("!echo")
    assert [prompt for prompt, *_ in front.page.texts()] == ["from the panel", "!echo"]
    assert "from the panel" in front.page.texts()[1][2]


WAITS = """import asyncio
(_panel,) = get_ipython().magics_manager.registry['ChatMagics'].session.panels.values()
while _panel.is_busy:
    await asyncio.sleep(0.05)
print('cell unharmed')"""


async def test_stop_by_the_control_channel_works_while_a_cell_awaits(front: Front) -> None:
    front.ask("send", text="!silent")
    await front.until(lambda: any(status == "open" for _, status, _ in front.page.texts()))
    front.kernel.send(WAITS)
    await front.until(lambda: front.saw("execute_input", "_panel.is_busy"))
    front.ask("stop", by_control=True)
    await front.answered("!silent", "stopped")
    await front.until(lambda: front.saw("stream", "cell unharmed"))


async def test_a_question_is_answered_while_the_rows_of_a_cell_are_asked(front: Front) -> None:
    async with serving(hold=asyncio.Event()) as service:
        await front.kernel.ok("rows = ['a', 'b']")
        running = front.kernel.send(f"%%chat -p {service.url} -m tiny --each rows -o out\n{{{{item}}}}")
        await service.until_asked(2)
        front.ask("send", text="hello", by_control=True)
        await front.answered("hello")
        assert not service.answered
        assert service.hold is not None
        service.hold.set()
        await front.until(
            lambda: (
                front.saw("update_display_data", "2 of 2 requests")
                or front.saw("display_data", "2 of 2 requests")
            )
        )
    assert running


async def test_a_request_on_both_channels_is_done_once(front: Front) -> None:
    request = {"do": "send", "key": "one", "text": "hello"}
    content = {"comm_id": front.comm, "data": {"method": "custom", "content": request}}
    client = front.kernel.client
    client.shell_channel.send(client.session.msg("comm_msg", content))
    client.control_channel.send(client.session.msg("comm_msg", content))
    await front.until(lambda: front.page.acks.count("one") == 2)
    await front.answered("hello")
    assert [prompt for prompt, *_ in front.page.texts()] == ["hello"]


async def test_a_panel_run_again_in_its_cell_takes_the_place_of_the_first(front: Front) -> None:
    again = await front.kernel.ok("%chat panel", cell="panel-cell")
    assert [content["comm_id"] for content in again.of_type("comm_close")].count(front.comm) == 1


async def test_without_a_cell_id_there_is_no_widget_and_the_conversation_stands_there(chat: Kernel) -> None:
    shown = await chat.ok("%%chat\nhello")
    assert shown.reply
    ran = await chat.ok("%chat panel")
    assert ran.of_type("comm_open") == []
    assert "> hello" in ran.plain
    assert 'class="g4f-kept"' in ran.html
    assert "widget-view" not in str([content["data"] for content in ran.of_type("display_data")])


async def test_options_that_are_for_cells_alone_are_refused(chat: Kernel) -> None:
    ran = await chat.run("%chat panel --out answer", cell="panel-cell")
    assert (ran.status, "a panel takes no --out" in "".join(ran.error)) == ("error", True)
