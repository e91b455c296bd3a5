"""The conversation as a static output under the panel: for who reads the notebook without its kernel."""

from __future__ import annotations

import asyncio
import html
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from g4f_magic.messages import Turn
from g4f_magic.renderers.provenance import provenance
from g4f_magic.renderers.visible import without_controls

_LONGEST = 200_000
"""Characters of HTML that are kept at most, those of the newest turns: each new turn sends them again."""
_PAUSE_SECONDS = 0.5
_QUIET = "font-size:.85em;opacity:.7"

Blocks = Callable[[Turn], list[str]]
"""Gives the reply of a settled turn as blocks of cleaned HTML."""


class KeptOutput:
    """One static output, which follows the conversation a moment later."""

    def __init__(self, name: str, publisher: Any) -> None:
        self.name = name
        self._publisher = publisher
        self._display_id = uuid.uuid4().hex
        self._is_there = False
        self._timer: asyncio.TimerHandle | None = None

    def show(self, bundle: dict[str, str]) -> None:
        """Make the output, in the running cell."""
        self._publish(bundle, update=self._is_there)
        self._is_there = True

    def follow(self, loop: asyncio.AbstractEventLoop, bundle: Callable[[], dict[str, str]]) -> None:
        """Renew the output in a moment; several calls are one."""
        if self._is_there and self._timer is None:
            self._timer = loop.call_later(_PAUSE_SECONDS, self._renew, bundle)

    def close(self) -> None:
        """Follow no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _renew(self, bundle: Callable[[], dict[str, str]]) -> None:
        self._timer = None
        self._publish(bundle(), update=True)

    def _publish(self, bundle: dict[str, str], *, update: bool) -> None:
        self._publisher.publish(bundle, transient={"display_id": self._display_id}, update=update)


def bundle_of(name: str, conversation: str, turns: Sequence[Turn], blocks: Blocks) -> dict[str, str]:
    """Return a conversation as static HTML and as plain text, its newest turns where it is long."""
    shown: list[tuple[str, str]] = []
    size = 0
    for turn in reversed([turn for turn in turns if turn.is_settled]):
        made = _turn(turn, "".join(blocks(turn)))
        size += len(made[0])
        if shown and size > _LONGEST:
            break
        shown.insert(0, made)
    left = sum(turn.is_settled for turn in turns) - len(shown)
    title = f"Conversation “{conversation}”"
    if left:
        title += f"; {left} earlier turn{'s' if left != 1 else ''} are in the history: %chat history"
    elif not shown:
        title += ": nothing was said yet"
    head = f'<div style="{_QUIET}">{html.escape(title)}</div>'
    body = "".join(made for made, _ in shown)
    return {
        "text/html": f'<div class="g4f-kept g4f-kept-{name}">{head}{body}</div>',
        "text/plain": "\n\n".join([title, *(plain for _, plain in shown)]),
    }


def _turn(turn: Turn, reply: str) -> tuple[str, str]:
    prompt = without_controls(turn.prompt.strip())
    line = provenance(turn)
    error = f"<p>{html.escape(turn.error)}</p>" if turn.error else ""
    made = (
        '<blockquote style="white-space:pre-wrap;margin:1em 0 .5em;padding-left:.8em;'
        f'border-left:3px solid #8886">{html.escape(prompt)}</blockquote>'
        f'{reply}{error}<div style="{_QUIET}">{html.escape(line)}</div>'
    )
    quoted = "\n".join(f"> {row}" for row in prompt.splitlines())
    said = without_controls(turn.reply.rstrip()) or turn.error
    return made, f"{quoted}\n\n{said}\n\n{line}"
