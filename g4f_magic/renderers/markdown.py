"""Markdown of a stranger to HTML that can do nothing. Pure, no I/O.

Three steps: markdown-it-py with HTML off, code colours by Pygments, and nh3 over the result. Code in colours, which is text
and spans of ours, is put in after that. All are bounded: a block that takes more work, or becomes more HTML, than its length
allows is shown as its text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from g4f_magic import stopping
from g4f_magic.renderers.allowance import LONGEST_BLOCK, room_for
from g4f_magic.renderers.aside import Aside
from g4f_magic.renderers.code_blocks import apart, bare, framed, language_mark, wide
from g4f_magic.renderers.colours import colour
from g4f_magic.renderers.escaping import escaped
from g4f_magic.renderers.mathml import to_mathml
from g4f_magic.renderers.parsing import TooMuchError, budget, make_parser, used_labels
from g4f_magic.renderers.sanitize import clean, clean_code
from g4f_magic.renderers.simple_inline import pieces_to_html, simple_pieces
from g4f_magic.renderers.tex import is_safe
from g4f_magic.visible import without_controls

Env = MutableMapping[str, Any]
"""What a document carries from block to block: the link definitions so far, under `references`, and its `footnotes`.

`is_open` tells that the text still grows: what is not closed in it may be, and its code has no buttons yet.
"""

_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_FENCE = re.compile(r"\s*(?:`{3}|~{3})")
_LINE_END = re.compile(r"\r\n?")
_LETTER = re.compile(r"[^\W\d_]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def parser(*, remote_images: bool = False) -> MarkdownIt:
    """Return the parser; one per kind, made at the first use."""
    return _parser(remote_images)


@lru_cache(maxsize=2)
def _parser(remote_images: bool) -> MarkdownIt:
    md = make_parser(is_link=is_link, shortcut=_shortcut)
    rules: dict[str, Any] = {
        "text": _text,
        "simple_inline": lambda _, tokens, idx, *__: pieces_to_html(tokens[idx].meta["pieces"]),
        "math_inline": _math_inline,
        "math_block": _math_block,
        "link_open": _link_open,
        "link_dropped": lambda *_: "",
        "image": _image_loaded if remote_images else _image_linked,
        "fence": _fence,
        "code_block": _code_block,
    }
    for name, rule in rules.items():
        md.add_render_rule(name, rule)
    return md


def is_link(url: str) -> bool:
    """Say whether a page may offer `url` to be followed."""
    return _LINK.match(url) is not None


def _shortcut(content: str) -> Token | None:
    pieces = simple_pieces(content)
    return None if pieces is None else Token("simple_inline", "", 0, meta={"pieces": pieces})


def to_html(
    text: str,
    *,
    env: Env | None = None,
    remote_images: bool = False,
    room: int | None = None,
    is_framed: bool = True,
    has_mathml: bool = False,
    tokens: Sequence[Token] | None = None,
) -> str:
    """Return `text` as cleaned HTML, of at most `room` characters, or what is right for its length; else as text.

    `env` carries link definitions between the blocks of one reply. Blocks of code stand in a frame, where the text is
    long enough for one; with `is_framed` false they are as the page finds them that makes its own. Formulas are TeX, which
    a page typesets, or MathML. `tokens` are those of `text`, where it was parsed already, with the same `env`.
    """
    if stopping.is_over():
        return as_text(text)
    room = room_for(len(text)) if room is None else room
    env = {} if env is None else env
    try:
        tokens = parsed(text, env) if tokens is None else tokens
        if _least_html(tokens) > room:
            return as_text(text)
        html = _cleaned(tokens, remote_images=remote_images, has_mathml=has_mathml)
    except TooMuchError:
        return as_text(text)
    is_growing = "is_open" in env
    forms = (lambda it: framed(apart(wide(it)), is_growing=is_growing), bare) if is_framed else (wide, str)
    fitting = (made for form in forms if len(made := form(html)) <= room)
    found = next(fitting, None)
    return as_text(text) if found is None else found


def block_to_html(
    text: str,
    *,
    env: Env,
    remote_images: bool,
    room: int,
    **how: Any,
) -> str:
    """Return the same for a block, which is text where it is too long to be Markdown."""
    if len(text) > LONGEST_BLOCK and not _FENCE.match(text):
        return as_text(text)
    return to_html(text, env=env, remote_images=remote_images, room=room, **how)


def parsed(text: str, env: Env) -> list[Token]:
    """Return the tokens of `text`.

    Raises:
        TooMuchError: it takes more work than its length allows.
    """
    with budget(len(text)):
        return parser().parse(normalize(text), env)


def blocks(text: str, env: Env | None = None) -> list[Token]:
    """Return the tokens of the blocks of `text`, without those of the words in them; control characters stay in it.

    Raises:
        TooMuchError: it takes more work than its length allows.
    """
    tokens: list[Token] = []
    with budget(len(text)):
        md = parser()
        md.block.parse(_LINE_END.sub("\n", text), md, {} if env is None else env, tokens)
    return tokens


def as_text(text: str) -> str:
    """Return `text` as it is, line by line: what is shown of a block that is too much."""
    return f'<div style="white-space:pre-wrap;overflow-wrap:anywhere;margin:.6em 0">{escaped(text)}</div>'


def _least_html(tokens: Iterable[Token]) -> int:
    """Return about how long the tags of `tokens` are: known before they are written, as addresses can be repeated."""
    size = 0
    for token in tokens:
        size += 3 + (sum(len(str(value)) for value in token.attrs.values()) if token.attrs else 0)
        if token.children:
            size += _least_html(token.children)
    return size


def _cleaned(tokens: Sequence[Token], *, remote_images: bool, has_mathml: bool) -> str:
    """Return what the parser's tokens look like."""
    md = parser(remote_images=remote_images)
    aside = Aside()
    _mark_images(tokens)
    if _RTL.search("\n".join(token.content for token in tokens)):
        _set_direction(tokens)
    written = md.renderer.render(tokens, md.options, {"aside": aside, "has_mathml": has_mathml})
    return aside.put_in(_aligned(clean(written)))


