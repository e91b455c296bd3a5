"""What tests of Tab share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def own_parses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Have jedi keep what it parsed in a folder of this process.

    It writes into that of the account as it goes: who reads there meanwhile gets a part, and completes nothing.
    """
    from jedi import settings

    settings.cache_directory = str(tmp_path_factory.mktemp("jedi"))
    return Path(settings.cache_directory)
