"""Answers on their way to the disk: who goes on meanwhile, who waits, and what is told when."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from g4f_magic.ask import Ask
from g4f_magic.costing import Cost
from g4f_magic.errors import ChatError, InputError
from g4f_magic.many.answer import Answer, RowRequest
from g4f_magic.many.bill import Bill
from g4f_magic.many.writing import Writing, room_beside


class Disk:
    """A disk that takes what it is given when it is let."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.lets = asyncio.Event()
        self.error: Exception | None = None
        self.is_asked = asyncio.Event()

    async def keep(self, answers: Sequence[tuple[bytes, Answer]], costs: Sequence[Cost] = ()) -> None:
        """Keep them when it is let."""
        self.is_asked.set()
        await self.lets.wait()
        if self.error is not None:
            raise self.error
        self.kept += [key for key, _ in answers]


class Told:
    """What was told, and whether the disk had it by then."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.found: list[tuple[bytes, bool, ChatError | None]] = []

    def __call__(self, request: RowRequest, answer: Answer, failure: ChatError | None) -> None:
        self.found.append((request.key, request.key in self._disk.kept, failure))


def brought(writing: Writing, number: int) -> list[asyncio.Task[None]]:
    """Bring so many answers at once."""
    requests = [RowRequest(one, b"%d" % one, Ask(prompt="?")) for one in range(number)]
    return [asyncio.create_task(writing.keep(one, Answer("yes"))) for one in requests]


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_whoever_brings_an_answer_goes_on_before_it_is_on_disk() -> None:
    disk = Disk()
    told = Told(disk)
    writing = Writing(disk, Bill(), told, room=3)
    tasks = brought(writing, 5)
    await turns()
    assert [task.done() for task in tasks] == [True] * 3 + [False] * 2
    assert not told.found
    disk.lets.set()
    await asyncio.gather(*tasks)
    await writing.settle()
    assert told.found == [(b"%d" % one, True, None) for one in range(5)]


async def test_with_no_room_each_waits_for_its_own() -> None:
    disk = Disk()
    told = Told(disk)
    writing = Writing(disk, Bill(), told, room=0)
    first = brought(writing, 1)
    await disk.is_asked.wait()
    later = brought(writing, 2)
    await turns()
    assert not any(task.done() for task in (*first, *later))
    disk.lets.set()
    await asyncio.gather(*first, *later)
    assert len(told.found) == 3


async def test_what_the_disk_does_not_take_is_told_with_the_reason() -> None:
    disk = Disk()
    disk.error = InputError("the disk is full", hint="")
    told = Told(disk)
    disk.lets.set()
    writing = Writing(disk, Bill(), told, room=0)
    await asyncio.gather(*brought(writing, 1))
    assert told.found == [(b"0", False, disk.error)]


async def test_a_mistake_of_ours_leaves_nobody_waiting_and_is_not_passed_over() -> None:
    disk = Disk()
    disk.error = ZeroDivisionError("a mistake")
    disk.lets.set()
    writing = Writing(disk, Bill(), Told(disk), room=0)
    await asyncio.gather(*brought(writing, 1))
    with pytest.raises(ZeroDivisionError):
        await writing.settle()


async def test_what_is_brought_by_one_who_is_gone_is_written_all_the_same() -> None:
    disk = Disk()
    writing = Writing(disk, Bill(), Told(disk), room=0)
    (task,) = brought(writing, 1)
    await disk.is_asked.wait()
    task.cancel()
    disk.lets.set()
    await writing.settle()
    assert disk.kept == [b"0"]


@pytest.mark.parametrize(("most", "room"), [(1, 0), (8, 0), (16, 0), (64, 12), (100, 21)])
def test_few_wait_for_the_disk_beside_those_under_way(most: int, room: int) -> None:
    assert room_beside(most) == room
