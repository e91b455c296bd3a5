"""Calls of functions under a reply: folded, with the Python that ran, what it printed and what it gave. No I/O.

What a function gave is data: it is escaped as text, and never read as Markdown or HTML.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.renderer import Part
from g4f_magic.turn import CallStatus, Step, ToolCall, ToolResult
from g4f_magic.visible import make_visible

# No <pre>: what a function gave is no code of the reply, which pages offer to put into a cell.
_PRE = "white-space:pre-wrap;font-family:monospace;overflow-wrap:anywhere;max-height:20em;overflow:auto;margin:.2em 0"
_QUIET = "font-size:.85em;opacity:.7"
_LONGEST_TITLE = 160
_LONGEST_CODE = 20_000
_LONGEST_TEXT = 20_000
_ENDINGS: dict[CallStatus, str] = {
    "done": "",
    "failed": "failed",
    "refused": "not run",
    "stopped": "stopped",
}


class Called(NamedTuple):
    """One call, and its result once that is there."""

    call: ToolCall
    result: ToolResult | None

    @property
    def code(self) -> str:
        """Return the Python that it is, or ran in its place."""
        edited = self.result.edited if self.result else ""
        return python_of(self.call.name, edited or self.call.arguments)

    @property
    def ending(self) -> str:
        """Return in words how it ended, and how long it took."""
        result = self.result
        if result is None:
            return "under way …"
        seconds = result.seconds
        lasted = "" if seconds is None else f"{seconds:.1f} s" if seconds >= 0.1 else "under 0.1 s"
        return " · ".join(
            filter(None, ("changed by you" if result.edited else "", _ENDINGS[result.status], lasted))
        )


def calls_in(steps: Sequence[Step]) -> list[Called]:
    """Return the calls of an answer, in their order."""
    results = {step.id: step for step in steps if isinstance(step, ToolResult)}
    return [Called(step, results.get(step.id)) for step in steps if isinstance(step, ToolCall)]


def python_of(name: str, arguments: str) -> str:
    """Return a call as Python; as it came where its arguments are no JSON object. Bounded, and nothing in it acts."""
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict) and all(isinstance(one, str) and one.isidentifier() for one in value):
        code = f"{name}({', '.join(f'{one}={given!r}' for one, given in value.items())})"
    else:
        code = f"{name}({arguments})"
    return _short(make_visible(code), _LONGEST_CODE)


def parts(steps: Sequence[Step]) -> list[Part]:
    """Return the calls of an answer, a folded part each; in plain text, a line each and what it gave."""
    return list(map(part, calls_in(steps)))


def part(one: Called) -> Part:
    """Return one call in the same way."""
    return Part(folded(one), plain(one))


def all_folded(steps: Sequence[Step]) -> str:
    """Return all calls of an answer as HTML, each folded."""
    return "".join(map(folded, calls_in(steps)))


def folded(one: Called) -> str:
    """Return a call as HTML, folded."""
    title = " · ".join(filter(None, (_line(one.code), one.ending)))
    return f'<details style="{_QUIET}"><summary><code>{escaped(title)}</code></summary>{"".join(_inside(one))}</details>'


def _inside(one: Called) -> Iterator[str]:
    code = one.code
    if _line(code) != code:
        yield f'<div style="{_PRE}">{escaped(code)}</div>'
    if one.result is None:
        return
    if one.result.printed:
        yield f'<div>printed</div><div style="{_PRE}">{_text(one.result.printed)}</div>'
    if address := one.result.picture_address:
        yield f'<img alt="what it gave" style="max-width:100%" src="{address}">'
    yield f'<div>went back to the model</div><div style="{_PRE}">{_text(one.result.text)}</div>'


def plain(one: Called) -> str:
    """Return a call as text: a line, and the first lines of what it gave below it."""
    text = "" if one.result is None else _short(make_visible(one.result.text), 1_000)
    lines = "".join(f"\n    {line}" for line in text.splitlines())
    return f"{line(one)}{lines}\n\n"


def line(one: Called) -> str:
    """Return a call as a line of ours: `→ lookup(key='x') · 0.2 s`."""
    return " · ".join(filter(None, (f"→ {_line(one.code)}", one.ending)))


def _text(text: str) -> str:
    return escaped(_short(make_visible(text), _LONGEST_TEXT))


def _line(code: str) -> str:
    return _short(" ".join(code.split()), _LONGEST_TITLE)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} … ({len(text) - longest:,} more characters)"
