from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from g4f_magic import secret
from tests.examples import register_profiles

# jsonschema, which nbformat imports, compiles grammars of addresses for a second that no test needs: it does without.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# Where llama.cpp and a model are installed, what is meant to be answered by the guide would be answered by a model.
os.environ["G4F_MAGIC_LOCAL_MODELS"] = "0"
# Nothing of this person's data has a say in a test, and nothing of a test is left there: its folder need not exist.
_DATA = Path(tempfile.mkdtemp(prefix="data"))
os.environ["XDG_DATA_HOME"] = str(_DATA / "shared")
# Or each of some hundred kernels and programs compiles the package anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
register_profiles()


ROOMS = (
    "kernel",
    "notebooks",
    "faults",
    "process",
    "contract",
    "terminal",
    "peers",
    "fuzz",
    "gateway",
    "panel",
    "unit",
)
"""Where tests run side by side, the rooms in this order: at the end stands what is short, so that no worker is left alone."""


def pytest_configure() -> None:
    """Let no loop be made when somebody only looks whether there is one: nobody would close it."""
    asyncio.set_event_loop(None)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not read a room of which nothing is run: each worker would, for seconds. `-m` says so, by the room's name."""
    is_left_out = f"not {collection_path.name}" in config.option.markexpr.split(" and ")
    return True if is_left_out and collection_path.parent == config.rootpath / "tests" else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what the profile "many" tries more often, as Hypothesis does with its own tests.

    Where there is more than one worker, put the long rooms first, too; within a room the order stays as shuffled.
    """
    for item in items:
        if hasattr(getattr(item, "module", None), "share"):
            item.add_marker("repeated")
    if os.environ.get("PYTEST_XDIST_WORKER"):
        ranks = {room: rank for rank, room in enumerate(ROOMS)}
        items.sort(key=lambda item: ranks.get(item.nodeid.split("/", 2)[1], 0))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Search for no garbage while tests are collected, and leave them out of each later search: they stay anyway.

    What is old is searched a tenth as often as usual: that takes a quarter of a second, and falls on any test.
    """
    gc.disable()
    result = yield
    gc.enable()
    gc.collect()
    gc.freeze()
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, 10 * old)
    return result


def pytest_unconfigure() -> None:
    shutil.rmtree(_DATA, ignore_errors=True)


_number = count()
_IN_THIS_PROCESS = {"unit", "contract", "gateway", "panel", "fuzz"}


@pytest.fixture(autouse=True)
def nothing_of_another_test(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give each test what no other has touched. One fixture, as each one costs every test a part of a millisecond."""
    # A data folder of its own: what services were asked is kept there. Kernels have one for a worker.
    shared = os.environ["XDG_DATA_HOME"]
    if request.node.nodeid.split("/", 2)[1] in _IN_THIS_PROCESS:
        os.environ["XDG_DATA_HOME"] = str(_DATA / str(next(_number)))
    # What the keyring gave is kept for a while, and the next test's is another.
    if (keys := sys.modules.get("g4f_magic.answering.keys")) is not None:
        keys._asked.clear()
    # How servers want to be asked: the next test's may have the address of one that is gone.
    for name, kept in (("responses_request", "_wanted"), ("rewording", "_known"), ("chooser", "_mute")):
        if (module := sys.modules.get(f"g4f_magic.providers.{name}")) is not None:
            getattr(module, kept).clear()
    # Secrets that a test made known: the text of the next would wait where it could be one's beginning. The values
    # stand in a closure, so that nothing else sees them.
    secrets: dict[str, None] = secret._remembered.__closure__[0].cell_contents
    before = dict(secrets)
    yield
    secrets.clear()
    secrets.update(before)
    os.environ["XDG_DATA_HOME"] = shared
    # Calls may be nested in a kernel and not here: asyncio is patched for good, and makes loops that nobody closes.
    assert not hasattr(asyncio, "_nest_patched")
