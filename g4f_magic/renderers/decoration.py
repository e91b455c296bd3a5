"""What stands around a reply in a cell: the waiting line, the frame of its parts, the line under it. No I/O.

All HTML here is ours; what a service sent goes through `markdown` or is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from g4f_magic.in_short import in_short
from g4f_magic.label import opened
from g4f_magic.messages import citation_lines
from g4f_magic.renderers import citations
from g4f_magic.renderers.code_blocks import acting, has_code
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.growing import shortened
from g4f_magic.renderers.provenance import about, origin, provenance, shown_name
from g4f_magic.renderers.renderer import Part
from g4f_magic.renderers.sent import fold
from g4f_magic.turn import Turn
from g4f_magic.visible import without_controls

_QUIET = "font-size:.85em;opacity:.7"
_MARK = "border-left:3px solid #f9a825;padding-left:.6em;margin-bottom:.4em;font-size:.9em"
_LONGEST_GLIMPSE = 240
_FITS_ON_SLIDES = 300
"""Characters of a reply that is not higher than a slide, whatever it holds."""


def waiting(turn: Turn, text: str = "", reasoning: str = "") -> str:
    """Return the line shown before the first word, with the last words of the reasoning so far."""
    words = [f"via {turn.via}" if turn.via else "", shown_name(turn.provider), shown_name(turn.model)]
    words += in_short(turn.ask)
    words.append(text or ("thinking …" if reasoning else "waiting …"))
    said = escaped(" · ".join(word for word in words if word))
    line = f'<div role=status style="{_QUIET}">{said} {CARET}</div>'
    if not reasoning:
        return line
    glimpse = reasoning[-_LONGEST_GLIMPSE:].replace("\n", " ")
    return f'{line}<div aria-hidden=true style="{_QUIET};font-style:italic">… {escaped(glimpse)}</div>'


def notice(text: str) -> str:
    """Return a quiet line, empty for an empty text."""
    return f'<div role=status style="{_QUIET}">{escaped(text)}</div>' if text else ""


def below(text: str) -> str:
    """Return what is said under a reply that has ended, empty for an empty text."""
    return f'<div role="status" class="g4f-under" style="{_QUIET}">{escaped(text)}</div>' if text else ""


def mark(text: str) -> str:
    """Return the line above an answer that is older than what it builds on, empty for an empty text."""
    return f'<div role=status class=g4f-aged style="{_MARK}">{escaped(text)}</div>' if text else ""


def plain(text: str) -> str:
    """Return `text` as it is, with its lines."""
    return f'<div style="white-space:pre-wrap">{escaped(text)}</div>'


CARET = "<span aria-hidden=true class=g4f-caret>▍</span>"
END_CARET = CARET.replace("g4f-caret", '"g4f-caret g4f-end"')
_BLINKING = (
    "<style>@media(prefers-reduced-motion:no-preference){@keyframes g4f-caret{50%{opacity:.1}}}"
    ".g4f-caret{animation:g4f-caret 1s infinite}"
    ".jp-OutputArea-child:not(:nth-last-child(1 of .jp-OutputArea-child)) .g4f-end{display:none}</style>"
)
"""In the first of the outputs that grow; it holds in the whole page. The caret of one that holds nothing open goes by itself
once another stands below it. By `:has` that took the page a second for 200 KB."""
_ENDS = re.compile(r"(?:\s*</(?:p|li|ul|ol|h[1-6]|blockquote|td|tr|tbody|table|pre|code|div|details)>)*\s*\Z")


STOPPED = (
    '<style>.jp-OutputArea:has(.g4f-stopped) [data-mime-type^="application/vnd.jupyter."],'
    '.jp-OutputArea:has(.g4f-stopped) [data-mime-type^="application/vnd.jupyter."] pre'
    "{background:none!important;color:inherit!important;padding:0!important}"
    '.jp-OutputArea:has(.g4f-stopped) [data-mime-type^="application/vnd.jupyter."] pre'
    f"{{font-family:inherit!important;{_QUIET}}}</style>"
    '<span class="g4f-stopped"></span>'
)
"""Beside a reply that the person stopped: its cell fails for whoever runs notebooks, and is no alarm to who stopped it."""


_ON_SLIDES = "<style>.reveal [data-g4f-magic]{max-height:420px;overflow:auto}</style>"
"""On a slide of nbconvert's, which is 700 pixels high and shows nothing below that."""


def with_caret(html: str, caret: str = CARET) -> str:
    """Return what still grows with a caret where its last word ends: something moves while nothing comes."""
    if not html:
        return ""
    end = _ENDS.search(html, max(0, len(html) - 300))
    at = end.start() if end else len(html)
    return f"{html[:at]}{caret}{html[at:]}"


def streaming(inner: str, before: Sequence[str] = (), *, is_short: bool = True) -> str:
    """Return a part that is still being painted; nothing of it is announced.

    A style holds in the whole page: it is not said again where the outputs `before` have it. With `is_short` false all
    styles stand inline, for pages that may not trust it.
    """
    if not inner:
        return ""
    blinking = "" if before else _BLINKING
    return f"<div aria-busy=true>{blinking}{shortened(inner, before) if is_short else acting(inner)}</div>"


