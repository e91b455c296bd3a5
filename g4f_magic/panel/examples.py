"""What could be asked of the notebook as it is: for a conversation that is empty. Nothing of it is sent by itself."""

from __future__ import annotations

from collections.abc import Mapping

from g4f_magic.host.base import Host
from g4f_magic.names import is_name
from g4f_magic.panel.protocol import Example
from g4f_magic.session import Session

_FRAMES = frozenset({"DataFrame", "GeoDataFrame", "LazyFrame"})
_ALWAYS = (
    Example(text="Show me how to read a CSV file and plot one of its columns.", attach=""),
    Example(text="Explain list comprehensions with three short examples.", attach=""),
)
MOST = 4


def examples_of(session: Session, host: Host) -> list[Example]:
    """Return them, the most fitting first: the last error, the newest table, the code so far, and what always fits."""
    found: list[Example] = []
    if session.front is not None:
        if session.front.source().failure() is not None:
            found.append(Example(text="Why did this fail, and what is the fix?", attach="@error"))
        if frame := _frame(host.variables(), host.names):
            found += [
                Example(text=f"What stands out in {frame}?", attach=frame),
                Example(text=f"Write code that plots what matters in {frame}.", attach=frame),
            ]
    return [*found, *_ALWAYS][:MOST]


def _frame(variables: list[str], names: Mapping[str, object]) -> str:
    """Return the name of the table that was made last. The thing itself is not touched: it may be slow, or raise."""
    for name in reversed(variables):
        if name.startswith("_") or not is_name(name) or not name.isidentifier():
            continue
        if type(names.get(name)).__name__ in _FRAMES:
            return name
    return ""
