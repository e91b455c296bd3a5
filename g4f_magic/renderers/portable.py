"""A reply as Markdown in which nothing acts, for programs that show no HTML: LaTeX and PDF of nbconvert, Sphinx, Quarto. Pure, no I/O.

It is written anew from the parser's tokens, in the few forms that all of these programs read alike. Outside of code and
formulas each sign that could begin something where it stands is an entity: no HTML, no TeX, no attribute, no citation, no
metadata, and no link to anywhere but the web. A block of code inside a list or a quote is written as lines of code: programs
differ about where such a block ends.

Where these forms allow, it is spelled as the reply is, and blanks at the ends of lines tell of the rest: so
`markdown_source` has most replies back from it to the letter, and they need not stand beside it as plain text, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import unescape

from markdown_it.token import Token

from g4f_magic import stopping
from g4f_magic.quoting import code_fence
from g4f_magic.renderers.markdown import definitions, is_link, normalize, parsed
from g4f_magic.renderers.parsing import TooMuchError
from g4f_magic.renderers.simple_inline import CODE, EM, STRONG, STRONG_CODE, WORDS, simple_pieces
from g4f_magic.renderers.tex import is_safe
from g4f_magic.renderers.tex_doubt import has_even_braces

LONGEST = 40_000
"""Characters of a reply that is written so; of a longer one they see the text as it came."""

_MOST, _FREE = 3, 200
"""Characters for each of the reply: one that is all signs is better read as it came."""
_SIGN = re.compile(
    r"[\\`*{}\[\]<$|~^@]|(?<![^\W_])_|_(?![^\W_])|(?<![^\s>#])[>#]|&(?=[#\w])|!\Z|(?<=-)-|(?<=\.)\."
)
"""Underscores inside of words begin nothing, nor do `>` and `#` after a word."""
_MAY_BE_SIGN = re.compile(r"[\\`*{}\[\]<$|~^@_>#&!]")
"""One of the characters of which at least one is in what `_SIGN` finds, but for `--` and `..`: tells in no time of most words."""
_FIRST = re.compile(r"([ \t]*)([-+=:%.]|(\(?(?:\d{1,9}|[ivxlcdm]{1,9}|[^\W_]))([.)])(?!\S))", re.IGNORECASE)
"""How a line begins that could be a list, a heading, a definition, or metadata."""
_ACTING_TEX = re.compile(r"\\(?=(?:href|style|class|cssId|require|html[A-Z]|includegraphics|unicode|url)\b)")
_ADDRESS_SIGN = re.compile(r"[^\w:/?=.,;@+~%#&-]", re.ASCII)
_ENVIRONMENT = re.compile(
    r"\\(begin|end)\{(align|alignat|eqnarray|flalign|gather|multline|split|equation)\*?\}"
)
_INSIDE = {"align": "aligned", "alignat": "alignedat", "eqnarray": "aligned", "flalign": "aligned"} | {
    "gather": "gathered",
    "multline": "gathered",
    "split": "split",
    "equation": "",
}
"""What an environment is called that stands inside of a formula, where LaTeX takes no other."""
_TAG = re.compile(r"\\tag\*?\{([^{}]*)\}")
_BARE_ADDRESS = re.compile(r"https?://[\w:/?=.,;@+~%#-]+", re.ASCII)
_MARK = re.compile(r"( *)([-*+]|\d{1,9}[.)]) {1,4}(?=\S)")
"""How an item of a list begins: behind so many blanks, with that sign."""
_RULE = re.compile(r"\|(?: *:?-+:? *\|)+")
_WORD = re.compile(r"\S+")
_RUN = re.compile(r"`+")
_CODE_OR_STRONG = re.compile(r"(`[^`]*`)|\*\*")
_IN_WORD = re.compile(r"[^\W_]__[^\W_]")
_LANGUAGE = re.compile(r"[\w+#.-]{1,24}", re.ASCII)
_INDENT = 4
_MOST_BLANKS = 3
"""Before the sign of an item of a list; before more, programs see code."""


def portable(text: str, tokens: Sequence[Token] = ()) -> str:
    """Return `text` as such Markdown; empty where it takes more work than its length allows, or was interrupted.

    `tokens` are those of `text`, where it was parsed already.
    """
    if len(text) > LONGEST or stopping.is_over():
        return ""
    try:
        tokens = tokens or parsed(text, definitions(text))
    except TooMuchError:
        return ""
    written = _Writer(normalize(text).split("\n")).written(tokens)
    return written if len(written) <= _MOST * len(text) + _FREE else ""


def portable_line(text: str) -> str:
    """Return a line of ours as such Markdown."""
    pieces = simple_pieces(text)
    return portable(text) if pieces is None else _lines_escaped(_written_pieces(pieces))


def _written_pieces(pieces: Iterable[tuple[int, str]]) -> str:
    return "".join(_written_piece(kind, text) for kind, text in pieces)


def _written_piece(kind: int, text: str) -> str:
    if kind == WORDS:
        return _escaped(text)
    words = _code_span(text) if kind in (CODE, STRONG_CODE) else _escaped(text)
    mark = {STRONG: "**", STRONG_CODE: "**", EM: "*"}.get(kind, "")
    return f"{mark}{words}{mark}"


class _Writer:
    """Writes blocks below each other, inside of the lists and quotes that are open; `source` are the lines that they come from."""

    def __init__(self, source: Sequence[str]) -> None:
        self._source = source
        self._at = 0
        """The line at which the block begins that is written."""
        self._lines: list[str] = []
        self._indents: list[str] = []
        self._markers: list[str] = []
        """What stands before the next line of each open list item or quote: once its mark, then its indent."""
        self._begun = 0
        """In how many of them something stands already."""
        self._numbers: list[int] = []
        self._is_close = False

    def written(self, tokens: Sequence[Token]) -> str:
        at = 0
        while at < len(tokens):
            at = self._take(tokens, at)
        return "\n".join(self._lines).strip("\n")

    def _take(self, tokens: Sequence[Token], at: int) -> int:
        """Write the block that begins at a token; return where the next one stands."""
        token = tokens[at]
        self._at = token.map[0] if token.map else self._at
        match token.type:
            case "inline":
                self._put(_block_words(token), is_close=tokens[at - 1].hidden)
            case "heading_open" | "summary_open":
                level = int(token.tag[1]) if token.type == "heading_open" else 0
                self._put(_title(tokens[at + 1]), blanks=level)
                return at + 3
            case "fence" | "code_block":
                self._put(self._code(token))
            case "math_block":
                self._put(_math(token.content, mark="$$\n"))
            case "hr":
                self._put("***", blanks=int(self._source[self._at].strip() == "---"))
            case "blockquote_open":
                self._open("> ", "> ")
            case "ordered_list_open":
                self._numbers.append(int(token.attrGet("start") or 1))
            case "bullet_list_open":
                self._numbers.append(-1)
            case "list_item_open":
                mark = self._mark(token)
                self._numbers[-1] += self._numbers[-1] >= 0
                self._open(mark, " " * len(mark))
            case "blockquote_close" | "list_item_close":
                self._close()
            case "ordered_list_close" | "bullet_list_close":
                self._numbers.pop()
                self._is_close = self._is_close and bool(self._indents)
            case "table_open":
                end = next(n for n in range(at, len(tokens)) if tokens[n].type == "table_close")
                self._put(_table(tokens[at:end], self._source))
                return end + 1
        return at + 1

    def _mark(self, item: Token) -> str:
        """Return what begins an item of a list, as it is spelled there where that is a usual way."""
        outer = len("".join(self._indents))
        spelled = _MARK.match(self._source[self._at]) if item.map else None
        if spelled and 0 <= len(spelled[1]) - outer <= _MOST_BLANKS and spelled[2] == item.info + item.markup:
            return spelled[0][outer:]
        mark = "-" if self._numbers[-1] < 0 else f"{self._numbers[-1]}."
        return mark.ljust(max(_INDENT, len(mark) + 1))

    def _open(self, mark: str, indent: str) -> None:
        self._markers.append(mark)
        self._indents.append(indent)

    def _close(self) -> None:
        if self._begun < len(self._indents):
            self._put("&#8203;")
        self._markers.pop()
        self._indents.pop()
        self._begun = len(self._indents)

    def _put(self, text: str, *, is_close: bool = False, blanks: int = 0) -> None:
        """Write a block, and so many blanks after it; one that is close to the one before it has no blank line between."""
        if not text:
            return
        begins = self._begun < len(self._indents)
        if self._lines and not (self._is_close and is_close and begins):
            is_put_in = self._source[max(0, self._at - 1)].strip(" \t>")
            self._lines.append("".join(self._indents[: self._begun]).rstrip() + (" " if is_put_in else ""))
        for line in text.split("\n"):
            self._lines.append(("".join(self._markers) + line).rstrip(" "))
            self._markers = list(self._indents)
        self._lines[-1] += " " * blanks
        self._begun = len(self._indents)
        self._is_close = is_close

    def _code(self, token: Token) -> str:
        code = token.content.removesuffix("\n")
        if not self._indents:
            found = _LANGUAGE.match(token.info.strip()) if token.type == "fence" else None
            fence = code_fence(code)
            return f"{fence}{found[0] if found else ''}\n{code}\n{fence}"
        lines = (_code_line(line) for line in code.split("\n"))
        return "\\\n".join(line or "&nbsp;" for line in lines)


def _code_line(line: str) -> str:
    bare = line.lstrip(" ")
    return "&nbsp;" * (len(line) - len(bare)) + (_code_span(bare.rstrip()) if bare.strip() else "")


def _table(tokens: Sequence[Token], source: Sequence[str]) -> str:
    rows: list[list[str]] = []
    spelled: list[str] = []
    for number, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
            spelled.append(source[token.map[0]].strip() if token.map else "")
        elif token.type in ("th_open", "td_open"):
            rows[-1].append(_line(tokens[number + 1], is_cell=True) or " ")
    made = ["| " + " | ".join(row) + " |" for row in rows]
    head, *others = map(_spaced, made, spelled)
    first = tokens[0].map[0] + 1 if tokens[0].map else 0
    rule = source[first].strip()
    is_fine = _RULE.fullmatch(rule) and rule.count("|") == len(rows[0]) + 1
    return "\n".join([head, rule if is_fine else "|" + " --- |" * len(rows[0]), *others])


def _spaced(row: str, spelled: str) -> str:
    """Return a row of a table with the blanks in its cells, which change nothing, as they are there."""
    words = iter(row.split())
    return _WORD.sub(lambda _: next(words), spelled) if unescape(row).split() == spelled.split() else row


def _title(inline: Token) -> str:
    """Return a heading: the output of a cell has none of the document's. What is bold in it is so by other signs."""
    line = _line(inline)
    inner = _CODE_OR_STRONG.sub(lambda found: found[1] or "__", line)
    if _IN_WORD.search(inner):
        inner = _CODE_OR_STRONG.sub(lambda found: found[1] or "", line)
    return f"**{inner}**"


