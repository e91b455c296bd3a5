"""The garbage collector is told to leave the old objects alone, and afterwards all is as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from g4f_magic.many.collector import old_objects_spared


@pytest.fixture
def unfrozen() -> Iterator[None]:
    """As in a program of its own: the tests freeze what was collected."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_what_is_there_is_spared_and_afterwards_no_more(unfrozen: None) -> None:
    with old_objects_spared():
        assert gc.get_freeze_count()
        with old_objects_spared():
            pass
        assert gc.get_freeze_count()  # by whoever came first
    assert not gc.get_freeze_count()


def test_what_somebody_froze_stays_frozen(unfrozen: None) -> None:
    gc.freeze()
    with old_objects_spared():
        pass
    assert gc.get_freeze_count()
