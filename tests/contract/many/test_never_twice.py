"""Whatever happens to a job, nothing that was answered is paid again, and the table is right in the end."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from g4f_magic.errors import RowsFailedError
from g4f_magic.many.job import Wish, prepared, store_of
from g4f_magic.many.writing import room_beside
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing, serving
from tests.examples import examples

pytestmark = pytest.mark.heavy

PARALLEL = 3
WORDS = [f"w{number}" for number in range(8)]
PROMPTS = ["Label: {{item}}", "Name: {{item}}"]

steps = st.one_of(
    st.tuples(st.just("run"), st.sets(st.sampled_from(WORDS), max_size=3)),
    st.tuples(st.just("kill"), st.integers(1, 8)),
    st.tuples(st.just("edit"), st.tuples(st.integers(0, 9), st.sampled_from(WORDS))),
    st.tuples(st.just("prompt"), st.sampled_from(PROMPTS)),
)


class Story:
    """A notebook and its service: what the person does, what is asked, and what may have been asked more than once."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self.folder = folder
        self.rows = [WORDS[number % 5] for number in range(10)]
        self.prompt = PROMPTS[0]
        self.refused: set[str] = set()
        self.lost: dict[str, int] = {}
        """How often each prompt was under way when the job was killed."""
        service.answer = self.answer

    def answer(self, prompt: str) -> Any:
        return failing(400, "no") if prompt.split()[-1] in self.refused else f"re: {prompt}"

    def asked(self, word: str) -> str:
        return self.prompt.replace("{{item}}", word)

    async def step(self, kind: str, what: Any) -> None:
        match kind:
            case "edit":
                self.rows[what[0]] = what[1]
            case "prompt":
                self.prompt = what
            case "run":
                self.refused = what
                await self.run()
            case "kill":
                self.refused = set()
                await self.kill(after=what)

    async def run(self) -> None:
        async with at(self.service, self.folder) as chat:
            try:
                table = await chat.map(self.rows, self.prompt, parallel=PARALLEL)
            except RowsFailedError as failed:
                table: Any = failed.table
        for word, row in zip(self.rows, table, strict=True):
            prompt = self.asked(word)
            assert row["item"] == word
            if self.service.answered[prompt] > self.lost.get(prompt, 0):
                assert (row["reply"], row["error"]) == (f"re: {prompt}", None)
            elif row["reply"] is None:
                assert word in self.refused
                assert "no" in row["error"]
            else:
                assert row["reply"] == f"re: {prompt}"

    async def kill(self, after: int) -> None:
        before = self.service.asked.copy()
        kept = {prompt for prompt, number in self.service.answered.items() if number}
        missing = {self.asked(word) for word in self.rows} - kept
        async with at(self.service, self.folder) as chat:
            job = asyncio.create_task(chat.map(self.rows, self.prompt, parallel=PARALLEL))
            if missing:
                await self.service.until_asked(before.total() + min(after, len(missing)))
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
        for prompt in self.service.asked - before:
            self.lost[prompt] = self.lost.get(prompt, 0) + 1


@examples(150, suppress_health_check=list(HealthCheck))
@given(story=st.lists(steps, max_size=8))
def test_each_distinct_request_is_answered_once_but_for_what_was_under_way(
    story: list[tuple[str, Any]],
) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with serving() as service:
                told = Story(service, Path(folder))
                for kind, what in [*story, ("run", set())]:
                    await told.step(kind, what)
                for prompt, number in service.answered.items():
                    assert number <= 1 + told.lost.get(prompt, 0), prompt

    asyncio.run(play())


CODE = """
import asyncio, sys
from g4f_magic import Chat
from g4f_magic.settings import Settings
url, folder, parallel = sys.argv[1], sys.argv[2], int(sys.argv[3])
chat = Chat(url, model="tiny", settings=Settings(history=folder + "/history.sqlite"))
rows = [str(number) for number in range(400)]
table = asyncio.run(chat.map(rows, "{{item}}", parallel=parallel))
assert [row["reply"] for row in table] == ["re: " + row for row in rows], table[:3]
"""


async def started(service: Service, folder: Path, parallel: int) -> asyncio.subprocess.Process:
    arguments = ("-c", CODE, service.url, str(folder), str(parallel))
    return await asyncio.create_subprocess_exec(sys.executable, *arguments)


