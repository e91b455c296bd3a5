"""A cell that asks once for each row, in a real kernel."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.contract.many.serving import Service, failing, holding_after, serving
from tests.kernel.kernels import Kernel

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(find_spec("pandas") is None, reason="the tables of these tests are pandas'"),
]

ROWS = "rows = [{'text': t} for t in ('good', 'bad', 'good')]"


@pytest_asyncio.fixture(loop_scope="module")
async def service() -> AsyncIterator[Service]:
    async with serving() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def rows(chat: Kernel, service: Service, tmp_path: Path) -> Kernel:
    """That kernel, with answers of its own."""
    await chat.ok(f"%config ChatMagics.history = {str(tmp_path / 'history.sqlite')!r}")
    await chat.ok(ROWS)
    return chat


def cell(service: Service, options: str = "-o out", prompt: str = "Label: {{text}}") -> str:
    return f"%%chat -p {service.url} -m tiny --each rows {options}\n{prompt}"


async def test_the_table_is_in_the_variable(rows: Kernel, service: Service) -> None:
    ran = await rows.run(cell(service))
    assert ran.status == "ok", ran.error
    assert "2 of 2 requests" in ran.plain
    assert (
        await rows.value("[row['reply'] for row in out]")
        == "['re: Label: good', 're: Label: bad', 're: Label: good']"
    )
    assert service.asked == {"Label: good": 1, "Label: bad": 1}


async def test_a_dry_run_says_what_would_be_asked_and_sends_nothing(rows: Kernel, service: Service) -> None:
    ran = await rows.run(cell(service, "--dry-run"))
    assert "3 rows, 2 distinct requests" in ran.plain
    assert "roughly" in ran.plain
    assert "Label: good" in ran.plain
    assert not service.asked


async def test_before_anything_is_sent_it_says_what_and_shows_the_first(
    rows: Kernel, service: Service
) -> None:
    await rows.ok("rows[0]['text'] = '<b>good</b> ' + 'x' * 5_000")
    before, _ = (await rows.ok(cell(service))).of_type("display_data")
    assert "3 rows, 3 distinct requests" in before["data"]["text/plain"]
    html = before["data"]["text/html"]
    assert "<details><summary>The first of them" in html
    assert "Label: &lt;b&gt;good" in html
    assert len(html) < 4_000
    again, _ = (await rows.ok(cell(service))).of_type("display_data")
    assert "3 answered before" in again["data"]["text/plain"]
    assert "The first" not in again["data"]["text/html"]


async def test_above_the_limit_the_person_is_asked_and_nobody_there_means_no(
    rows: Kernel, service: Service
) -> None:
    await rows.ok("%config ChatMagics.ask_above = 1")
    try:
        ran = await rows.run(cell(service))
        assert ran.status == "error"
        assert "2 requests would be sent" in "\n".join(ran.error)
        assert not service.asked
    finally:
        await rows.ok("%config ChatMagics.ask_above = 1000")


async def test_a_row_without_an_answer_fails_the_cell_and_the_table_is_there(
    rows: Kernel, service: Service
) -> None:
    service.answer = lambda prompt: failing(400, "too rude") if "bad" in prompt else "fine"
    ran = await rows.run(cell(service))
    assert ran.status == "error"
    assert "1 of 3 rows has no answer" in "\n".join(ran.error)
    assert await rows.value("[row['reply'] for row in out]") == "['fine', None, 'fine']"
    assert (await rows.run(cell(service, "-o out --keep-going"))).status == "ok"
    service.answer = lambda prompt: "fine"
    assert (await rows.run(cell(service))).status == "ok"
    assert service.asked == {"Label: good": 1, "Label: bad": 3}


async def test_stopping_keeps_what_came_and_goes_on_from_there(rows: Kernel, service: Service) -> None:
    await rows.ok("rows = [{'text': str(number)} for number in range(40)]")
    service.hold = asyncio.Event()
    service.answer = holding_after(service, 8)
    running = asyncio.create_task(rows.run(cell(service, "-o out --parallel 4")))
    await service.until_asked(4)
    service.hold.set()
    await service.until_asked(12)
    await rows.interrupt()
    ran = await running
    assert ran.status == "error"
    assert ran.error == ["Stopped. What had arrived is kept."]
    assert "of 40 requests" in ran.plain
    assert int(await rows.value("sum(row['reply'] is not None for row in out)")) >= 4
    assert "it was stopped before" in await rows.value("out[-1]['error']")
    service.hold.set()
    await rows.ok(cell(service, "-o out --parallel 4"))
    assert await rows.value("sum(row['reply'] is not None for row in out)") == "40"
    assert service.asked.total() <= 40 + 8
    assert not await rows.leaks()


async def test_a_job_of_code_leaves_the_kernel_free(rows: Kernel, service: Service) -> None:
    service.hold = asyncio.Event()
    await rows.ok("import asyncio\nfrom g4f_magic import Chat")
    await rows.ok(f"chat = Chat({service.url!r}, model='tiny')")
    await rows.ok("job = asyncio.create_task(chat.map(['a', 'b'], '{{item}}', progress=False))")
    await service.until_asked(2)
    assert await rows.value("1 + 1") == "2"
    assert await rows.value("job.done()") == "False"
    service.hold.set()
    await rows.ok("table = await job")
    assert await rows.value("[row['reply'] for row in table]") == "['re: a', 're: b']"


async def test_in_the_background_other_cells_run_meanwhile(rows: Kernel, service: Service) -> None:
    service.hold = asyncio.Event()
    begun = await rows.ok(cell(service, "-o out --background"), cell="many")
    await service.until_asked(2)
    assert await rows.value("1 + 1") == "2"
    assert await rows.value("repr(out)") == (
        "'<0 of 2 requests answered, and it goes on: await it for the table>'"
    )
    assert await rows.value("[row['error'] for row in out.table]") == str(["not answered yet"] * 3)
    service.hold.set()
    await rows.ok("table = await out")
    assert (
        await rows.value("[row['reply'] for row in table] == [row['reply'] for row in await out]") == "True"
    )
    assert await rows.value("table[1]['reply']") == "'re: Label: bad'"
    before, shown = begun.of_type("display_data")
    assert "3 rows, 2 distinct requests" in before["data"]["text/plain"]
    bar = shown["transient"]["display_id"]
    assert "2 of 2 requests" in rows.outputs[bar]["text/plain"]
    assert not await rows.leaks()


async def test_an_interrupt_ends_the_waiting_with_one_line_and_not_the_job(
    rows: Kernel, service: Service
) -> None:
    service.hold = asyncio.Event()
    await rows.ok(cell(service, "-o out --background"), cell="many")
    await service.until_asked(2)
    begun = asyncio.Event()
    waiting = asyncio.create_task(
        rows.run("print('waits', flush=True)\nawait out", on_message=_seen("stream", begun))
    )
    await begun.wait()
    await rows.interrupt()
    ran = await waiting
    assert ran.error == ["Stopped waiting. The rows go on; stop() ends them."]
    service.hold.set()
    assert await rows.value("len(await out)") == "3"


def _seen(kind: str, begun: asyncio.Event) -> Callable[[dict[str, Any]], None]:
    """Return what notices a message of that type."""
    return lambda message: begun.set() if message["msg_type"] == kind else None


async def test_what_fails_in_the_background_is_shown_and_fails_who_awaits_it(
    rows: Kernel, service: Service
) -> None:
    service.answer = lambda prompt: failing(400, "too rude") if "bad" in prompt else "fine"
    await rows.ok(cell(service, "-o out --background"), cell="many")
    ran = await rows.run("await out")
    assert "1 of 3 rows has no answer" in "\n".join(ran.error)
    assert await rows.value("[row['reply'] for row in out.table]") == "['fine', None, 'fine']"


async def test_a_job_in_the_background_is_stopped_and_run_again_asks_nothing_twice(
    rows: Kernel, service: Service
) -> None:
    await rows.ok("rows = [{'text': str(number)} for number in range(30)]")
    service.hold = asyncio.Event()
    service.answer = holding_after(service, 8)
    service.hold.set()
    await rows.ok(cell(service, "-o out --background --parallel 4"), cell="many")
    await service.until_asked(12)
    await rows.ok("out.stop()")
    ran = await rows.run("await out")
    assert "it was stopped before" in "\n".join(ran.error)
    await rows.ok(cell(service, "-o out --background --parallel 4"), cell="many")
    await service.until_asked(14)
    again = await rows.ok(cell(service, "-o out --background --parallel 4"), cell="many")
    assert again
    service.answer = lambda prompt: f"re: {prompt}"
    service.hold.set()
    await rows.ok("table = await out")
    assert await rows.value("sum(row['reply'] is not None for row in table)") == "30"
    assert max(service.answered.values()) <= 3
    assert not await rows.leaks()


async def test_where_nobody_looks_on_the_background_is_waited_for(rows: Kernel, service: Service) -> None:
    await rows.ok(cell(service, "-o out --background"))
    assert await rows.value("out.done") == "True"
    ran = await rows.run(cell(service, "--background"))
    assert "wants a name" in "\n".join(ran.error)
    service.answer = lambda prompt: failing(400, "too rude")
    ran = await rows.run(cell(service, "-o out --background", "Another: {{text}}"))
    assert ran.status == "error"


async def test_options_of_many_belong_to_each(rows: Kernel, service: Service) -> None:
    ran = await rows.run(f"%%chat -p {service.url} -m tiny --first 3\nHello")
    assert "belong to --each" in "\n".join(ran.error)
    ran = await rows.run(f"%%chat -p {service.url} -m tiny --each rowz\n{{{{text}}}}")
    assert "did you mean rows" in "\n".join(ran.error)
    assert not service.asked


async def test_what_the_rows_themselves_raise_is_two_lines(rows: Kernel, service: Service) -> None:
    await rows.ok("def own():\n    yield {'text': 'a'}\n    raise KeyError('b')\nrows = own()")
    ran = await rows.run(cell(service))
    assert ran.error == [
        "InputError: the rows of --each rows raised KeyError: 'b'",
        "Nothing was sent. A cell with list(rows) shows where.",
    ]
    assert not service.asked


async def test_how_one_reply_is_shown_is_nothing_to_many(rows: Kernel, service: Service) -> None:
    ran = await rows.run(cell(service, "-o out -f json"))
    assert "many rows make a table" in "\n".join(ran.error)
    assert not service.asked


async def test_rows_may_be_an_expression(rows: Kernel, service: Service) -> None:
    await rows.ok(
        cell(service, "-o out --first 1").replace(
            "--each rows", "--each \"[row for row in rows if row['text'] == 'bad']\""
        )
    )
    assert list(service.asked) == ["Label: bad"]


async def test_what_rows_cost_is_listed_with_all_else(rows: Kernel, service: Service) -> None:
    await rows.ok(cell(service))
    here = (await rows.ok("%chat cost")).plain
    assert "20 tokens in 2 replies (2 to rows of tables)" in here
    for by, name in (("service", "openai"), ("model", "tiny"), ("day", "20"), ("notebook", "")):
        told = (await rows.ok(f"%chat cost {by}")).plain
        assert name in told
        assert "2 to rows of tables" in told


async def test_kept_answers_are_counted_and_forgotten(rows: Kernel, service: Service) -> None:
    await rows.ok(cell(service))
    assert "2 answers of rows are kept" in (await rows.ok("%chat answers")).plain
    ran = await rows.run("%chat answers --forget")
    assert "nobody is there" in "\n".join(ran.error)
    assert "2 answers" in (await rows.ok("%chat answers --forget --yes")).plain
    await rows.ok(cell(service))
    assert service.asked == {"Label: good": 2, "Label: bad": 2}