def _line(inline: Token, *, is_cell: bool = False) -> str:
    """Return the words of a block on one line; in a table's cell no list begins."""
    words = _words(inline.children or ()) if is_cell else _block_words(inline)
    return " ".join(words.replace("\\\n", " ").split())


def _block_words(inline: Token) -> str:
    return _lines_escaped(_words(inline.children or ())).strip()


def _lines_escaped(words: str) -> str:
    """Return words none of whose lines begins anything. Line by line, as an expression would look at each character."""
    return "\n".join(map(_line_escaped, words.split("\n")))


def _line_escaped(line: str) -> str:
    found = _FIRST.match(line)
    return line if found is None else _first_escaped(found) + line[found.end() :]


def _first_escaped(found: re.Match[str]) -> str:
    number, sign = found[3], found[4]
    if number is None:
        return f"{found[1]}&#{ord(found[2])};"
    return f"{found[1]}{number}&#{ord(sign)};"


def _words(tokens: Sequence[Token]) -> str:
    pieces: list[str] = []
    targets: list[str] = []
    for token in tokens:
        match token.type:
            case "text":
                pieces.append(_escaped(token.content))
            case "code_inline":
                pieces.append(_code_span(token.content))
            case "math_inline":
                pieces.append(_math(token.content, mark="$$" if token.markup == "$$" else "$"))
            case "simple_inline":
                pieces.append(_written_pieces(token.meta["pieces"]))
            case "softbreak":
                pieces.append("\n")
            case "hardbreak":
                pieces.append("\\\n")
            case "image":
                pieces.append(_image(token, is_in_link=bool(targets)))
            case "link_open":
                targets.append(_address(str(token.attrGet("href") or "")))
                pieces.append("[" if targets[-1] else "")
            case "link_close" | "link_dropped":
                target = targets.pop() if targets else ""
                pieces.append(f"]({target})" if target else "")
                if token.markup == "linkify" and _BARE_ADDRESS.fullmatch(target):
                    words = pieces[-2]
                    if _escaped(target) == words and pieces[-3] == "[":
                        pieces[-3:] = [f"<{target}>"]
            case "strong_open" | "strong_close" | "em_open" | "em_close":
                pieces.append(token.markup)
            case "s_open" | "s_close":
                pieces.append("~~")
            case _:
                pieces.append(_escaped(token.content))
    return "".join(pieces)