@pytest.mark.parametrize(("parallel", "number"), [(8, 60), (8, 250), (40, 150)])
async def test_a_killed_process_loses_at_most_what_was_under_way(
    service: Service, tmp_path: Path, parallel: int, number: int
) -> None:
    process = await started(service, tmp_path, parallel)
    ended = asyncio.ensure_future(process.wait())
    asked = asyncio.ensure_future(service.until_asked(number))
    await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
    assert asked.done()
    process.kill()
    await ended
    rows = [str(number) for number in range(400)]
    async with at(service, tmp_path) as chat:
        table = await chat.map(rows, "{{item}}", parallel=parallel)
    assert [row["reply"] for row in table] == [f"re: {row}" for row in rows]
    assert set(service.answered) == {str(number) for number in range(400)}
    assert service.asked.total() <= 400 + parallel + room_beside(parallel)
    assert room_beside(8) == 0
    assert max(service.asked.values()) <= 2
    last = await started(service, tmp_path, parallel)  # which looks itself at what it gets
    before = service.asked.total()
    assert await last.wait() == 0
    assert service.asked.total() == before


async def test_jobs_that_ask_the_same_at_once_pay_once(service: Service, tmp_path: Path) -> None:
    service.answer = lambda prompt: failing(503) if service.asked[prompt] < 2 else f"re: {prompt}"
    rows = [str(number) for number in range(120)]
    async with at(service, tmp_path) as chat:
        jobs = [
            chat.map(rows[start:], "{{item}}", parallel=most) for start, most in ((0, 1), (0, 8), (60, 3))
        ]

        async def streamed() -> list[Any]:
            return [one async for one in chat.stream_map(rows[::-1], "{{item}}", parallel=2)]

        *tables, seen = await asyncio.gather(*jobs, streamed())
    assert (
        [row["reply"] for row in tables[0]]
        == [f"re: {row}" for row in rows]
        == [row["reply"] for row in tables[1]]
    )
    assert {one.row: one.reply for one in seen} == {row: f"re: {row}" for row in rows}
    assert max(service.answered.values()) == 1
    assert service.asked.total() <= 2 * 120


async def test_what_another_job_was_answered_since_it_was_planned_is_not_asked(
    service: Service, tmp_path: Path
) -> None:
    async with at(service, tmp_path) as chat:
        later = await prepared(chat._session, "{{item}}", ["a", "b", "c"], chat._options, Wish())
        await chat.map(["a", "b"], "{{item}}")
        told = [(request.number, outcome) async for request, outcome in later.run()]
    assert len(told) == 3
    assert [row["reply"] for row in later.table()] == ["re: a", "re: b", "re: c"]
    assert max(service.asked.values()) == 1


async def test_a_job_that_is_stopped_leaves_the_other_to_ask(service: Service, tmp_path: Path) -> None:
    service.hold = asyncio.Event()
    async with at(service, tmp_path) as chat:
        one = asyncio.create_task(chat.map(["a", "b"], "{{item}}"))
        await service.until_asked(2)
        other = asyncio.create_task(chat.map(["a", "b"], "{{item}}"))
        while store_of(chat._session.settings).claims.jobs < 2:
            await asyncio.sleep(0)
        one.cancel()
        await asyncio.gather(one, return_exceptions=True)
        service.hold.set()
        assert [row["reply"] for row in await other] == ["re: a", "re: b"]


async def test_fresh_asks_what_another_asks_at_once(service: Service, tmp_path: Path) -> None:
    async with at(service, tmp_path) as chat:
        await asyncio.gather(*(chat.map(["a"], "{{item}}", fresh=True) for _ in range(2)))
    assert service.asked == {"a": 2}


async def test_a_disk_that_is_full_loses_nothing_and_pays_nothing_twice(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [str(number) * 500 for number in range(300)]
    async with at(service, tmp_path) as chat:
        await chat.map(rows[:1], "{{item}}")
        store = _store_of(chat)
        await store._run(lambda: _limit(store, pages=12))
        with pytest.raises(RowsFailedError, match="disk is full") as failed:
            await chat.map(rows, "{{item}}", parallel=4)
        table: Any = failed.value.table
        answered = {row["item"] for row in table if row["reply"] is not None}
        assert answered
        assert len(answered) < 300
        assert answered == set(service.answered)
        await store._run(lambda: _limit(store, pages=100_000))
        table = await chat.map(rows, "{{item}}", parallel=4)
        assert [row["reply"] for row in table] == [f"re: {row}" for row in rows]
    assert max(service.answered.values()) == 1
    async with at(service, tmp_path) as chat:
        await chat.map(rows, "{{item}}")
    assert max(service.answered.values()) == 1


def _store_of(chat: Any) -> Any:
    from g4f_magic.many.job import store_of

    return store_of(chat._session.settings)


def _limit(store: Any, pages: int) -> None:
    """Have SQLite itself say that the disk is full: beyond so many pages there is no room."""
    store._opened().execute(f"PRAGMA max_page_count = {pages}")
