"""How subcommands answer: Markdown, rendered in a notebook and in a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from g4f_magic import stopping
from g4f_magic.host import here
from g4f_magic.host.base import Host
from g4f_magic.renderers import has_rich
from g4f_magic.secret import mask_known
from g4f_magic.visible import make_visible

_RULE = "\n\n---\n\n"


def say(*texts: str) -> None:
    """Show Markdown to the person. Several texts are set apart: what one leaves open ends with it."""
    host = here()
    if host.can_display:
        host.show(bundle(texts))
    else:
        write(*texts, host=host)


def bundle(texts: Iterable[str]) -> dict[str, str]:
    """Return what a notebook shows of Markdown: several texts, set apart."""
    from g4f_magic.renderers.code_blocks import acting
    from g4f_magic.renderers.document import markdown_to_html

    texts = tuple(map(mask_known, texts))
    with stopping.rendering():
        html = acting("<hr>".join(map(markdown_to_html, texts)))
    plain = make_visible(_RULE.join(map(as_read, texts)))
    return {"text/html": f'<div style="max-width:60em">{html}</div>', "text/plain": plain}


def write(*texts: str, host: Host | None = None) -> None:
    """Print Markdown: rendered in a terminal that has rich, else as it is; what a stranger said steers neither."""
    texts = tuple(make_visible(mask_known(text)) for text in texts)
    if not has_rich(host or here()):
        print(_RULE.join(map(as_read, texts)))
        return
    from rich.console import Console

    from g4f_magic.renderers.rich_markdown import markdown

    console = Console(highlight=False, emoji=False, markup=False)
    for number, text in enumerate(texts):
        if number:
            console.rule(style="dim")
        console.print(markdown(text))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table; what stands in a cell is shown as it is."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


_SPECIAL = re.compile(r"[\\`*\]<$~&]|(?<!\w)_|_(?!\w)")


def as_text(text: str) -> str:
    """Return Markdown that shows `text` as it is, on one line. Secrets are hidden first: later they look otherwise."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(mask_known(text).split()))


_CODE_OR_SIGN = re.compile(r"(?<!`)(`+)(?!`)(.{0,2000}?)(?<!`)\1(?!`)|\\([\\`*\]<$~&_|])|&nbsp;")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


def as_read(markdown: str) -> str:
    """Return Markdown as it is read where nothing renders it: no backslash stands before what only Markdown would take for a sign."""
    lines: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            lines.append(line)
            if not fence:
                fence = mark[1] if mark else ""
            elif line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        else:
            lines.append(_CODE_OR_SIGN.sub(_as_meant, line))
    return "\n".join(lines)


def _as_meant(found: re.Match[str]) -> str:
    if found[3] or not found[1]:
        return found[3] or " "
    return found[0].replace("\\|", "|")  # a bar in the code of a table has one, too


def as_code(text: str) -> str:
    """Return Markdown that shows a name in the letters of code, whatever is in it."""
    return as_text(text) if "`" in text or not text.strip() else f"`{text}`"


def _cell(value: object) -> str:
    return " ".join(str(value).replace("|", "\\|").split()) or " "
