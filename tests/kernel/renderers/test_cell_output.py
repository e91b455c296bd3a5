"""What a reply leaves in a cell of a real kernel, and what is seen while it comes."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import AsyncIterator
from typing import Any

import nbformat
import pytest
import pytest_asyncio
from nbclient import NotebookClient

from g4f_magic.label import label_of
from tests.kernel.kernels import Kernel, Ran, kernel
from tests.patience import PATIENCE_SECONDS

FEED = """
import asyncio
from g4f_magic.chunks import Reasoning, Served, Text
from g4f_magic.turn import Turn
from g4f_magic.renderers import choose
from g4f_magic.host import here
from g4f_magic.settings import Settings

async def reply(text, *, size=4, pause=0.0, reasoning="", status="done", format="markdown", answering=""):
    renderer = choose(settings=Settings(), host=here(), format=format)
    turn = dict(id="1", slot="1", prompt="", provider="koala", model="tiny", started_at=0.0)
    renderer.begin(Turn.plain(**turn))
    if answering:
        turn["provider"] = answering
        renderer.show(Served(answering, "tiny"))
    if reasoning:
        renderer.show(Reasoning(reasoning))
    for start in range(0, len(text), size):
        renderer.show(Text(text[start : start + size]))
        await asyncio.sleep(pause)
    renderer.settle(Turn.plain(**turn, reply=text, reasoning=reasoning, status=status, seconds=1.25))
    return renderer

def as_chat(lines):
    return [f"_ = await reply({''.join(lines[1:])})\\n"] if lines and lines[0].startswith("%%chat") else lines

