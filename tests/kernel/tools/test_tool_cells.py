"""Cells with functions that the model may ask for, in a real kernel: asked, refused, changed, stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.completions import Completions, completions
from tests.contract.tools.serving import in_turn
from tests.contract.tools.streams import anthropic, openai, words
from tests.kernel.kernels import Kernel, Ran
from tests.patience import PATIENCE_SECONDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

FUNCTIONS = """
import asyncio, time, g4f_magic
ran = []
def begun() -> None:
    get_ipython().display_pub.publish({"text/plain": "it has begun"})
def lookup(item: str, times: int = 1) -> str:
    "Look up a price."
    print("looked up", item)
    ran.append(item)
    return f"{item}: 3"
@g4f_magic.tool(asks=False)
def harmless(item: str) -> str:
    ran.append(item)
    return item
@g4f_magic.tool(asks=False)
def change(value: int) -> None:
    global changed
    changed = value
@g4f_magic.tool(asks=False)
def sleeps() -> None:
    ran.append("sleeps")
    begun()
    time.sleep(60)
@g4f_magic.tool(asks=False)
async def waits() -> None:
    ran.append("waits")
    begun()
    await asyncio.sleep(60)
@g4f_magic.tool(asks=False)
async def blocks() -> None:
    ran.append("blocks")
    begun()
    while True:
        pass
@g4f_magic.tool(asks=False)
def loud() -> str:
    print("x" * 1_000_000)
    return "y" * 1_000_000
