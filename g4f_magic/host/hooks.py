"""What is hooked into IPython: its cells, what is displayed, and Tab. Older versions tell and take less.

At Tab ours alone is offered on lines of ours, each with a word on what it is, where IPython can show that: version 8.6 and
later ask matchers, which may keep the others out; older ones ask a hook, and mix in what Python has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from g4f_magic.host.cell import CellRun

if TYPE_CHECKING:
    from g4f_magic.host.base import Explain, Offer, Release


def before_cells(shell: Any, call: Callable[[CellRun], object]) -> Release:
    """Have `call` told of each cell before it runs."""
    return _on(shell, "pre_run_cell", lambda info=None: call(_run(info)))


def after_cells(shell: Any, call: Callable[[CellRun], object]) -> Release:
    """Have `call` told of each cell after it ran."""
    return _on(shell, "post_run_cell", lambda result=None: call(_run(getattr(result, "info", None), result)))


def on_display(shell: Any, call: Callable[[dict[str, Any]], object]) -> Release:
    """Have `call` told of what is displayed, where the publisher takes hooks: a kernel's own does."""

    def hook(message: Any) -> Any:
        if isinstance(message, dict) and _mapping(message.get("header")).get("msg_type") == "display_data":
            call(_mapping(_mapping(message.get("content")).get("data")))
        return message  # else it is not sent

    publisher = shell.display_pub
    if not hasattr(publisher, "register_hook"):
        return lambda: None
    publisher.register_hook(hook)
    return lambda: publisher.unregister_hook(hook)


def _on(shell: Any, event: str, call: Callable[..., object]) -> Release:
    events = getattr(shell, "events", None)
    if events is None:
        return lambda: None
    events.register(event, call)

    def release() -> None:
        with suppress(ValueError):  # somebody took it out before
            events.unregister(event, call)

    return release


def _run(info: Any, result: Any = None) -> CellRun:
    """Return a cell's run as IPython tells of it."""
    code = getattr(info, "raw_cell", "")
    return CellRun(
        code=code if isinstance(code, str) else "",
        identity=str(getattr(info, "cell_id", None) or ""),
        is_own=bool(getattr(info, "store_history", True)),
        error=getattr(result, "error_before_exec", None) or getattr(result, "error_in_exec", None),
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def complete(shell: Any, commands: Sequence[str], offer: Offer, explain: Explain, fill: Explain) -> Release:
    """Have the shell ask for completions of the lines that begin with one of the commands, and of those of prompts."""
    matchers = getattr(getattr(shell, "Completer", None), "custom_matchers", None)
    if isinstance(matchers, list) and (matcher := _matcher(commands, explain, fill)) is not None:
        matchers.append(matcher)
        return lambda: matchers.remove(matcher) if matcher in matchers else None
    for command in commands:
        shell.set_hook(
            "complete_command", lambda _, event: offer(event.text_until_cursor, event.symbol), str_key=command
        )

    def release() -> None:
        hooks = shell.strdispatchers["complete_command"].strs
        for command in commands:
            hooks.pop(command, None)

    return release


_UNBROKEN = str.maketrans({" ": "\u00a0", "-": "\u2011", "/": "/\u2060"})
"""Signs that no line is broken at: JupyterLab would break what stands beside a word, and write the parts over the next words."""


def _on_one_line(text: str) -> str:
    """Return what is said of a word as a front end shows it whole."""
    return text.translate(_UNBROKEN)


class _Nothing(list[Any]):
    """No completion at all, with which others are kept out: IPython does that only for a list that has a length."""

    def __len__(self) -> int:
        return 1


def _is_in_prompt(above: str, commands: Sequence[str]) -> bool:
    """Say whether what follows these lines is the text below a command of a cell; comments may stand above that."""
    shown = (line.split(maxsplit=1) for line in above.split("\n"))
    first = next((words[0] for words in shown if words and not words[0].startswith("#")), "")
    return first.startswith("%%") and first in commands


def _matcher(commands: Sequence[str], explain: Explain, fill: Explain) -> Any:
    """Return the matcher, None where this IPython has none."""
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher
    except ImportError:
        return None

    @context_matcher(identifier="g4f_magic.lines", priority=1_000)  # type: ignore[untyped-decorator]
    def lines(context: Any) -> dict[str, Any]:
        """Return what a line of ours can go on with; nothing, and nobody kept out, on other lines."""
        line = str(context.text_until_cursor).lstrip()
        above = "\n".join(str(context.full_text).split("\n")[: context.cursor_line])
        if _is_in_prompt(above, commands):
            written, found = fill(line)
        elif any(line.startswith(f"{command} ") for command in commands):
            written, found = explain(line)
        else:
            return {"completions": []}
        made = [SimpleCompletion(word, type=_on_one_line(about)) for word, about in found]
        return {
            "completions": made or _Nothing(),
            "matched_fragment": written,
            "ordered": True,
            "suppress": True,
        }

    return lines