def reasoning_parts(text: str, *, remote_images: bool = False, typesets_tex: bool = True) -> list[Part]:
    """Return the reasoning, folded; in several parts where it is long. Not in the plain text."""
    if not text.strip():
        return []
    from g4f_magic.renderers.document import MarkdownView

    parts = MarkdownView(remote_images=remote_images, typesets_tex=typesets_tex).parts(text)
    return [Part(_folded(part, index, len(parts)), "") for index, part in enumerate(parts, 1)]


def _folded(part: Part, index: int, number: int) -> str:
    title = "Reasoning" if number == 1 else f"Reasoning, {index} of {number}"
    return f'<details style="{_QUIET}"><summary>{title}</summary>{part.html}</details>'


def sealed(turn: Turn, parts: list[Part], *, before: int) -> list[Part]:
    """Return the outputs of parts that stay as they are while more of the reply comes; so many outputs stand before them."""
    packed = enumerate(_packed(parts), before + 1)
    return [_framed(part, {**origin(turn), "part": number}) for number, part in packed]


def _framed(part: Part, told: Mapping[str, object]) -> Part:
    if part.diagram:
        return part
    html = f"{opened(told)}{acting(part.html)}</div>" if part.html else ""
    return Part(html, without_controls(part.plain), tokens=part.tokens)


def static(
    turn: Turn,
    parts: list[Part],
    *,
    sizes: list[int] | None = None,
    before: int = 0,
    tells_of_code: bool = True,
    is_markdown: bool = False,
) -> list[Part]:
    """Return the outputs as they stay, with the line that says what it was under the last.

    Short parts stand together, as few as may be; with `sizes` they are laid over outputs that show so many
    letters each. So many outputs of the reply stand `before` them. The line says with `tells_of_code` how code comes
    into the next cell, where its block has no button for that. A reply that `is_markdown` and not long is Markdown besides.
    """
    from g4f_magic.renderers.document import laid_over

    line = provenance(turn, tells_of_code=tells_of_code)
    *others, last = _packed(parts) if sizes is None else laid_over(parts, sizes)
    number = before + len(others) + 1
    told = about(turn) | {"parts": number if number > 1 else 0}
    foot = f'<div role=status class=g4f-under style="{_QUIET};margin-top:.4em">{escaped(line)}</div>'
    if turn.status == "stopped":
        foot += STOPPED
    if len(turn.reply) > _FITS_ON_SLIDES and not has_code(last.html):
        foot += _ON_SLIDES
    text = without_controls(last.plain).rstrip("\n")
    cited = citation_lines(turn.citations)
    ending = Part(
        f"{opened({**told, 'part': told['parts']})}{acting(last.html)}{citations.to_html(turn.citations)}{foot}{sent(turn)}</div>",
        "\n\n".join(filter(None, (text, cited, line))),
        tokens=last.tokens,
    )
    framed = [_framed(part, {**told, "part": place}) for place, part in enumerate(others, before + 1)]
    if not is_markdown:
        return [*framed, ending]
    # As it came: a lone carriage return ends a line for the parser, and is a sign for who reads plain text.
    return _with_markdown(framed, ending, last.plain.rstrip("\n"), (cited, line))


def _with_markdown(framed: list[Part], ending: Part, last: str, notes: tuple[str, ...]) -> list[Part]:
    """Return the parts with what programs show of them that show no HTML; as they are where the reply is long."""
    from g4f_magic.renderers.portable import LONGEST, portable, portable_line

    parts = [*framed, ending]
    if sum(len(part.plain) for part in parts) > LONGEST:
        return parts
    texts = [*(part.plain for part in framed), last]
    written = [portable(text, part.tokens) for text, part in zip(texts, parts, strict=True)]
    if any(text.strip() and not made for text, made in zip(texts, written, strict=True)):
        return parts
    written[-1] = "\n\n".join(filter(None, (written[-1], *map(portable_line, filter(None, notes)))))
    return [replace(part, portable=made) for part, made in zip(parts, written, strict=True)]


def joined(parts: list[Part]) -> Part:
    """Return the parts as one, with its diagrams as their source."""
    written = [part.portable for part in parts]
    html, plain = "".join(part.html for part in parts), "".join(part.plain for part in parts)
    return Part(html, plain, portable="\n\n".join(written) if all(written) else "")


def sent(turn: Turn) -> str:
    """Return what went along with a question, folded; empty where nothing did."""
    folded = fold(turn.ask)
    return f'<div style="{_QUIET}">{folded}</div>' if folded else ""


def _packed(parts: list[Part]) -> list[Part]:
    """Return the parts with neighbours joined where they are short together; a diagram stands alone, and never last."""
    packed: list[Part] = []
    for part in [*parts, Part("", "")] if parts and parts[-1].diagram else parts:
        is_alone = part.diagram or (packed and packed[-1].diagram)
        if packed and not is_alone and len(packed[-1].html) + len(part.html) <= 100_000:
            before = packed[-1]
            tokens = part.tokens if not before.plain else ()
            packed[-1] = Part(before.html + part.html, before.plain + part.plain, tokens=tokens)
        else:
            packed.append(part)
    return packed
