"""The garbage collector while many are asked: it looks at what comes, and not at all that was there before.

A full collection holds the loop for as long as the whole heap takes (some 70 ms with this package loaded, much more with a
notebook's own data), and with a hundred requests under way there is one every few seconds.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def old_objects_spared() -> Iterator[None]:
    """Leave what is there now out of collections inside; where somebody froze it already, nothing is changed."""
    if gc.get_freeze_count():
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
