"""Rows in a cassette: recorded in their order, the same table without a network, and known to `check`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from g4f_magic import Chat
from g4f_magic.cassette import OpenCassette
from g4f_magic.check.walk import check_notebook
from g4f_magic.errors import InputError, RowsFailedError
from g4f_magic.settings import Settings
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing

ROWS = ["good", "bad", "good", "fair"]


def recorder(service: Service, folder: Path, mode: str = "record", **more: Any) -> at:
    made = at(service, folder)
    made.settings.mode = mode
    made.settings.cassette = str(folder / "rows.chat.jsonl")
    made.chat = Chat("openai", settings=made.settings, base_url=service.url, model="tiny", **more)
    return made


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rows.chat.jsonl").read_text("utf-8").splitlines()]


async def test_replay_gives_the_same_table_with_nobody_there(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path) as chat:
        recorded = await chat.map(ROWS, "Label: {{item}}", parallel=2)
    assert [line["prompt"] for line in lines(tmp_path)] == ["Label: good", "Label: bad", "Label: fair"]
    asked = service.asked.total()
    settings = Settings(history="off", mode="replay", cassette=str(tmp_path / "rows.chat.jsonl"))
    chat = Chat("openai", settings=settings, model="tiny")
    assert await chat.map(ROWS, "Label: {{item}}") == recorded
    assert service.asked.total() == asked
    seen = {one.number: one.reply async for one in chat.stream_map(ROWS, "Label: {{item}}")}
    assert seen == {number: f"re: Label: {row}" for number, row in enumerate(ROWS)}


async def test_a_row_that_is_not_recorded_has_no_answer_in_replay(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path) as chat:
        await chat.map(["a"], "{{item}}")
    async with recorder(service, tmp_path, "replay") as chat:
        with pytest.raises(RowsFailedError, match="1 of 2 rows") as failed:
            await chat.map(["a", "b"], "{{item}}")
    table: Any = failed.value.table
    assert table[0]["reply"] == "re: a"
    assert "MissError" in table[1]["error"]
    assert service.asked.total() == 1


async def test_auto_asks_and_records_what_is_not_there(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path, "auto") as chat:
        await chat.map(["a"], "{{item}}")
    (tmp_path / "history.answers.sqlite").unlink()
    async with recorder(service, tmp_path, "auto") as chat:
        await chat.map(["a", "b"], "{{item}}")
    assert service.asked == {"a": 1, "b": 1}
    assert [line["prompt"] for line in lines(tmp_path)] == ["a", "b"]


async def test_what_was_answered_before_is_recorded_without_asking(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path, "live") as chat:
        await chat.map(["a", "b"], "{{item}}")
    async with recorder(service, tmp_path) as chat:
        await chat.map(["b", "a", "c"], "{{item}}")
    assert [line["prompt"] for line in lines(tmp_path)] == ["b", "a", "c"]
    assert max(service.asked.values()) == 1


@pytest.mark.parametrize("mode", ["record", "auto"])
async def test_what_is_recorded_later_stands_where_its_row_does(
    service: Service, tmp_path: Path, mode: str
) -> None:
    service.answer = lambda prompt: failing(400) if prompt in "adf" else "fine"
    async with recorder(service, tmp_path, mode) as chat:
        await chat.map(["before"], "{{item}}")
        await chat.map(list("abcdef"), "{{item}}", keep_going=True)
        await chat.map(["behind"], "{{item}}")
    before = (tmp_path / "rows.chat.jsonl").read_text("utf-8").splitlines()
    service.answer = lambda prompt: "fine"
    async with recorder(service, tmp_path, mode) as chat:
        await chat.map(list("abcdef"), "{{item}}")
    assert [line["prompt"] for line in lines(tmp_path)] == ["before", *"abcdef", "behind"]
    if mode == "auto":
        assert set(before) <= set((tmp_path / "rows.chat.jsonl").read_text("utf-8").splitlines())


async def test_auto_records_what_was_answered_before_without_asking(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path, "live") as chat:
        await chat.map(["a", "b"], "{{item}}")
    async with recorder(service, tmp_path, "auto") as chat:
        await chat.map(["a", "b", "c"], "{{item}}")
    assert [line["prompt"] for line in lines(tmp_path)] == ["a", "b", "c"]
    assert service.asked.total() == 3


async def test_auto_asks_all_anew_where_that_is_wished(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path, "auto") as chat:
        await chat.map(["a", "b"], "{{item}}")
        service.answer = lambda prompt: "another"
        out = await chat.map(["a", "b"], "{{item}}", fresh=True)
        seen = [one.reply async for one in chat.stream_map(["a"], "{{item}}", fresh=True)]
    assert [row["reply"] for row in out] == ["another", "another"]
    assert seen == ["another"]
    assert service.asked == {"a": 3, "b": 2}
    assert [line["prompt"] for line in lines(tmp_path)] == ["a", "b"]


async def test_a_stream_leaves_what_is_recorded_as_it_is(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path, "auto") as chat:
        await chat.map(["a", "c"], "{{item}}")
    before = (tmp_path / "rows.chat.jsonl").read_text("utf-8").splitlines()
    (tmp_path / "history.answers.sqlite").unlink()
    async with recorder(service, tmp_path, "auto") as chat:
        assert len([one async for one in chat.stream_map(["a", "b", "c"], "{{item}}")]) == 3
    after = (tmp_path / "rows.chat.jsonl").read_text("utf-8").splitlines()
    assert [after[0], after[2]] == before
    assert service.asked == {"a": 1, "b": 1, "c": 1}


async def test_a_row_without_an_answer_is_not_recorded(service: Service, tmp_path: Path) -> None:
    service.answer = lambda prompt: failing(400) if prompt == "bad" else "fine"
    async with recorder(service, tmp_path) as chat:
        await chat.map(ROWS, "{{item}}", keep_going=True)
    assert [line["prompt"] for line in lines(tmp_path)] == ["good", "fair"]


async def test_a_row_that_holds_a_key_is_not_sent_to_be_recorded(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORP_API_KEY", "corp-0123456789abcdef")
    async with recorder(service, tmp_path) as chat:
        with pytest.raises(InputError, match="holds a key"):
            await chat.map(["a", "corp-0123456789abcdef"], "{{item}}")
    assert not service.asked


async def test_check_knows_the_rows_of_a_cell(service: Service, tmp_path: Path) -> None:
    async with recorder(service, tmp_path) as chat:
        await chat.map(ROWS, "Label: {{item}}\nof {{item}}", parallel=2)
    made = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("%load_ext g4f_magic"),
            nbformat.v4.new_code_cell(
                "%%chat -p openai -m tiny --each rows -o out\nLabel: {{item}}\nof {{item}}"
            ),
            nbformat.v4.new_code_cell("%%chat -p openai -m tiny --each rows -o out\nName: {{item}}"),
        ]
    )
    notebook = tmp_path / "rows.ipynb"
    nbformat.write(made, notebook)
    found = check_notebook(notebook, OpenCassette(tmp_path / "rows.chat.jsonl").index)
    assert found.held == 1
    assert found.unused == ()
    assert [problem.cell for problem in found.misses] == [3]
    assert "for each row" in found.misses[0].text
