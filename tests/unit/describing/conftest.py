from __future__ import annotations

import pytest

from g4f_magic.describing import describe
from g4f_magic.describing.errors import described_error
from tests.patience import PATIENCE_SECONDS


@pytest.fixture(autouse=True)
def in_no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give what is described the time it needs on a machine that is busy; a test of the limit says its own."""
    for function in (describe, described_error):
        monkeypatch.setitem(function.__kwdefaults__, "seconds", PATIENCE_SECONDS)
