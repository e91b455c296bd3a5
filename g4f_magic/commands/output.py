"""How subcommands answer: Markdown, shown rendered in a notebook and as it is in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from g4f_magic.secret import hide


def say(*texts: str) -> None:
    """Show Markdown to the person. Several texts are set apart: what one leaves open ends with it."""
    from IPython import get_ipython

    texts = tuple(map(hide, texts))
    markdown = "\n\n---\n\n".join(texts)
    shell = get_ipython()
    if not hasattr(shell, "kernel"):
        print(markdown)
        return
    from g4f_magic.renderers.markdown import to_html

    html = "<hr>".join(map(to_html, texts))
    shell.display_pub.publish(
        {"text/html": f'<div style="max-width:60em">{html}</div>', "text/plain": markdown}
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; what stands in a cell is shown as it is."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


_SPECIAL = re.compile(r"[\\`*\]<$~&]|(?<!\w)_|_(?!\w)")


def as_text(text: str) -> str:
    """Return Markdown that shows `text` as it is, on one line. Secrets are hidden first: later they look otherwise."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(hide(text).split()))


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split()) or " "
