from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from g4f_magic import settings
from tests.contract.side_by_side.street import Street


@pytest.fixture
async def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Street]:
    monkeypatch.setattr(settings, "data_folder", lambda: tmp_path)
    street = Street(tmp_path)
    yield street
    await street.close()
