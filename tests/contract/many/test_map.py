"""A table that is asked row by row: what is sent, what comes back, and in which kind of table."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pandas
import polars
import pyarrow
import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError, RowsFailedError
from g4f_magic.many.job import Wish, prepared, store_of
from g4f_magic.many.pacing import Limits
from g4f_magic.settings import Settings
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing, serving

TEXTS = ["good", "bad", "good"]


async def test_each_row_is_asked_by_itself(chat: Chat, service: Service) -> None:
    out = await chat.map([{"text": "good"}, {"text": "bad"}], "Label: {{text}}")
    assert out == [
        {"text": text, "reply": f"re: Label: {text}", "error": None, "seconds": row["seconds"], "tokens": 10}
        for text, row in zip(["good", "bad"], out, strict=True)
    ]
    assert [body["messages"] for body in service.bodies] == [
        [{"role": "user", "content": f"Label: {text}"}] for text in ("good", "bad")
    ]


async def test_what_several_rows_ask_is_asked_once(chat: Chat, service: Service) -> None:
    out = await chat.map(TEXTS, "Label: {{item}}")
    assert [row["reply"] for row in out] == [f"re: Label: {text}" for text in TEXTS]
    assert service.asked == {"Label: good": 1, "Label: bad": 1}


async def test_what_was_answered_is_not_asked_again(service: Service, tmp_path: Path) -> None:
    for _ in range(2):
        async with at(service, tmp_path) as chat:
            out = await chat.map(TEXTS, "Label: {{item}}")
    assert [row["reply"] for row in out] == [f"re: Label: {text}" for text in TEXTS]
    assert service.asked.total() == 2


async def test_a_changed_row_prompt_or_parameter_asks_just_what_changed(
    service: Service, tmp_path: Path
) -> None:
    async with at(service, tmp_path) as chat:
        await chat.map(["a", "b"], "Label: {{item}}")
        await chat.map(["a", "c"], "Label: {{item}}")
        assert service.asked == {"Label: a": 1, "Label: b": 1, "Label: c": 1}
        await chat.map(["a", "b"], "Name: {{item}}")
        assert service.asked.total() == 5
    for options in ({"temperature": 0.5}, {"system": "Be brief."}, {"model": "other"}):
        before = service.asked.total()
        async with at(service, tmp_path, **options) as chat:
            await chat.map(["a"], "Label: {{item}}")
        assert service.asked.total() == before + 1, options


async def test_fresh_asks_all_anew(chat: Chat, service: Service) -> None:
    await chat.map(["a"], "{{item}}")
    service.answer = lambda prompt: "another"
    assert (await chat.map(["a"], "{{item}}"))[0]["reply"] == "re: a"
    assert (await chat.map(["a"], "{{item}}", fresh=True))[0]["reply"] == "another"
    assert (await chat.map(["a"], "{{item}}"))[0]["reply"] == "another"


async def test_the_same_name_at_another_host_is_another_service(
    service: Service, chat: Chat, tmp_path: Path
) -> None:
    await chat.map(["a"], "{{item}}")
    async with serving() as other, at(other, tmp_path) as elsewhere:
        await elsewhere.map(["a"], "{{item}}")
    assert other.asked.total() == 1


async def test_a_frame_of_pandas_keeps_its_index_whatever_stands_in_it_twice(chat: Chat) -> None:
    frame = pandas.DataFrame({"text": TEXTS, "n": [1, 2, 3]}, index=["x", "x", "y"])
    out = await chat.map(frame, "{{text}}")
    assert list(out.index) == ["x", "x", "y"]
    assert list(out.columns) == ["text", "n", "reply", "error", "seconds", "tokens"]
    assert list(out["reply"]) == [f"re: {text}" for text in TEXTS]
    assert list(frame.columns) == ["text", "n"]


@dataclass
class Review:
    text: str


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        (polars.DataFrame({"text": TEXTS}), polars.DataFrame),
        (polars.LazyFrame({"text": TEXTS}), polars.DataFrame),
        (pyarrow.table({"text": TEXTS}), pyarrow.Table),
        ({"text": TEXTS}, dict),
        ([Review(text) for text in TEXTS], list),
        (({"text": text} for text in TEXTS), list),
        (pandas.DataFrame({"text": TEXTS}), pandas.DataFrame),
    ],
    ids=["polars", "lazy", "arrow", "columns", "objects", "generator", "pandas"],
)
async def test_the_table_is_of_the_kind_that_the_rows_were(chat: Chat, rows: Any, kind: type) -> None:
    out = await chat.map(rows, "{{text}}")
    assert isinstance(out, kind)
    replies = [row["reply"] for row in out] if isinstance(out, list) else list(out["reply"])
    assert list(map(str, replies)) == [f"re: {text}" for text in TEXTS]


@pytest.mark.parametrize(
    "rows", [pandas.Series(TEXTS, index=[5, 5, 6]), polars.Series("t", TEXTS)], ids=["pandas", "polars"]
)
async def test_a_series_is_a_list_of_items(chat: Chat, rows: Any) -> None:
    out = await chat.map(rows, "{{item}}")
    assert list(out["item"]) == TEXTS
    assert list(out["reply"]) == [f"re: {text}" for text in TEXTS]


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


async def test_first_takes_a_few_of_what_does_not_end(chat: Chat, service: Service) -> None:
    def endless() -> Iterator[dict[str, int]]:
        for number in count():
            yield {"n": number}

    out = await chat.map(endless(), "{{n}}", first=3)
    assert [row["n"] for row in out] == [0, 1, 2]
    assert service.asked.total() == 3


async def test_a_stream_of_rows_takes_no_more_than_it_has_room_for(chat: Chat, service: Service) -> None:
    taken = 0

    def endless() -> Iterator[str]:
        nonlocal taken
        for number in count():
            taken += 1
            yield str(number)

    seen = {}
    async with aclosing(chat.stream_map(endless(), "{{item}}", parallel=4)) as replies:
        async for one in replies:
            seen[one.number] = one.reply
            if len(seen) == 100:
                break
    assert all(reply == f"re: {number}" for number, reply in seen.items())
    assert taken < 400


async def test_a_stream_tells_kept_repeated_and_failed_rows_too(chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(400) if prompt == "bad" else "fine"
    await chat.map(["kept"], "{{item}}")
    rows = ["kept", "new", "new", "bad", None]
    seen = {
        one.number: (one.row, one.reply, one.error is None) async for one in chat.stream_map(rows, "{{item}}")
    }
    assert seen == {
        0: ("kept", "fine", True),
        1: ("new", "fine", True),
        2: ("new", "fine", True),
        3: ("bad", None, False),
        4: (None, None, False),
    }
    assert service.asked == {"kept": 1, "new": 1, "bad": 1}


async def test_rows_that_are_awaited_are_rows(chat: Chat) -> None:
    async def coming() -> Any:
        for text in ("a", "b"):
            await asyncio.sleep(0)
            yield {"text": text}

    out = await chat.map(coming(), "{{text}}")
    assert [row["reply"] for row in out] == ["re: a", "re: b"]
    seen = [one.reply async for one in chat.stream_map(coming(), "{{text}}")]
    assert sorted(seen) == ["re: a", "re: b"]


def holding_after(service: Service, number: int) -> Any:
    """Return what answers so many, and has the others wait."""

    def answer(prompt: str) -> str:
        if service.hold is not None and service.answered.total() + 1 == number:
            service.hold.clear()
        return f"re: {prompt}"

    return answer


async def test_what_is_on_disk_when_it_is_stopped_is_in_the_table(chat: Chat, service: Service) -> None:
    service.hold = asyncio.Event()
    service.answer = holding_after(service, 40)
    service.hold.set()
    rows = [str(number) for number in range(200)]
    job = await prepared(chat._session, "{{item}}", rows, chat._options, Wish(limits=Limits(parallel=40)))

    async def run() -> None:
        async with aclosing(job.run()) as came:
            async for _ in came:
                await asyncio.sleep(0.01)

    running = asyncio.create_task(run())
    await service.until_asked(45)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    replies = {row["item"]: row["reply"] for row in job.table() if row["reply"] is not None}
    kept = await store_of(chat._session.settings).kept(list(job.first_rows))
    assert len(replies) == len(kept) >= 40


async def test_leaving_a_stream_early_waits_for_nobody(chat: Chat, service: Service) -> None:
    """Also where more came than was taken."""
    rows = [str(number) for number in range(200)]
    await chat.map(rows, "{{item}}")
    for _ in range(3):
        async with aclosing(chat.stream_map(iter(rows), "{{item}}", parallel=2)) as replies:
            async for _ in replies:
                await asyncio.sleep(0)
                break


async def test_stopping_keeps_what_came(service: Service, tmp_path: Path) -> None:
    service.hold = asyncio.Event()
    rows = [str(number) for number in range(20)]
    async with at(service, tmp_path) as chat:
        service.answer = holding_after(service, 8)
        job = asyncio.create_task(chat.map(rows, "{{item}}", parallel=4))
        await service.until_asked(4)
        service.hold.set()
        await service.until_asked(12)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        answered = service.answered.total()
        service.hold.set()
        out = await chat.map(rows, "{{item}}")
    assert [row["reply"] for row in out] == [f"re: {row}" for row in rows]
    again = sum(number - 1 for number in service.asked.values())
    assert answered >= 8
    assert again <= 8


async def test_no_more_are_under_way_than_allowed(chat: Chat, service: Service) -> None:
    await chat.map([str(number) for number in range(100)], "{{item}}", parallel=3)
    assert service.most <= 3


@pytest.mark.parametrize(
    ("rows", "prompt", "said"),
    [
        ([{"text": "a"}], "Label {{txt}}", "txt.* is no column"),
        ([{"text": "a"}], "Label it", "names no column"),
        ("a text", "{{item}}", "no table"),
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
        ({"schema": {"type": "object", "properties": {"a": {"enum": []}}}}, "a: it allows none"),
        ({"schema": {"type": "string", "minLength": 9, "maxLength": 3}}, "minLength 9 is above"),
        ({"schema": {"$ref": "#"}}, "nothing but itself"),
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


async def test_rows_of_all_kinds_are_asked_as_they_are(chat: Chat, service: Service) -> None:
    long = "x" * 100_000
    rows = [
        1,
        2.5,
        True,
        "{{item}} \\{{x}}",
        {"a": ["ü", None]},
        long,
        b"bytes",
        "  ",
        None,
        float("nan"),
        pandas.NA,
    ]
    out = await chat.map([{"v": row} for row in rows], "{{v}}")
    asked = [next(iter(body["messages"]))["content"] for body in service.bodies]
    assert sorted(asked) == sorted(
        ["1", "2.5", "True", "{{item}} \\{{x}}", '{"a": ["ü", null]}', long, "bytes"]
    )
    assert [row["error"] for row in out[:7]] == [None] * 7
    assert all("not asked" in row["error"] and row["reply"] is None for row in out[7:])


async def test_what_is_no_column_is_of_the_names_that_are_given(chat: Chat, service: Service) -> None:
    await chat.map([{"text": "a"}], "{{text}} in {{language}}", names={"language": "Latin", "text": "hidden"})
    assert list(service.asked) == ['a in "Latin"']


async def test_a_table_without_rows_is_a_table(chat: Chat, service: Service) -> None:
    assert await chat.map([], "{{item}}") == []
    frame = pandas.DataFrame({"text": []})
    out = await chat.map(frame, "{{text}}")
    assert list(out.columns) == ["text", "reply", "error", "seconds", "tokens"]
    assert len(out) == 0


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


async def test_kept_answers_are_for_the_owner_alone(chat: Chat, tmp_path: Path) -> None:
    await chat.map(["a"], "{{item}}")
    assert (tmp_path / "history.answers.sqlite").stat().st_mode & 0o077 == 0


async def test_a_file_that_is_another_programs_is_not_touched(
    chat: Chat, service: Service, tmp_path: Path
) -> None:
    (tmp_path / "history.answers.sqlite").write_text("not a database" * 1000)
    with pytest.raises(InputError, match="answers cannot be kept there"):
        await chat.map(["a"], "{{item}}")
    assert not service.asked
    assert (tmp_path / "history.answers.sqlite").read_text().startswith("not a database")


async def test_a_column_may_have_any_name(chat: Chat, service: Service) -> None:
    rows = [{"Review text": "good", "a.b": "x", "1": 7, "größe": "L", "a": {"b": "inner"}}]
    await chat.map(rows, '{{Review text}} {{ a.b }} {{1}} {{größe}} \\{{Review text}} {{{1}}} {{a["b"]}}')
    assert list(service.asked) == ["good x 7 L {{Review text}} {{{1}}} inner"]


async def test_a_row_without_the_path_that_the_prompt_names_fails_alone(chat: Chat, service: Service) -> None:
    out = await chat.map([{"a": {"b": 1}}, {"a": {}}], '{{a["b"]}}', keep_going=True)
    assert [row["reply"] for row in out] == ["re: 1", None]
    assert "has no ['b']" in out[1]["error"]