def _escaped(text: str) -> str:
    if not _MAY_BE_SIGN.search(text) and "--" not in text and ".." not in text:
        return text
    text = _ACTING_TEX.sub("\\\\\u200b", text)
    return _SIGN.sub(lambda found: "".join(f"&#{ord(sign)};" for sign in found[0]), text)


def _code_span(code: str) -> str:
    """Return code inside a line; as words where its signs could end it, or a table's cell."""
    code = " ".join(code.split("\n"))
    if not code.strip() or any(sign in code for sign in "`$|") or code != code.strip():
        return _escaped(code)
    return f"`{code}`"


def _image(token: Token, *, is_in_link: bool) -> str:
    words = _escaped(token.content.strip()) or "image"
    target = "" if is_in_link else _address(str(token.attrGet("src") or ""))
    return f"[{words}]({target})" if target else words


def _address(address: str) -> str:
    """Return the address of a link as all programs take it; empty where it leads elsewhere than to the web."""
    if not is_link(address):
        return ""
    quoted = _ADDRESS_SIGN.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace")), address
    )
    return quoted.replace("&", "&amp;")


def _math(tex: str, *, mark: str) -> str:
    """Return a formula that both LaTeX and a page typeset; as code what does more than to show something, or could fail."""
    between = "\n" if mark.endswith("\n") else " "
    tex = _TAG.sub(r"\\qquad\\text{(\1)}", between.join(filter(None, map(str.strip, tex.split("\n")))))
    tex = _ENVIRONMENT.sub(_inside, tex).strip()
    is_fine = tex and is_safe(tex) and has_even_braces(tex)
    if not is_fine or any(sign in tex for sign in "%#`$\u200b"):
        return _code_span(tex) if tex else ""
    # Where a program takes it for text, no tag begins with a blank, and no address of a link stands behind one.
    tex = tex.replace("<", "< ").replace("](", "] (").replace("]:", "] :")
    return f"{mark}{tex}{mark[::-1]}"


def _inside(found: re.Match[str]) -> str:
    name = _INSIDE[found[2]]
    return f"\\{found[1]}{{{name}}}" if name else ""
