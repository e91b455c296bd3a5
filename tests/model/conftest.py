from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.model.llama import Llama, missing, serving


@pytest.fixture(scope="session")
def llama() -> Iterator[Llama]:
    """One server for all tests of a process; skipped, with the reason, where there is none."""
    if why := missing():
        pytest.skip(why)
    with serving() as server:
        yield server