def _aligned(html: str) -> str:
    """Return cleaned HTML whose cells begin where their text begins, where the Markdown says nothing else: pages made for
    numbers align them to the right."""
    if "<table" not in html:
        return html
    for cell in ("th", "td"):  # `start` is dropped where a notebook is not trusted
        html = html.replace(f"<{cell}>", f"<{cell} style=text-align:left>")
    return html


def _mark_images(tokens: Iterable[Token]) -> None:
    """Note which images stand in a link: they are no link themselves."""
    for token in tokens:
        depth = 0
        for child in token.children or ():
            if child.type in ("link_open", "link_close"):
                depth += child.nesting
            elif child.type == "image" and depth:
                child.meta["is_in_link"] = True


def _set_direction(tokens: Iterable[Token]) -> None:
    """Give each block the direction of its first letter, where that is not its surroundings' anyway."""
    open_blocks: list[Token] = []
    directions: dict[int, str] = {}
    for token in tokens:
        if token.nesting == 1:
            open_blocks.append(token)
        elif token.nesting == -1:
            open_blocks.pop()
        elif token.type == "inline" and (letter := _LETTER.search(token.content)):
            direction = "rtl" if _RTL.match(letter[0]) else "ltr"
            for block in open_blocks:
                directions.setdefault(id(block), direction)
            _mark_direction(open_blocks, directions)


def _mark_direction(open_blocks: Iterable[Token], directions: Mapping[int, str]) -> None:
    around = "ltr"
    for block in open_blocks:
        direction = directions[id(block)]
        align = f"text-align:{'right' if direction == 'rtl' else 'left'}"
        is_cell = block.type in ("th_open", "td_open") and not block.attrGet("style")
        if is_cell and (direction == "rtl" or direction != around):
            block.attrSet("style", align)
        if direction != around:
            block.attrSet("dir", direction)
            if block.type in ("paragraph_open", "heading_open"):  # pages align these to the left by name
                block.attrSet("style", align)
        around = direction


def definitions(text: str) -> dict[str, Any]:
    """Return what all link definitions and footnotes of `text` define, as an `env` to render its blocks with."""
    if "]:" not in text:
        return {}
    env: dict[str, Any] = {"used": used_labels(text)}
    try:
        blocks(normalize(text), env)
    except TooMuchError:
        return {}
    return env


def changes_earlier(env: Mapping[str, Any]) -> bool:
    """Say whether a text that defines `env` looks different from what its blocks look like by themselves."""
    return any(env.get(name) for name in ("references", "footnotes", "has_unused"))


def normalize(text: str) -> str:
    """Return `text` as the parser reads it: one kind of line end, control characters as signs."""
    return without_controls(_LINE_END.sub("\n", text))


def _text(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    return escaped(tokens[idx].content)


def _math_inline(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    if env["has_mathml"]:
        return _aside(env).keep(to_mathml(tokens[idx].content, is_display=tokens[idx].markup == "$$"))
    tex = f"{tokens[idx].markup}{tokens[idx].content}{tokens[idx].markup}"
    escaped = html.escape(tex, quote=False)
    return escaped if is_safe(tokens[idx].content) else f"<code>{escaped}</code>"


def _math_block(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    return f"<p>{_math_inline(self, tokens, idx, options, env)}</p>\n"


def _link_open(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    token = tokens[idx]
    if is_link(str(token.attrGet("href") or "")):
        return self.renderToken(tokens, idx, options, env)
    for number in range(idx, len(tokens)):
        later = tokens[number]
        if later.type == "link_close" and later.level == token.level:
            later.type = "link_dropped"
            break
    return ""


def _image_linked(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    token = tokens[idx]
    source = str(token.attrGet("src") or "")
    words = escaped(self.renderInlineAsText(token.children or [], options, env).strip())
    if token.meta.get("is_in_link") or not is_link(source):
        return f"🖼 {words or 'image'}"
    return f'<a href="{html.escape(source)}">🖼 {words or escaped(source)}</a>'


def _image_loaded(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    source = str(tokens[idx].attrGet("src") or "")
    if not re.match(r"https?://", source, re.IGNORECASE):
        return _image_linked(self, tokens, idx, options, env)
    words = html.escape(self.renderInlineAsText(tokens[idx].children or [], options, env))
    return f'<img src="{html.escape(source)}" alt="{words}">'


def _fence(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    token = tokens[idx]
    return _code(token.content, token.info.strip().partition(" ")[0].strip("{}"), _aside(env))


def _code_block(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    return _code(tokens[idx].content, "", _aside(env))


def code_to_html(code: str, language: str) -> str:
    """Return a block of code as cleaned HTML, in colours where `language` is known."""
    aside = Aside()
    return aside.put_in(clean(_code(code, language, aside)))


def _code(code: str, language: str, aside: Aside) -> str:
    return (
        f"<pre{language_mark(language)}><code>{aside.keep(clean_code(colour(code, language)))}</code></pre>\n"
    )


def _aside(env: Env) -> Aside:
    aside: Aside = env["aside"]
    return aside