"""
CALL = openai([("lookup", {"item": "tea"})])


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[Completions]:
    async with completions() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="module")
async def here(chat: Kernel) -> Kernel:
    """The kernel, with the functions in it."""
    await chat.ok(FUNCTIONS)
    return chat


def cell(server: Completions, *streams: str, options: str = "--tools lookup") -> str:
    server.bodies.clear()
    server.answer = in_turn(streams)
    return f"%%chat -p {server.url} -m tiny {options}\nWhat does tea cost?"


async def answered(here: Kernel, code: str, *answers: str) -> tuple[Ran, list[str]]:
    """Run a cell whose questions are answered one after the other; return what it did, and what was asked."""
    asked = []
    identity, question = await here.asked(code)
    asked.append(question["prompt"])
    for answer in answers[:-1]:
        here.client.input(answer)
        asked.append((await here.client.get_stdin_msg(timeout=PATIENCE_SECONDS))["content"]["prompt"])
    here.client.input(answers[-1])
    return await here.finish(identity), asked


def result(server: Completions) -> str:
    return str(server.bodies[-1]["messages"][-1]["content"])


async def test_each_call_is_shown_as_python_and_runs_once_it_is_approved(
    here: Kernel, server: Completions
) -> None:
    ran, (question,) = await answered(here, cell(server, CALL, words("It costs 3.")), "yes")
    assert "lookup(item='tea')" in question
    assert "yes / no, because … / always in this cell / edit" in question
    assert ran.status == "ok"
    assert await here.value("ran") == "['tea']"
    assert result(server) == "tea: 3"
    assert "<details" in ran.html
    assert "lookup(item=&#x27;tea&#x27;)" in ran.html or "lookup(item='tea')" in ran.html
    assert "looked up tea" in ran.html
    assert "looked up" not in ran.stdout
    assert "It costs 3." in ran.reply


async def test_a_refusal_goes_back_with_the_persons_words(here: Kernel, server: Completions) -> None:
    ran, _ = await answered(here, cell(server, CALL, words("Well.")), "no, because tea is dear")
    assert ran.status == "ok"
    assert await here.value("ran") == "[]"
    assert result(server) == "The person refused this call: tea is dear"


async def test_always_holds_for_the_cell_and_no_longer(here: Kernel, server: Completions) -> None:
    more = openai([("lookup", {"item": "milk"})])
    ran, asked = await answered(here, cell(server, CALL, more, words("Well.")), "always")
    assert ran.status == "ok"
    assert len(asked) == 1
    assert await here.value("ran") == "['tea', 'milk']"
    ran, asked = await answered(here, cell(server, CALL, words("Well.")), "n")
    assert len(asked) == 1


async def test_a_call_can_be_changed(here: Kernel, server: Completions) -> None:
    ran, asked = await answered(
        here, cell(server, CALL, words("Well.")), "edit", "lookup(1)", "edit lookup('milk', times=2)"
    )
    assert ran.status == "ok"
    assert "is not a string" in asked[2]
    assert await here.value("ran") == "['milk']"
    assert 'The person changed the call to {"item": "milk", "times": 2}. It gave: milk: 3' in result(server)
    assert "changed by you" in ran.html


async def test_where_nobody_can_be_asked_the_cell_fails_and_nothing_ran(
    here: Kernel, server: Completions
) -> None:
    ran = await here.run(cell(server, CALL, words("Well.")))
    assert ran.status == "error"
    assert "nobody can be asked here" in "\n".join(ran.error)
    assert "--approve lookup" in "\n".join(ran.error)
    assert await here.value("ran") == "[]"
    for options in ("--tools lookup --approve lookup", "--tools=lookup,harmless --approve=lookup"):
        await here.ok(cell(server, CALL, words("Well."), options=options))
    await here.ok(
        cell(server, openai([("harmless", {"item": "x"})]), words("Ok."), options="--tools harmless")
    )
    assert await here.value("ran") == "['tea', 'tea', 'x']"


@pytest.mark.parametrize(
    ("code", "options", "told"),
    [
        ("", "--tools nothing_there", "there is no function 'nothing_there'"),
        ("n = 3", "--tools n", "is not a function"),
        ("def bare(x): ...", "--tools bare", "does not say what type x has"),
        ("def many(*xs: int): ...", "--tools many", "takes *xs"),
        ("def deep(x: object() = 1): ...", "--tools deep", "deep"),
        ("", "--tools lookup --approve harmless", "--approve names 'harmless'"),
        ("", "--tools lookup --schema 'good|bad'", "do not go together"),
    ],
)
async def test_what_cannot_be_described_is_refused_before_anything_is_sent(
    here: Kernel, server: Completions, code: str, options: str, told: str
) -> None:
    await here.ok(code)
    ran = await here.run(cell(server, words("Well."), options=options))
    assert ran.status == "error"
    assert told in "\n".join(ran.error)
    assert not server.bodies


async def test_a_function_runs_as_a_cells_code_would(here: Kernel, server: Completions) -> None:
    await here.ok(cell(server, openai([("change", {"value": 7})]), words("Ok."), options="--tools change"))
    assert await here.value("changed") == "7"
    assert result(server) == "It returned nothing."


async def test_a_megabyte_is_bounded_on_every_way(here: Kernel, server: Completions) -> None:
    ran = await here.ok(cell(server, openai([("loud", {})]), words("Ok."), options="--tools loud"))
    assert "[Cut: 8,000 of 1,000,000 characters are shown.]" in result(server)
    assert len(result(server)) < 8_200
    assert len(ran.html) < 60_000
    assert not ran.stdout


async def test_a_call_that_takes_too_long_is_ended(here: Kernel, server: Completions) -> None:
    await here.ok("%config ChatMagics.tool_seconds = 0.2")
    for name in ("sleeps", "waits"):
        await here.ok(cell(server, openai([(name, {})]), words("Ok."), options=f"--tools {name}"))
        assert result(server) == "It did not end within 0.2 seconds and was ended."
    await here.ok("%config ChatMagics.tool_seconds = 30")


@pytest.mark.parametrize("name", ["sleeps", "waits", "blocks"])
async def test_stop_ends_a_function_and_leaves_a_turn_that_can_be_sent_again(
    here: Kernel, server: Completions, name: str
) -> None:
    code = cell(
        server, anthropic([(name, {}), ("harmless", {"item": "never"})]), options=f"--tools {name},harmless"
    )
    identity = here.send(code)
    while "it has begun" not in str((await here.client.get_iopub_msg())["content"].get("data")):
        pass
    await here.interrupt()
    ran = await here.finish(identity)
    assert ran.status == "error"
    assert "Stopped" in "\n".join(ran.error)
    assert await here.value("ran") == f"['{name}']"
    # Both calls are closed, so that the conversation goes on.
    await here.ok(cell(server, words("Ok."), options=f"--tools {name}") + " Another time.")
    (said, *results) = (one for one in server.bodies[-1]["messages"] if one["role"] in ("assistant", "tool"))
    assert [one["tool_call_id"] for one in results] == [one["id"] for one in said["tool_calls"]]
    assert len(results) == 2


async def test_a_recorded_cell_replays_its_calls_and_runs_nothing(
    here: Kernel, server: Completions, tmp_path: Path
) -> None:
    await here.ok(f"%chat cassette {tmp_path / 'n.chat.jsonl'}")
    code = cell(server, CALL, words("It costs 3."), options="--tools lookup --approve lookup")
    live = await here.ok(code.replace("--tools", "--record --tools"), cell="c")
    await here.ok("ran.clear()")
    sent = len(server.bodies)
    played = await here.ok(code.replace("--tools", "--replay --tools"), cell="c")
    assert await here.value("ran") == "[]"
    assert len(server.bodies) == sent
    assert played.reply == live.reply
    assert "tea: 3" in played.html
    # The key holds what the model is told of the functions.
    await here.ok("def lookup(item: str) -> str:\n    'Another one.'\n    return item")
    ran = await here.run(code.replace("--tools", "--replay --tools"), cell="c")
    assert ran.status == "error"


async def test_another_cell_waits_while_a_call_is_approved(here: Kernel, server: Completions) -> None:
    identity, _ = await here.asked(cell(server, CALL, words("It costs 3.")))
    other = here.send("print('the other', ran)")
    here.client.input("yes")
    assert (await here.finish(identity)).status == "ok"
    assert (await here.finish(other)).stdout == "the other ['tea']\n"


async def test_a_tool_that_asks_in_its_own_conversation_is_told_why_it_cannot(
    here: Kernel, server: Completions
) -> None:
    await here.ok(
        "@g4f_magic.tool(asks=False)\ndef inner() -> str:\n    return g4f_magic.Chat.current().ask_sync('Deadlock?')\n"
        "@g4f_magic.tool(asks=False)\nasync def apart() -> str:\n"
        f"    async with g4f_magic.Chat('{server.url}', model='m') as chat:\n        return await chat.ask('Hello')"
    )
    await here.ok(cell(server, openai([("inner", {})]), words("Well."), options="--tools inner"))
    assert "cannot ask in the conversation that waits for it" in result(server)
    await here.ok(
        cell(server, openai([("apart", {})]), words("Apart."), words("Well."), options="--tools apart")
    )
    assert result(server) == "Apart."


async def test_a_figure_stands_in_its_step_and_not_below_the_cell_once_more(
    here: Kernel, server: Completions
) -> None:
    pytest.importorskip("matplotlib")
    await here.ok(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n@g4f_magic.tool(asks=False)\n"
        "def plot(n: int) -> None:\n    plt.plot(range(n))"
    )
    ran = await here.ok(cell(server, openai([("plot", {"n": 3})]), words("A line."), options="--tools plot"))
    assert 'src="data:image/png;base64,' in ran.html
    assert not [one for one in ran.of_type("display_data") if "image/png" in one["data"]]
    assert "what plot(...) drew" in result(server)


async def test_a_function_that_is_defined_anew_is_the_one_that_runs(
    here: Kernel, server: Completions
) -> None:
    for number in (1, 2):
        await here.ok(f"@g4f_magic.tool(asks=False)\ndef again() -> int:\n    return {number}")
        await here.ok(cell(server, openai([("again", {})]), words("Well."), options="--tools again"))
        assert result(server) == str(number)
