"""What is asked of each peer, and what is noted of it."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias

from benchmarks.peers.environments import Peer
from benchmarks.peers.kernels import PeerKernel, Ran, peer_kernel

Figures: TypeAlias = dict[str, float | str]
"""What one round showed: a number, or a text where there is none."""

CONFESSIONS = ("broken off", "cut off", "incomplete", "truncated", "ended early")
"""Words by which a reply would be told from a whole one."""

LINE_BYTES = len(f"{0:07d} " + "lorem ipsum " * 4 + "dolor.\n")
_NUMBERS = itertools.count()


class Visit:
    """One peer in one round: a fresh kernel, and another one wherever the first is lost."""

    def __init__(self, peer: Peer, specifications: Path, variables: dict[str, str], base: str) -> None:
        self._peer = peer
        self._specifications = str(specifications)
        self._variables = variables
        self._base = base
        self._open = ExitStack()
        self._kernel: PeerKernel | None = None
        self.figures: Figures = {}

    def round(self) -> Figures:
        """Return all figures; one that fails holds the reason."""
        measures: list[tuple[tuple[str, ...], Callable[[], Iterator[float | str]]]] = [
            (("load_seconds", "load_bytes", "first_seconds", "first_bytes"), self._load),
            (("streams",), self._slow),
            (("times_10", "whole_10"), lambda: self._long(10)),
            (("times_100", "whole_100", "cpu_seconds", "long_seconds"), self._long_with_cpu),
            (("refused",), self._refused),
            (("no_end",), lambda: self._ending("!no-end-mark")),
            (("cut_off",), lambda: self._ending("!cut-off")),
            (("stop_seconds", "stop_lines"), self._stop),
        ]
        with self._open:
            for names, measure in measures:
                self._note(names, measure)
        return self.figures

    def _note(self, names: tuple[str, ...], measure: Callable[[], Iterator[float | str]]) -> None:
        try:
            self.figures.update(zip(names, measure(), strict=True))
        except Exception as error:  # a peer may fail in any way, and the table has to say how
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            print(f"  {self._peer.name}: {names[0]}: {reason}", file=sys.stderr, flush=True)
            self.figures.update(dict.fromkeys(names, f"– ({reason})"))
            self._open.close()
            self._kernel = None

    def _start(self) -> PeerKernel:
        fresh = peer_kernel(self._peer.environment, self._specifications, self._variables)
        return self._open.enter_context(fresh)

    def _ready(self) -> PeerKernel:
        if self._kernel is None:
            self._kernel = self._start()
            self._must(self._kernel.run(self._peer.cell(self._peer.load, self._base)))
        return self._kernel

    def _ask(self, prompt: str, **how: float | bytes) -> Ran:
        cell = self._peer.cell(self._peer.ask, self._base, prompt, next(_NUMBERS))
        return self._ready().run(cell, **how)  # type: ignore[arg-type]

    def _must(self, ran: Ran) -> Ran:
        if ran.status != "ok":
            raise RuntimeError(ran.last_error)
        return ran

    def _load(self) -> Iterator[float]:
        kernel = self._kernel = self._start()
        before = kernel.rss_bytes
        yield self._must(kernel.run(self._peer.cell(self._peer.load, self._base))).seconds
        yield kernel.rss_bytes - before
        yield self._must(self._ask("hello")).seconds
        yield kernel.rss_bytes - before

    def _slow(self) -> Iterator[str]:
        ran = self._must(self._ask("!slow", listen_for=b"The"))
        if ran.heard_after is None:
            raise RuntimeError("the reply was never shown")
        yield "yes" if ran.heard_after < ran.seconds / 2 else "no"

    def _long(self, kilobytes: int) -> Iterator[float | str]:
        ran = self._must(self._ask(f"!long {kilobytes}", timeout=240))
        yield ran.iopub_bytes / (kilobytes * 1024)
        yield self._whole(ran, kilobytes)

    def _long_with_cpu(self) -> Iterator[float | str]:
        ran = self._must(self._ask("!long 100", timeout=240))
        yield ran.iopub_bytes / 102_400
        yield self._whole(ran, 100)
        yield ran.cpu_seconds
        yield ran.seconds

    @staticmethod
    def _whole(ran: Ran, kilobytes: int) -> str:
        last = kilobytes * 1024 // LINE_BYTES - 1
        return "yes" if ran.holds(f"{last:07d} lorem") else "no"

    def _refused(self) -> Iterator[str]:
        ran = self._ask("!401")
        how = "the cell fails" if ran.status == "error" else "**the cell succeeds**"
        yield f"{how}, {ran.error_lines} lines"

    def _ending(self, prompt: str) -> Iterator[str]:
        ran = self._ask(prompt)
        kept = "text kept" if ran.holds("quick brown") else "text lost"
        if ran.status == "error":
            yield f"fails, {ran.error_lines} lines, {kept}"
        elif any(ran.holds(words) for words in CONFESSIONS):
            yield f"marked, {kept}"
        else:
            yield f"**as a whole reply**, {kept}" if ran.holds("quick brown") else "**nothing is shown**"

    def _stop(self) -> Iterator[float]:
        ran = self._ask("!never-closing", interrupt_after=1.5, timeout=20)
        if ran.stopped_after is None:
            raise RuntimeError("it ended before the interrupt")
        yield ran.stopped_after
        yield ran.error_lines
