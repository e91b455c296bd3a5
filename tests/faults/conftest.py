from __future__ import annotations

from collections.abc import Iterator

import pytest

from g4f_magic.providers import base
from g4f_magic.providers.plugins import forget
from tests.faults.ways import Server


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("faults")).running() as server:
        yield server


@pytest.fixture(autouse=True, scope="module")
def put_back() -> Iterator[None]:
    """Leave nothing of `prepare` to other tests."""
    wait = base._wait
    yield
    base._wait = wait
    forget("aura-here")
