"""Many cases in one test: hundreds that take a millisecond each would cost more as tests of their own than they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def named(case: object) -> Iterator[None]:
    """Have a failure within say of which case it is."""
    try:
        yield
    except Exception as exc:
        exc.add_note(f"of the case {case}")
        raise
