"""Rows asked by the workers of a real cluster: processes of their own, one of which is killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError, RowsFailedError
from g4f_magic.many.job import store_of
from g4f_magic.many.reading import rows_of
from g4f_magic.wire.offline import offline
from tests.contract.many.conftest import at
from tests.contract.many.serving import Service, failing, holding_after
from tests.optional import Optional
from tests.patience import PATIENCE_SECONDS

distributed, pandas = Optional("distributed"), Optional("pandas")
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.timeout(300), pytest.mark.heavy]
KEY = "corp-0123456789abcdef"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two processes, each with a key in its own environment."""
    os.environ["CLUSTER_TEST_KEY"] = KEY
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            worker_dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as one,
    ):
        yield one
    del os.environ["CLUSTER_TEST_KEY"]


async def test_any_rows_are_asked_by_the_workers(client: Any, chat: Chat, service: Service) -> None:
    rows = [{"text": f"row {number % 40}"} for number in range(60)]
    with offline():  # this process
        out = await chat.map(rows, "{{text}}", on=client, parallel=4)
    assert [row["reply"] for row in out] == [f"re: {row['text']}" for row in rows]
    assert service.asked.total() == 40
    assert service.most <= 4
    await chat.map(rows, "{{text}}", on=client)
    assert service.asked.total() == 40


