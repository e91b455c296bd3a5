"""Ways of asking that people try: a question on the first line, in one line, below a comment."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from g4f_magic.preload import IDLE_SECONDS
from tests.kernel.kernels import Kernel, kernel
from tests.patience import PATIENCE_SECONDS

CODER = """
import g4f_magic
@g4f_magic.provider
async def coder(messages):
    yield "First:\\n\\n```python\\nx = 1\\n```\\n\\nThen:\\n\\n```\\ny = 2\\n```\\n"
"""
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def prompt_of(chat: Kernel, code: str) -> str:
    ran = await chat.run(code)
    assert ran.status == "ok", ran.error
    return str(ran.received["messages"][-1]["content"])


@pytest.mark.parametrize(
    ("code", "prompt"),
    [
        ("%%chat --once !echo How are you?", "!echo How are you?"),
        ("%%chat --once !echo it's\nand below", "!echo it's\nand below"),
        ("%ask --once !echo How are you?", "!echo How are you?"),
        ("x = 1\n%ask --once !echo How are you?\ny = 2", "!echo How are you?"),
        ("if True:\n    %ask --once !echo inside", "!echo inside"),
        ("# mine\n#| echo: false\n\n%%chat --once\n!echo below", "!echo below"),
        ("%%time\n%%chat --once !echo timed\nbelow", "!echo timed\nbelow"),
        ("%%time\n# mine\n\n%%chat --once\n!echo below a comment", "!echo below a comment"),
        ("%%time\n%%chat --once !echo with no body", "!echo with no body"),
        ("%%time\n%ask --once !echo is it asked?", "!echo is it asked?"),
        ("get_ipython().run_cell('# mine\\n%%chat --once\\n!echo inside');", "!echo inside"),
    ],
)
async def test_it_is_asked(chat: Kernel, code: str, prompt: str) -> None:
    assert await prompt_of(chat, code) == prompt


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("%%chat --once\n!echo kept", "get_ipython().run_cell_magic('chat', '--once', '!echo kept\\n')"),
        ("x = 1\n%chat history", "x = 1\nget_ipython().run_line_magic('chat', 'history')"),
        ("%chat context", "get_ipython().run_line_magic('chat', 'context')"),
    ],
)
async def test_what_the_shell_would_save_can_be_run(chat: Kernel, code: str, kept: str) -> None:
    await chat.ok(code)
    assert (await chat.ok("print(In[-2])")).stdout.strip() == kept


async def test_a_notebook_that_another_one_runs_may_have_comments_above(chat: Kernel, tmp_path: Path) -> None:
    cells = [new_code_cell("# mine\n%%chat --once\n!echo of the other one")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "other.ipynb")
    assert await prompt_of(chat, f"%run {tmp_path / 'other.ipynb'}") == "!echo of the other one"


async def test_below_another_cell_magic_a_question_stays_as_it_is(chat: Kernel, tmp_path: Path) -> None:
    await chat.ok(f"%%writefile {tmp_path / 'asks.ipy'}\n%ask --once hello\n")
    assert (tmp_path / "asks.ipy").read_text() == "%ask --once hello\n"


async def test_code_above_is_named_and_nothing_runs(chat: Kernel) -> None:
    ran = await chat.run("left = 1\n%%chat\nHello")
    assert ran.status == "error"
    assert "line 1 stands above %%chat" in " ".join(ran.error)
    assert await chat.value("'left' in globals()") == "False"


async def test_the_magic_within_a_text_is_text(chat: Kernel) -> None:
    assert (await chat.ok('text = """\n%%chat\n%ask x\n"""\nprint(text)')).stdout.strip() == "%%chat\n%ask x"


async def test_a_question_behind_chat_alone_says_how_to_ask(chat: Kernel) -> None:
    ran = await chat.run("%chat How are you?")
    assert "%ask and your question" in " ".join(ran.error)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("%chat --help", "%chat doctor"),
        ("%chat -h", "%chat doctor"),
        ("%chat fork --help", "Go on from a turn"),
        ("%chat cassette check -h", "Read every line"),
        ("%chat help --temperature", "randomness of the reply"),
        ("%chat help -t", "randomness of the reply"),
        ("%chat help cassette check", "Read every line"),
        ("%%chat --help", "--temperature"),
        ("%ask --help", "--temperature"),
    ],
)
async def test_help_is_had_as_in_a_shell(chat: Kernel, code: str, said: str) -> None:
    assert said in (await chat.ok(code)).plain


async def test_a_line_without_a_question_says_where_to_write_it(chat: Kernel) -> None:
    assert "or behind %ask" in " ".join((await chat.run("%ask")).error)


async def test_what_the_first_chat_needs_comes_while_the_kernel_is_idle_and_not_before() -> None:
    async with kernel(is_warm=False, G4F_MAGIC_PRELOAD="True") as one:
        ran = await one.ok("%load_ext g4f_magic\nimport asyncio, sys\nprint('aiohttp' in sys.modules)")
        assert ran.stdout.strip() == "False"
        await one.ok("from g4f_magic.preload import MODULES\nwhile False: pass")
        until = time.monotonic() + PATIENCE_SECONDS
        while await one.value("set(MODULES) <= set(sys.modules)") == "False":
            assert time.monotonic() < until
            await asyncio.sleep(3)  # idle: nothing else starts it
        assert await one.value("'aiohttp' in sys.modules") == "True"


async def test_nothing_is_imported_ahead_for_a_replay() -> None:
    async with kernel(is_warm=False, G4F_MAGIC_PRELOAD="True", G4F_MAGIC_MODE="replay") as one:
        await one.ok("%load_ext g4f_magic\nimport sys\nfrom g4f_magic.preload import MODULES")
        loaded = "sorted(set(MODULES) & set(sys.modules))"
        before = await one.value(loaded)
        await asyncio.sleep(2 * IDLE_SECONDS)  # the first of them would come after half of that
        assert await one.value(loaded) == before


async def test_code_of_a_reply_goes_into_the_next_cell(chat: Kernel) -> None:
    await chat.ok(CODER)
    ran = await chat.ok("%%chat -p coder\nHello")
    assert ran.provenance.endswith("code: %chat code N")
    ran = await chat.ok("%chat code 2")
    assert "It is block 2 of 2" in ran.plain
    assert [one["text"] for one in ran.payload if one["source"] == "set_next_input"] == ["y = 2"]


async def test_copy_and_code_say_where_there_is_nothing(chat: Kernel) -> None:
    assert "nothing has been asked" in " ".join((await chat.run("%chat copy 1")).error)
    await chat.ok("%%chat\nHello")
    assert "has no code" in " ".join((await chat.run("%chat code")).error)
    assert (
        "Copied" in (await chat.ok("%chat copy")).plain
        or "stands above" in (await chat.ok("%chat copy")).plain
    )


async def test_code_of_a_reply_that_no_conversation_keeps_is_taken_too(chat: Kernel) -> None:
    await chat.ok(CODER)
    await chat.ok("%%chat -p coder --once\nHello")
    ran = await chat.ok("%chat code")
    assert [one["text"] for one in ran.payload if one["source"] == "set_next_input"] == ["x = 1"]


@pytest.mark.parametrize(
    "line", ["mode record", "mode replay", "cassette x.chat.jsonl", "adopt x.ipynb", "export x.md"]
)
async def test_in_a_folder_that_is_gone_the_command_says_so_and_chats_go_on(
    chat: Kernel, tmp_path: Path, line: str
) -> None:
    gone = str(tmp_path / "branch")
    await chat.ok(
        f"import os; before = os.getcwd(); os.mkdir({gone!r}); os.chdir({gone!r}); os.rmdir({gone!r})"
    )
    ran = await chat.run(f"%chat {line}")
    said = "\n".join(ran.error)
    await chat.ok("os.chdir(before)")
    assert "this kernel works is gone" in said or "x.md cannot be written" in said
    assert len(said.splitlines()) == 2
    assert await prompt_of(chat, "%%chat --once\n!echo on") == "!echo on"
