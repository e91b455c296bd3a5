"""An output's metadata is what it was shown with first, whatever updates it: VS Code else loses outputs of the cell.

Its extension puts a cell's outputs together anew, from a list that is behind, where an update brings other metadata.
`Kernel.finish` holds every kernel test to it; here are all ways in which something is shown.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from g4f_magic.label import MARK
from tests.kernel.kernels import Kernel, Ran, kernel
from tests.kernel.renderers.test_cell_output import FEED
from tests.patience import PATIENCE_SECONDS

ADDRESS = "vscode-notebook-cell:/home/a/a.ipynb#W3sZmlsZQ=="
CELLS = {"a notebook's own id": "abcd", "an address": ADDRESS, "no id": None}
WAYS = {
    "short": "'Hello'",
    "one output": "LONG[:3000], size=40, pause=.002",
    "several outputs": "LONG[:20000], size=200, pause=.005",
    "sealed parts": "LONG * 4, size=2000, pause=.005",
    "reasoning": "LONG[:3000], size=40, pause=.002, reasoning='first this ' * 40",
    "another answers": "LONG[:3000], size=40, pause=.002, answering='groq'",
    "text": "LONG[:3000], size=40, pause=.002, format='text'",
    "json": "'[1, 2, 3]', size=2, pause=.02, format='json'",
    "no json": "'[1, 2, ' * 40, size=2, pause=.005, format='json'",
    "html": "'<b>x</b> ' * 60, size=9, pause=.005, format='html'",
    "code": "'words\\n```python\\nx = 1\\n```\\n', size=4, pause=.02, format='code'",
    "stopped": "LONG[:3000], size=40, pause=.002, status='stopped'",
    "nothing": "'', status='failed'",
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Kernel]:
    async with kernel(G4F_MAGIC_ENGINE="script") as started:
        await started.ok("%load_ext g4f_magic")
        await started.ok(FEED)  # it takes what begins with %%chat before the magic does
        yield started


pytestmark = pytest.mark.asyncio(loop_scope="module")


def metadata_of(ran: Ran) -> list[dict[str, object]]:
    return [content["metadata"] for content in ran.of_type("display_data", "update_display_data")]


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_reply_in_a_cell_of_its_own(running: Kernel, way: str, cell: str | None) -> None:
    ran = await running.ok(f"%%chat\n{way}", cell=cell)
    assert metadata_of(ran) == [MARK] * len(metadata_of(ran))
    assert metadata_of(ran)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_a_reply_beside_other_outputs(running: Kernel, way: str) -> None:
    ran = await running.ok(f"print('before')\n_ = await reply({way})", cell=ADDRESS)
    assert metadata_of(ran) == [MARK] * len(metadata_of(ran))


@pytest.mark.parametrize("line", ["%chat", "%chat help", "%chat history", "%chat providers", "%chat show 1"])
async def test_what_a_command_says_is_shown_once(running: Kernel, line: str) -> None:
    await running.run("get_ipython().run_cell_magic('chat', '', 'Hello')", cell="asked")
    ran = await running.run(line)
    assert not ran.of_type("update_display_data")


async def test_what_is_kept_under_a_panel(running: Kernel) -> None:
    ran = await running.ok("%chat panel -c kept", cell="panel")
    shown = {
        message["content"]["transient"]["display_id"]: message["content"]["metadata"]
        for message in ran.messages
        if message["msg_type"] == "display_data" and message["content"].get("transient", {}).get("display_id")
    }
    running.send(
        "(_panel,) = get_ipython().magics_manager.registry['ChatMagics'].session.panels.values()\n"
        "_ = await _panel.ask('Hello')"
    )
    while True:  # they follow from a task that belongs to no cell
        message = await running.client.get_iopub_msg(timeout=PATIENCE_SECONDS)
        if message["msg_type"] == "update_display_data":
            break
    assert message["content"]["metadata"] == shown[message["content"]["transient"]["display_id"]]


@pytest.mark.parametrize(
    ("cell", "is_made"), [(ADDRESS, True), ("abcd", False)], ids=["VS Code", "JupyterLab"]
)
async def test_a_formula_is_mathml_where_the_page_typesets_none(
    running: Kernel, cell: str, is_made: bool
) -> None:
    ran = await running.ok("%%chat\n'So $x^2$ it is', size=9", cell=cell)
    assert ("<math" in ran.html) is is_made
    assert ("$x^2$" in ran.html) is not is_made
