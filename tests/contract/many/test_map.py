"""A table that is asked row by row: what is sent, what comes back, and in which kind of table."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from g4f_magic import Chat
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, serving
from tests.optional import Optional

numpy, pandas, polars, pyarrow = map(Optional, ("numpy", "pandas", "polars", "pyarrow"))
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
        (lambda: polars.DataFrame({"text": TEXTS}), lambda: polars.DataFrame),
        (lambda: polars.LazyFrame({"text": TEXTS}), lambda: polars.DataFrame),
        (lambda: pyarrow.table({"text": TEXTS}), lambda: pyarrow.Table),
        (lambda: {"text": TEXTS}, lambda: dict),
        (lambda: [Review(text) for text in TEXTS], lambda: list),
        (lambda: ({"text": text} for text in TEXTS), lambda: list),
        (lambda: pandas.DataFrame({"text": TEXTS}), lambda: pandas.DataFrame),
    ],
    ids=["polars", "lazy", "arrow", "columns", "objects", "generator", "pandas"],
)
async def test_the_table_is_of_the_kind_that_the_rows_were(
    chat: Chat, rows: Callable[[], Any], kind: Callable[[], type]
) -> None:
    out = await chat.map(rows(), "{{text}}")
    assert isinstance(out, kind())
    replies = [row["reply"] for row in out] if isinstance(out, list) else list(out["reply"])
    assert list(map(str, replies)) == [f"re: {text}" for text in TEXTS]


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        (lambda: pandas.Series(TEXTS, index=[5, 5, 6]), "item"),
        (lambda: pandas.Series(TEXTS, name="text"), "text"),
        (lambda: polars.Series(TEXTS), "item"),
        (lambda: polars.Series("text", TEXTS), "text"),
        (lambda: pyarrow.array(TEXTS), "item"),
        (lambda: pyarrow.chunked_array([TEXTS]), "item"),
    ],
    ids=["pandas", "pandas named", "polars", "polars named", "arrow", "arrow chunks"],
)
async def test_a_series_is_a_list_of_items_that_may_have_a_name(
    chat: Chat, rows: Callable[[], Any], column: str
) -> None:
    for name in {"item", column}:
        out = await chat.map(rows(), f"{{{{{name}}}}}")
        assert list(map(str, out[column])) == TEXTS
        assert list(map(str, out["reply"])) == [f"re: {text}" for text in TEXTS]


async def test_a_batch_of_arrow_is_a_table(chat: Chat) -> None:
    out = await chat.map(pyarrow.RecordBatch.from_pydict({"text": TEXTS}), "{{text}}")
    assert out.column_names == ["text", "reply", "error", "seconds", "tokens"]


@pytest.mark.parametrize("texts", [["a"], [None], ["a", None]], ids=["answered", "none", "some"])
async def test_what_is_told_of_rows_has_the_same_types_whatever_came(
    chat: Chat, texts: list[str | None]
) -> None:
    out = await chat.map(pandas.DataFrame({"text": texts}), "{{text}}")
    types = {name: str(kind) for name, kind in out.dtypes.items() if name != "text"}
    assert types == {"reply": "object", "error": "object", "seconds": "float64", "tokens": "Int64"}
    frame = await chat.map(polars.DataFrame({"text": texts}, schema={"text": polars.String}), "{{text}}")
    told = [frame.schema[name] for name in ("reply", "error", "seconds", "tokens")]
    assert told == [polars.String, polars.String, polars.Float64, polars.Int64]


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


async def test_kept_answers_are_for_the_owner_alone(chat: Chat, tmp_path: Path) -> None:
    await chat.map(["a"], "{{item}}")
    assert (tmp_path / "history.answers.sqlite").stat().st_mode & 0o077 == 0


async def test_a_column_may_have_any_name(chat: Chat, service: Service) -> None:
    rows = [{"Review text": "good", "a.b": "x", "1": 7, "größe": "L", "a": {"b": "inner"}}]
    await chat.map(rows, '{{Review text}} {{ a.b }} {{1}} {{größe}} \\{{Review text}} {{{1}}} {{a["b"]}}')
    assert list(service.asked) == ["good x 7 L {{Review text}} {{{1}}} inner"]


def of_a_database() -> list[Any]:
    with closing(sqlite3.connect(":memory:")) as db:
        db.row_factory = sqlite3.Row
        return db.execute("SELECT 'good' AS text, 1 AS n").fetchall()


@pytest.mark.parametrize(
    "rows",
    [
        of_a_database,
        lambda: numpy.array([("good", 1)], dtype=[("text", "U4"), ("n", "i4")]),
    ],
    ids=["database", "structured"],
)
async def test_what_has_names_is_a_record(chat: Chat, rows: Callable[[], Any]) -> None:
    out = await chat.map(rows(), "{{text}} {{n}}")
    assert [row["reply"] for row in out] == ["re: good 1"]
    assert list(out[0])[:2] == ["text", "n"]