get_ipython().input_transformers_cleanup.insert(0, as_chat)
LONG = "\\n\\n".join(f"Paragraph {n} of a long reply, with **bold** words and some `code` in it." for n in range(400))
"""

LINE = "— live · koala · tiny · 1.2 s"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Kernel]:
    async with kernel() as started:
        assert (await started.run(FEED)).status == "ok"
        yield started


pytestmark = pytest.mark.asyncio(loop_scope="module")


def outputs_over_time(ran: Ran) -> list[dict[str, dict[str, Any]]]:
    """The outputs after each message, as a front end shows them."""
    shown: dict[str, dict[str, Any]] = {}
    history, clears = [], False
    for message in ran.messages:
        content = message["content"]
        if message["msg_type"] == "clear_output":
            clears = True
        if message["msg_type"] in ("display_data", "update_display_data"):
            shown = {} if clears else dict(shown)
            clears = False
            shown[content["transient"]["display_id"]] = content
            history.append(shown)
    return history


def words(outputs: dict[str, dict[str, Any]]) -> str:
    html = "".join(content["data"]["text/html"] for content in outputs.values())
    return re.sub(r"<style>.*?</style>|<[^>]*>", "", html)


async def left_by(running: Kernel, code: str) -> list[dict[str, Any]]:
    ran = await running.run(code)
    assert ran.status == "ok", ran.error
    return list(outputs_over_time(ran)[-1].values())


async def test_a_chat_cell_leaves_one_static_output(running: Kernel) -> None:
    [output] = await left_by(running, "%%chat\n'# Hi\\n\\nsome *words*'")
    assert "<h1>Hi</h1>" in output["data"]["text/html"]
    assert output["data"]["text/plain"] == f"# Hi\n\nsome *words*\n\n{LINE}"
    about = label_of(output)
    assert (about["provider"], about["status"], about["characters"], about["format"]) == (
        "koala",
        "done",
        18,
        2,
    )


async def test_a_reply_longer_than_one_output_while_it_comes_is_one_at_the_end(running: Kernel) -> None:
    ran = await running.run("%%chat\nLONG[:20000], size=200, pause=.005")
    history = outputs_over_time(ran)
    assert max(len(outputs) for outputs in history) > 1
    assert len(history[-1]) == 1


async def test_a_very_long_reply_is_left_in_outputs_of_bounded_size(running: Kernel) -> None:
    outputs = await left_by(running, "%%chat\nLONG * 4, size=2000")
    assert len(outputs) > 1
    assert all(len(output["data"]["text/html"]) < 100_000 for output in outputs)
    text = "".join(output["data"]["text/plain"] for output in outputs)
    assert text.removesuffix(f"\n\n{LINE}") == literal_eval(await running.value("LONG * 4"))


async def test_each_output_of_a_long_reply_names_who_answered_in_the_end(running: Kernel) -> None:
    outputs = await left_by(running, "%%chat\nLONG * 4, size=2000, pause=.01, answering='groq'")
    assert len(outputs) > 1
    assert {label_of(output)["provider"] for output in outputs if output["data"]["text/html"]} == {"groq"}


async def test_what_is_shown_only_ever_grows(running: Kernel) -> None:
    ran = await running.run("%%chat\nLONG[:12000], size=40, pause=.002")
    whole = re.sub(r"[\s*`]", "", literal_eval(await running.value("LONG[:12000]")))
    history = outputs_over_time(ran)
    seen = [re.sub(r"[\s*`▍]", "", words(outputs)) for outputs in history[1:-1]]
    settled = [text for text in seen if text in whole]
    assert len(settled) > 5
    assert all(whole.startswith(text) for text in settled)
    assert settled == sorted(settled, key=len)


async def test_never_more_than_a_few_outputs_are_open(running: Kernel) -> None:
    ran = await running.run("%%chat\nLONG, size=200, pause=.003")
    assert max(len(outputs) for outputs in outputs_over_time(ran)) <= 20


async def test_other_outputs_of_a_code_cell_stay(running: Kernel) -> None:
    ran = await running.run(
        "print('before')\n_ = await reply(LONG[:9000], size=100, pause=.005)\nprint('after')"
    )
    assert ran.stdout.split() == ["before", "after"]
    assert not ran.of_type("clear_output")
    assert ran.plain.endswith(LINE)


async def test_capture_keeps_the_static_output_alone(running: Kernel) -> None:
    code = "from IPython.utils.capture import capture_output\nwith capture_output() as kept:\n    "
    ran = await running.run(f"{code}_ = await reply(LONG[:3000], size=100, pause=.01)")
    assert ran.status == "ok", ran.error
    kinds = await running.value("[sorted(output.data) for output in kept.outputs]")
    assert literal_eval(kinds) == [["text/html", "text/markdown", "text/plain"]]


@pytest.mark.parametrize(
    ("status", "word"), [("stopped", "stopped"), ("broken", "broken off"), ("failed", "failed")]
)
async def test_how_it_ended_is_said_in_words(running: Kernel, status: str, word: str) -> None:
    [output] = await left_by(running, f"%%chat\n'half a rep', status={status!r}")
    assert output["data"]["text/plain"] == f"half a rep\n\n— {word} · koala · tiny · 1.2 s"
    assert word in output["data"]["text/html"]


async def test_a_turn_without_a_word_leaves_the_line_alone(running: Kernel) -> None:
    [output] = await left_by(running, "%%chat\n'', status='failed'")
    assert output["data"]["text/plain"] == "— failed · koala · tiny · 1.2 s"
    assert "waiting" not in output["data"]["text/html"]


async def test_reasoning_is_folded_apart_from_the_reply(running: Kernel) -> None:
    [output] = await left_by(running, "%%chat\n'the reply', reasoning='first *this*'")
    html, plain = output["data"]["text/html"], output["data"]["text/plain"]
    assert re.search(r"<details[^>]*><summary>Reasoning</summary><p>first <em>this</em></p>", html)
    assert html.index("</details>") < html.index("the reply")
    assert "first" not in plain


async def test_a_definition_at_the_end_links_what_came_before(running: Kernel) -> None:
    [output] = await left_by(running, "%%chat\n'see [this]\\n\\nmore\\n\\n[this]: https://example.org'")
    assert 'href="https://example.org"' in output["data"]["text/html"]


async def test_code_is_offered_as_the_next_cell(running: Kernel) -> None:
    identity = running.send("%%chat\n'words\\n```python\\nx = 1\\n```\\n', format='code'")
    ran = await running.finish(identity)
    [output] = outputs_over_time(ran)[-1].values()
    assert "words" not in output["data"]["text/html"]
    assert output["data"]["text/plain"] == f"x = 1\n\n{LINE} · code: %chat code"


@pytest.mark.parametrize("kilobytes", [10, 100])
async def test_bytes_stay_under_eight_times_the_reply(running: Kernel, kilobytes: int) -> None:
    size = kilobytes * 1024
    ran = await running.run(f"%%chat\n(LONG * 9)[:{size}], size=4")
    sent = sum(len(str(message)) for message in ran.messages)
    assert sent < 8 * size


async def test_nbclient_keeps_the_static_output_alone() -> None:
    cells = [
        nbformat.v4.new_code_cell(FEED),
        nbformat.v4.new_code_cell("%%chat\nLONG[:9000], size=50, pause=.002"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    await NotebookClient(notebook, timeout=int(PATIENCE_SECONDS), kernel_name="python3").async_execute()
    [output] = notebook.cells[1].outputs
    assert sorted(output.data) == ["text/html", "text/markdown", "text/plain"]
    assert label_of(output)["status"] == "done"


def busy(outputs: list[dict[str, Any]]) -> int:
    return sum("aria-busy" in content["data"]["text/html"] for content in outputs)


async def test_where_a_page_would_jump_the_outputs_stay_and_the_first_holds_all(running: Kernel) -> None:
    ran = await running.run("%%chat\nLONG[:20000], size=200, pause=.005", cell="a")
    *_, before, after = outputs_over_time(ran)
    first, *others = after.values()
    assert not ran.of_type("clear_output")
    assert list(before) == list(after)
    assert busy([first, *others]) == 0
    text = literal_eval(await running.value("LONG[:20000]"))
    assert first["data"]["text/plain"] == f"{text}\n\n{LINE}"
    assert others
    assert {content["data"]["text/html"] for content in others} == {""}


async def test_where_outputs_show_gaps_there_is_one(running: Kernel) -> None:
    ran = await running.run(
        "%%chat\nLONG[:20000], size=200, pause=.005", cell="vscode-notebook-cell:/a.ipynb#W3sZmlsZQ"
    )
    assert len(outputs_over_time(ran)[-1]) == 1


async def test_reasoning_before_a_long_reply_stands_folded_in_its_first_output(running: Kernel) -> None:
    ran = await running.run("%%chat\nLONG * 5, size=1000, pause=.003, reasoning='first *this*'", cell="a")
    outputs = list(outputs_over_time(ran)[-1].values())
    html = [content["data"]["text/html"] for content in outputs]
    assert not ran.of_type("clear_output")
    assert busy(outputs) == 0
    assert ["<details" in one for one in html] == [True, *[False] * (len(html) - 1)]
    assert "<em>this</em>" in html[0]
    assert html[0].index("</details>") < html[0].index("Paragraph 0 ")


@pytest.mark.parametrize("status", ["stopped", "broken"])
async def test_json_that_did_not_come_to_its_end_is_not_judged(running: Kernel, status: str) -> None:
    [output] = await left_by(running, f"%%chat\n'[1, 2', format='json', status='{status}'")
    assert "not valid" not in output["data"]["text/html"]
    assert "[1, 2" in output["data"]["text/html"]
    assert await running.value("_.problem") == "''"
