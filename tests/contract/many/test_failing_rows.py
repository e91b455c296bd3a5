"""Rows that have no answer, what is not asked at all, and what cannot be written."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError, RowsFailedError
from g4f_magic.settings import Settings
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing, serving

TEXTS = ["good", "bad", "good"]


async def test_a_row_that_fails_fails_alone(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(400, "too rude") if prompt == "bad" else "fine"
    with pytest.raises(RowsFailedError, match="1 of 3 rows") as failed:
        await chat.map(TEXTS, "{{item}}")
    table: Any = failed.value.table
    assert [row["reply"] for row in table] == ["fine", None, "fine"]
    assert "too rude" in table[1]["error"]
    service.answer = lambda prompt: "fine"
    out = await chat.map(TEXTS, "{{item}}")
    assert [row["error"] for row in out] == [None] * 3
    assert service.asked == {"good": 1, "bad": 2}


async def test_keep_going_gives_the_table_with_the_errors_in_it(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(400) if prompt == "bad" else "fine"
    out = await chat.map(TEXTS, "{{item}}", keep_going=True)
    assert [row["reply"] for row in out] == ["fine", None, "fine"]


async def test_what_may_pass_is_tried_again(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(503) if service.asked[prompt] < 3 else "fine"
    out = await chat.map(["a", "b"], "{{item}}")
    assert [row["reply"] for row in out] == ["fine", "fine"]
    assert service.asked == {"a": 3, "b": 3}


async def test_a_service_that_is_gone_is_not_asked_ten_thousand_times(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(503) if int(prompt) >= 50 else "fine"
    with pytest.raises(RowsFailedError) as failed:
        await chat.map([str(number) for number in range(5_000)], "{{item}}", parallel=4)
    table: Any = failed.value.table
    assert service.asked.total() < 300
    assert sum(row["reply"] is not None for row in table) == 50
    assert "not asked" in table[-1]["error"]


async def test_a_wrong_key_ends_it_at_once(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(401, "invalid api key")
    with pytest.raises(RowsFailedError, match="401"):
        await chat.map([str(number) for number in range(500)], "{{item}}", parallel=2)
    assert service.asked.total() <= 8


@pytest.mark.parametrize(
    ("rows", "prompt", "said"),
    [
        ([{"text": "a"}], "Label {{txt}}", "txt.* is not a column"),
        ([{"text": "a"}], "Label it", "names no column"),
        ("a text", "{{item}}", "not a table"),
        (7, "{{item}}", "no rows"),
        ({"a": [1], "b": [1, 2]}, "{{a}}", "not of one length"),
        ({"a": "text"}, "{{a}}", "a list for each name"),
        ([{"text": "a"}], " ", "prompt is empty"),
        (count(), "{{item}}", "1,000,000 rows came, and no end"),
    ],
)
async def test_what_cannot_be_asked_is_said_and_nothing_is_sent(
    chat: Chat, service: Service, rows: Any, prompt: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        await chat.map(rows, prompt)
    assert not service.asked


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"schema": "stars: 5..1"}, "begins above its end"),
        (
            {"schema": {"type": "object", "properties": {"a": {"enum": []}}, "required": ["a"]}},
            "a: it allows no value",
        ),
        ({"schema": {"type": "string", "minLength": 9, "maxLength": 3}}, "minLength 9 is above"),
        ({"schema": {"$ref": "#"}}, "holds itself, without an end"),
        ({"schema": {"type": "strin"}}, "cannot be"),
        ({"schema": "label: good|"}, "cannot be read"),
        ({"schema": "label: str, error: str"}, "a field 'error'"),
        ({"first": 0}, "first=0"),
        ({"parallel": -3}, "parallel=-3"),
    ],
    ids=str,
)
async def test_what_cannot_be_wished_for_is_said_and_nothing_is_sent(
    chat: Chat, service: Service, wanted: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        await chat.map(["a"], "{{item}}", **wanted)
    assert not service.asked


class Unwritable:
    """Cannot be written as text."""

    def __str__(self) -> str:
        raise RuntimeError("no")


async def test_a_row_that_cannot_be_written_fails_alone(chat: Chat, service: Service) -> None:
    out = await chat.map([{"v": Unwritable()}, {"v": "ok"}], "{{v}}", keep_going=True)
    assert [row["reply"] for row in out] == [None, "re: ok"]
    assert out[0]["error"] == "not asked: v cannot be written: RuntimeError"
    assert list(service.asked) == ["ok"]


async def test_a_service_that_dies_halfway_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    rows = [f"row {number}" for number in range(60)]
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(serving())
        gone = asyncio.Event()
        first.answer = lambda prompt: f"re: {prompt}" if first.answered.total() < 30 else gone.set() or "late"
        async with at(first, tmp_path) as chat:
            job = asyncio.create_task(chat.map(rows, "{{item}}", parallel=4))
            await gone.wait()
            await stack.aclose()
            with pytest.raises(RowsFailedError, match="rows have no answer") as failed:
                await job
        table: Any = failed.value.table
        assert sum(row["reply"] is not None for row in table) >= 30
        asked = first.asked.total()
        assert asked <= 60


async def test_a_key_that_a_service_echoes_is_in_no_table_and_no_file(
    chat: Chat, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "corp-0123456789abcdef"
    monkeypatch.setenv("CORP_API_KEY", key)
    service.answer = lambda prompt: (
        f"your key is {key}" if prompt == "a" else failing(400, f"not this: {key}")
    )
    out = await chat.map(["a", "b"], "{{item}}", keep_going=True)
    assert out[0]["reply"] == "your key is ***"
    assert key not in str(out)
    for file in tmp_path.iterdir():
        assert key.encode() not in file.read_bytes()


async def test_the_offline_guide_answers_no_rows(tmp_path: Path) -> None:
    settings = Settings(history=str(tmp_path / "history.sqlite"), engine="guide", local_models=False)
    chat = Chat("koala", settings=settings)
    with pytest.raises(InputError, match="answers no rows"):
        await chat.map(["a"], "{{item}}")
    await chat.aclose()


async def test_a_file_that_is_another_programs_is_not_touched(
    chat: Chat, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "history.answers.sqlite").write_text("not a database" * 1000)
    with pytest.raises(InputError, match="answers cannot be kept there"):
        await chat.map(["a"], "{{item}}")
    assert not service.asked
    assert (tmp_path / "history.answers.sqlite").read_text().startswith("not a database")


async def test_a_row_without_the_path_that_the_prompt_names_fails_alone(chat: Chat, service: Service) -> None:
    out = await chat.map([{"a": {"b": 1}}, {"a": {}}], '{{a["b"]}}', keep_going=True)
    assert [row["reply"] for row in out] == ["re: 1", None]
    assert "has no ['b']" in out[1]["error"]
