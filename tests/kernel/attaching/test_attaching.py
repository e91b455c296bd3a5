"""What a prompt names goes along: in a real kernel, through real HTTP, looked at where it arrives."""

from __future__ import annotations

import json

import pytest

from tests.kernel.kernels import Kernel, Ran

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROWS = "rows = [{'city': 'Turku'}, {'city': 'Pori'}]"


def sent(ran: Ran) -> str:
    """Return the last message that the service received."""
    return str(ran.received["messages"][-1]["content"])


async def test_a_name_in_the_prompt_stands_for_the_variable(chat: Kernel):
    await chat.ok(ROWS)
    ran = await chat.run("%%chat\n!echo How many cities are in {{rows}}?")
    assert sent(ran).startswith("!echo How many cities are in `rows`?\n\n`rows` (")
    assert "Turku" in sent(ran)
    assert "with rows (" in ran.provenance


async def test_all_that_was_sent_stands_folded_under_the_reply(chat: Kernel):
    await chat.ok("rows = ['<img src=x onerror=alert(1)>']")
    ran = await chat.run("%%chat\nWhat is in {{rows}}?")
    assert "<summary>What was sent</summary>" in ran.html
    assert "&lt;img src=x onerror" in ran.html
    assert "<img" not in ran.html


async def test_a_prompt_without_names_shows_nothing_more(chat: Kernel):
    ran = await chat.run("%%chat\n!echo {rows} $rows {{1 + 1}}")
    assert sent(ran) == "!echo {rows} $rows {{1 + 1}}"
    assert "<details" not in ran.html


async def test_a_name_that_there_is_not_is_sent_as_it_stands_and_said(chat: Kernel):
    await chat.ok(ROWS)
    ran = await chat.run("%%chat\n!echo {{rowz}} \\{{rows}}")
    assert sent(ran) == "!echo {{rowz}} {{rows}}"
    assert "{{rowz}} was sent as it stands: there is no rowz here (did you mean rows?)" in ran.provenance


async def test_what_was_inserted_is_not_filled_again(chat: Kernel):
    await chat.ok("inner = 'deep water'; outer = ['{{inner}}']")
    assert "deep water" not in sent(await chat.run("%%chat\n!echo {{outer}}"))


async def test_the_system_prompt_is_filled_too(chat: Kernel):
    await chat.ok(ROWS)
    ran = await chat.run("%%chat -p openai --gateway --system 'Know {{rows}}'\n!echo")
    assert ran.received["messages"][0]["content"].startswith("Know `rows`\n\n`rows` (")


async def test_later_turns_carry_what_was_sent_then(chat: Kernel):
    await chat.ok("rows = ['then']")
    await chat.ok("%%chat\nLook at {{rows}}")
    await chat.ok("rows = ['now']")
    ran = await chat.run("%%chat\n!echo And {{rows}}?")
    first, _, last = (str(one["content"]) for one in ran.received["messages"])
    assert "'then'" in first
    assert "'now'" in last


async def test_a_cell_that_is_run_again_is_filled_anew(chat: Kernel):
    await chat.ok("rows = ['then']")
    await chat.ok("%%chat\n!echo {{rows}}", cell="again")
    await chat.ok("rows = ['now']")
    ran = await chat.run("%%chat\n!echo {{rows}}", cell="again")
    assert len(ran.received["messages"]) == 1
    assert "'now'" in sent(ran)


async def test_with_takes_names_expressions_files_and_what_the_notebook_has(chat: Kernel, tmp_path):
    (tmp_path / "notes.md").write_text("remember the milk")
    await chat.ok(ROWS)
    await chat.run("1 / 0")
    await chat.ok("'shown before'")
    line = f'-w rows,@out,@input -w @error -w "len(rows) * 1000" -w {tmp_path}/*.md'
    ran = await chat.run(f"%%chat {line}\n!echo Explain.")
    text = sent(ran)
    for part in ("Turku", "shown before", "ZeroDivisionError", "2000", "remember the milk"):
        assert part in text
    assert "@error" in ran.provenance


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("nothere", "there is no nothere here"),
        ("zzqqyy.md", "there is no such file"),
        ("'1 / 0'", "raised ZeroDivisionError"),
        ("@cells:999", "no cell ran as number 999"),
        ("@errors", "Did you mean @error?"),
    ],
)
async def test_what_cannot_go_along_is_refused_in_two_lines_before_anything_is_sent(chat: Kernel, what, said):
    ran = await chat.run(f"%%chat -w {what}\nHello")
    assert ran.status == "error"
    assert len(ran.error) == 2
    assert said in "\n".join(ran.error)


async def test_the_cells_go_along_by_their_numbers(chat: Kernel):
    number = int(await chat.value("len(In)"))
    await chat.ok("first_of_all = 1")
    ran = await chat.run(f"%%chat -w @cells:{number}\n!echo")
    assert "first_of_all = 1" in sent(ran)
    assert "len(In)" not in sent(ran)
    ran = await chat.run("%%chat -w @cells:above:2\n!echo")
    assert "first_of_all = 1" in sent(ran)
    assert "len(In)" not in sent(ran)


async def test_a_recording_replays_while_the_data_is_the_same(chat: Kernel, tmp_path):
    await chat.ok(f"{ROWS}\n%chat cassette {tmp_path}/a.chat.jsonl")
    await chat.ok("%chat mode record\n%chat reset")
    await chat.ok("%%chat\n!echo {{rows}}")
    (line,) = (tmp_path / "a.chat.jsonl").read_text().splitlines()
    assert json.loads(line)["further"]["attachments"][0][0] == "rows"
    await chat.ok("%chat mode replay\n%chat reset")
    replayed = await chat.ok("%%chat\n!echo {{rows}}")
    assert "replayed" in replayed.provenance
    await chat.ok("rows[1]['city'] = 'Vaasa'\n%chat reset")
    missed = await chat.run("%%chat\n!echo {{rows}}")
    await chat.ok("%chat mode live")
    assert "recorded with other data" in "\n".join(missed.error)
    assert "Vaasa" in "\n".join(missed.error)


async def test_a_property_that_hangs_or_fails_is_left_and_said(chat: Kernel):
    await chat.ok(
        "class Odd:\n    @property\n    def endless(self):\n        while True: pass\n"
        "    @property\n    def broken(self): raise ValueError('x')\nodd = Odd()"
    )
    ran = await chat.run("%%chat\n!echo {{odd.endless}} {{odd.broken}}")
    assert sent(ran) == "!echo {{odd.endless}} {{odd.broken}}"
    assert "took more than 2 s" in ran.provenance
    assert "odd.broken raised ValueError" in ran.provenance


async def test_an_interrupt_while_something_is_looked_at_ends_the_cell_and_sends_nothing(chat: Kernel):
    await chat.ok(
        "import os, signal, time\nclass Slow:\n    @property\n    def here(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT); time.sleep(60)\nslow = Slow()"
    )
    ran = await chat.run("%%chat\n!echo {{slow.here}}")
    assert ran.status == "error"
    turns = "len(get_ipython().magics_manager.registry['ChatMagics'].session.conversation().turns)"
    assert await chat.value(turns) == "0"


async def test_option_values_name_what_the_notebook_holds(chat: Kernel):
    await chat.ok("model = 'gpt-4o'")
    ran = await chat.ok("%%chat -p darkai -m $model\n!echo")
    assert "gpt-4o" in ran.provenance
    refused = await chat.run("%%chat -m $modle\n!echo")
    assert len(refused.error) == 2
    assert "there is no modle" in refused.error[0]
