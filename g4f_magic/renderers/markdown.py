"""Markdown of a stranger to HTML that can do nothing. Pure, no I/O.

Three steps: markdown-it-py with HTML off, code colours by Pygments, and nh3 over the result.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from g4f_magic.renderers.colours import colour
from g4f_magic.renderers.inert import inert
from g4f_magic.renderers.sanitize import clean
from g4f_magic.renderers.simple_inline import simple_inline
from g4f_magic.renderers.tasks import task_plugin
from g4f_magic.renderers.tex import is_safe, tex_plugin
from g4f_magic.visible import without_controls

Env = MutableMapping[str, Any]
"""What a document carries from block to block: the link definitions so far, under `references`.

`is_open` tells that the text still grows: its code is not coloured, as it is painted again and again.
`typeset`, where it is there, gives what stands for math, of its TeX and whether it is a display; else a page
typesets it.
"""

_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_PRE = '<pre style="margin:.6em 0 1em;padding-left:.8em;border-left:2px solid #8886;overflow-x:auto">'
_LINE_END = re.compile(r"\r\n?")
_LETTER = re.compile(r"[^\W\d_]")
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def parser(*, remote_images: bool = False) -> MarkdownIt:
    """Return the parser; one per kind, made at the first use."""
    return _parser(remote_images)


@lru_cache(maxsize=2)
def _parser(remote_images: bool) -> MarkdownIt:
    md = MarkdownIt("js-default", {"html": False, "linkify": False})
    md.use(tex_plugin).use(task_plugin)
    md.disable(["html_block", "html_inline", "linkify"])  # off anyway, but asked each time
    md.core.ruler.at("inline", _inline)
    rules: dict[str, Any] = {
        "text": _text,
        "simple_inline": lambda _, tokens, idx, *__: tokens[idx].content,
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


def _inline(state: StateCore) -> None:
    """Read what stands in the blocks, what is simple without the parser."""
    for token in state.tokens:
        if token.type != "inline":
            continue
        token.children = []
        simple = simple_inline(token.content)
        if simple is None:
            state.md.inline.parse(token.content, state.md, state.env, token.children)
        else:
            token.children.append(Token("simple_inline", "", 0, content=simple))


def to_html(text: str, *, env: Env | None = None, remote_images: bool = False) -> str:
    """Return `text` as cleaned HTML. `env` carries link definitions between the blocks of one reply."""
    md = parser(remote_images=remote_images)
    env = {} if env is None else env
    return framed_code(
        clean(tokens_to_html(md.parse(normalize(text), env), env, remote_images=remote_images))
    )


def tokens_to_html(tokens: Sequence[Token], env: Env, *, remote_images: bool = False) -> str:
    """Return what the parser's tokens look like, not cleaned yet."""
    md = parser(remote_images=remote_images)
    _align_tables(tokens)
    if _RTL.search("\n".join(token.content for token in tokens)):
        _set_direction(tokens)
    rendered: str = md.renderer.render(tokens, md.options, env)
    return rendered


def _align_tables(tokens: Iterable[Token]) -> None:
    """Begin cells where their text begins, where the Markdown says nothing else: pages made for numbers align
    them to the right."""
    for token in tokens:
        if token.type in ("th_open", "td_open") and not token.attrGet("style"):
            token.attrSet("style", "text-align:start")


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
        if direction != around:
            block.attrSet("dir", direction)
            if block.type in ("paragraph_open", "heading_open"):  # pages align these to the left by name
                block.attrSet("style", f"text-align:{'right' if direction == 'rtl' else 'left'}")
        around = direction


def definitions(text: str, *, remote_images: bool = False) -> dict[str, Any]:
    """Return what all link definitions of `text` define, as an `env` to render its blocks with."""
    env: dict[str, Any] = {}
    if "]:" in text:
        md = parser(remote_images=remote_images)
        md.block.parse(normalize(text), md, env, [])
    return env


def normalize(text: str) -> str:
    """Return `text` as the parser reads it: one kind of line end, control characters as signs."""
    return without_controls(_LINE_END.sub("\n", text))


def _text(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    return inert(tokens[idx].content)


def _math_inline(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    if (typeset := env.get("typeset")) is not None:
        return str(typeset(tokens[idx].content, tokens[idx].markup == "$$"))
    tex = f"{tokens[idx].markup}{tokens[idx].content}{tokens[idx].markup}"
    escaped = html.escape(tex, quote=False)
    return escaped if is_safe(tokens[idx].content) else f"<code>{escaped}</code>"


def _math_block(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    return f"<p>{_math_inline(self, tokens, idx, options, env)}</p>\n"


def _link_open(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    token = tokens[idx]
    if _LINK.match(str(token.attrGet("href") or "")):
        return self.renderToken(tokens, idx, options, env)
    for later in tokens[idx:]:
        if later.type == "link_close" and later.level == token.level:
            later.type = "link_dropped"
            break
    return ""


def _image_linked(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    token = tokens[idx]
    source = str(token.attrGet("src") or "")
    words = inert(self.renderInlineAsText(token.children or [], options, env).strip())
    is_in_link = sum(t.nesting for t in tokens[:idx] if t.type in ("link_open", "link_close")) > 0
    if is_in_link or not _LINK.match(source):
        return f"🖼 {words or 'image'}"
    return f'<a href="{html.escape(source)}">🖼 {words or inert(source)}</a>'


def _image_loaded(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    source = str(tokens[idx].attrGet("src") or "")
    if not re.match(r"https?://", source, re.IGNORECASE):
        return _image_linked(self, tokens, idx, options, env)
    words = html.escape(self.renderInlineAsText(tokens[idx].children or [], options, env))
    return f'<img src="{html.escape(source)}" alt="{words}">'


def _fence(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    token = tokens[idx]
    language = "" if env.get("is_open") else token.info.strip().partition(" ")[0]
    return code_to_html(token.content, language)


def _code_block(self: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Env) -> str:
    return code_to_html(tokens[idx].content, "")


def framed_code(html: str) -> str:
    """Return cleaned HTML with a line beside its blocks of code, to be seen on any ground.

    Pages leave no room around `pre`. What looks like a tag here is one: in a reply's text `<` is escaped.
    """
    return html.replace("<pre>", _PRE)


def code_to_html(code: str, language: str) -> str:
    """Return a block of code, in colours where `language` is known; not cleaned yet."""
    return f"<pre><code>{colour(code, language)}</code></pre>\n"