async def test_a_frame_of_dask_stays_one(client: Any, chat: Chat, service: Service) -> None:
    import dask.dataframe

    texts = [f"row {number % 25}" for number in range(50)]
    frame = pandas.DataFrame({"text": texts}, index=[number // 2 for number in range(50)])
    spread = dask.dataframe.from_pandas(frame, npartitions=3, sort=False)
    for _ in range(2):
        with offline():
            out = await chat.map(spread, "{{text}}")
        assert isinstance(out, dask.dataframe.DataFrame)
        table = out.compute()
        assert list(table.index) == list(frame.index)
        assert list(table["reply"]) == [f"re: {text}" for text in texts]
    assert max(service.asked.values()) == 1


async def test_a_bag_of_dask_stays_one(client: Any, chat: Chat) -> None:
    import dask.bag

    out = await chat.map(dask.bag.from_sequence(["a", "b", "c"], npartitions=2), "{{item}}")
    assert isinstance(out, dask.bag.Bag)
    assert [row["reply"] for row in out.compute()] == ["re: a", "re: b", "re: c"]


async def test_typed_replies_of_a_frame_of_dask_are_columns(
    client: Any, chat: Chat, service: Service
) -> None:
    import dask.dataframe

    service.answer = lambda prompt: '{"label": "good"}'
    spread = dask.dataframe.from_pandas(pandas.DataFrame({"text": ["a", "b"]}), npartitions=2)
    table = (await chat.map(spread, "{{text}}", schema="label: good|bad")).compute()
    assert list(table["label"]) == ["good", "good"]


async def test_a_row_that_fails_fails_alone_there_too(client: Any, chat: Chat, service: Service) -> None:
    service.answer = lambda prompt: failing(400, "too rude") if prompt == "bad" else "fine"
    with pytest.raises(RowsFailedError, match="1 of 3 rows") as failed:
        await chat.map(["a", "bad", "b"], "{{item}}", on=client)
    table: Any = failed.value.table
    assert [row["reply"] for row in table] == ["fine", None, "fine"]


def holding_some(service: Service, number: int) -> None:
    """Have the service answer so many, and then nothing until it is released."""
    service.answer = holding_after(service, number)
    service.hold = asyncio.Event()
    service.hold.set()


async def killed_in_the_middle(client: Any, service: Service, job: asyncio.Task[Any]) -> Any:
    """Kill a worker while requests of both are held, after most answers came; return the table."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while service.hold is None or service.hold.is_set() or service.now < 4:
            await asyncio.sleep(0.01)
    workers = await asyncio.to_thread(lambda: client.run(os.getpid))
    os.kill(next(iter(workers.values())), signal.SIGKILL)
    assert service.hold is not None
    service.answer = lambda prompt: f"re: {prompt}"
    service.hold.set()
    return await job


def check_counts(service: Service, rows: list[str]) -> None:
    """Each was asked; twice at most what was under way, or on its way back."""
    assert set(service.asked) == set(rows)
    assert max(service.asked.values()) <= 2
    assert service.asked.total() - len(rows) <= 4


async def test_of_a_worker_that_is_killed_only_what_was_under_way_is_asked_again(
    client: Any, service: Service, tmp_path: Path
) -> None:
    holding_some(service, 100)
    rows = [f"row {number}" for number in range(200)]
    async with at(service, tmp_path) as chat:
        job = asyncio.create_task(chat.map(rows, "{{item}}", on=client, parallel=4, progress=False))
        out = await killed_in_the_middle(client, service, job)
        (cost,) = await store_of(chat._session.settings).costs()
    assert [row["reply"] for row in out] == [f"re: {row}" for row in rows]
    check_counts(service, rows)
    assert 200 <= cost.replies <= 204


async def test_of_a_frame_of_dask_whose_worker_is_killed_too(
    client: Any, service: Service, tmp_path: Path
) -> None:
    import dask.dataframe

    await asyncio.to_thread(client.wait_for_workers, 2)  # one may have been killed before
    holding_some(service, 50)
    rows = [f"row {number}" for number in range(100)]
    spread = dask.dataframe.from_pandas(pandas.DataFrame({"text": rows}), npartitions=8)
    async with at(service, tmp_path) as chat:
        job = asyncio.create_task(chat.map(spread, "{{text}}", parallel=4))
        out = (await killed_in_the_middle(client, service, job)).compute()
    assert list(out["reply"]) == [f"re: {row}" for row in rows]
    check_counts(service, rows)


async def test_answers_are_kept_while_the_workers_go_on(
    client: Any, service: Service, tmp_path: Path
) -> None:
    """Whoever asked may be killed itself: what came is on disk, though no part has come to its end."""
    holding_some(service, 20)
    rows = [f"row {number}" for number in range(400)]
    async with at(service, tmp_path) as chat:
        job = asyncio.create_task(chat.map(rows, "{{item}}", on=client, parallel=4, progress=False))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await store_of(chat._session.settings).count() < 16:
                await asyncio.sleep(0.01)
        assert not job.done()
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        assert service.hold is not None
        service.hold.set()
        async with asyncio.timeout(PATIENCE_SECONDS):  # a task that runs sees that it is over
            while any((await asyncio.to_thread(client.processing)).values()) or service.now:
                await asyncio.sleep(0.05)
        assert service.asked.total() < 100


async def test_keys_are_the_workers_own_and_do_not_travel(
    client: Any, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed.protocol import pickle

    from g4f_magic.many.cluster import errand_of
    from g4f_magic.many.job import Wish, prepared

    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", service.url)
    made = at(service, tmp_path)
    chat = Chat("openai", settings=made.settings, model="tiny")
    job = await prepared(chat._session, "{{item}}", ["a"], chat._options, Wish())
    assert job.who is not None
    errand = errand_of(
        chat._session, chat._options, job.template.ask, job.who.served, job.who.place, job.wish.limits
    )
    assert KEY.encode() not in pickle.dumps(errand)


async def test_rows_of_dask_without_a_cluster_are_refused(service: Service, chat: Chat) -> None:
    with pytest.raises(InputError, match="not a client"):
        await chat.map(["a"], "{{item}}", on="somewhere")


def test_a_cell_is_told_how_rows_of_dask_are_asked() -> None:
    import dask.bag
    import dask.dataframe

    frame = dask.dataframe.from_pandas(pandas.DataFrame({"text": ["a"]}), npartitions=1)
    for rows in (frame, frame["text"], dask.bag.from_sequence(["a"])):
        with pytest.raises(InputError, match="spread over a cluster"):
            rows_of(rows)
