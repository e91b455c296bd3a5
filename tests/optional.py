"""Libraries that not every environment has, and that take long to import: only the worker whose test uses one does it."""

from __future__ import annotations

from typing import Any

import pytest


class Optional:
    """A module that is imported when something of it is first used; a test is skipped where it is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # what pytest asks of all that stands in a module
            raise AttributeError(attribute)
        return getattr(pytest.importorskip(self._name), attribute)
