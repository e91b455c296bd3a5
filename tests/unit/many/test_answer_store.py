"""Letting go of an answer store, wherever that happens."""

from __future__ import annotations

import asyncio
import threading
from contextlib import nullcontext

from g4f_magic.many.answer_store import AnswerStore
from tests.patience import PATIENCE_SECONDS


def test_a_store_that_is_no_more_waits_for_no_thread() -> None:
    stores = [AnswerStore(None)]
    assert asyncio.run(stores[0].count()) == 0
    let_go = threading.Event()

    def starts() -> None:
        # As a thread that is starting, where the garbage collector may come: it holds this lock of threading (before
        # Python 3.13), and joining another thread needs it, too.
        with getattr(threading, "_shutdown_locks_lock", None) or nullcontext():
            stores.clear()
        let_go.set()

    threading.Thread(target=starts, daemon=True).start()
    assert let_go.wait(PATIENCE_SECONDS)
