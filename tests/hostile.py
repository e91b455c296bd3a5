"""Texts that a model, a service or a recording may say to cost much more than they are long: made to any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator

Text = Callable[[int], str]
"""Gives a text of about so many characters, never more."""


def again(piece: str, *, first: str = "", last: str = "") -> Text:
    """Return what repeats `piece`, after `first` and before `last`."""

    def made(size: int) -> str:
        room = size - len(first) - len(last)
        return first + (piece * (room // len(piece) + 1))[: max(0, room)] + last

    return made


def nested(opening: str, inside: str, closing: str) -> Text:
    """Return what opens as often as it closes, with `inside` in the middle."""

    def made(size: int) -> str:
        depth = max(1, (size - len(inside)) // (len(opening) + len(closing)))
        return opening * depth + inside + closing * depth

    return made


def halves(one: str, other: str) -> Text:
    """Return `one` many times, then `other` many times."""

    def made(size: int) -> str:
        half = size // 2
        return (one * (half // len(one) + 1))[:half] + (other * (half // len(other) + 1))[:half]

    return made


def counted(line: Callable[[int], str], *, first: str = "") -> Text:
    """Return lines that each hold their number."""

    def made(size: int) -> str:
        lines, room = [first], size - len(first)
        for number in range(size):
            text = line(number)
            if len(text) > room:
                break
            lines.append(text)
            room -= len(text)
        return "".join(lines)

    return made


def _definition_used(size: int) -> str:
    half = size // 2
    return "[a]: http://x.y/" + "u" * half + "\n\n" + "[a] " * ((size - half - 18) // 4)


def _wide_table(size: int) -> str:
    columns = (size - 4) // 4
    return "|a" * columns + "|\n" + "|-" * columns + "|\n"


def _filled_table(size: int) -> str:
    columns = size // 8
    head = "|a" * columns + "|\n" + "|-" * columns + "|\n"
    return head + "|\n" * ((size - len(head)) // 2)


def _deep_list(size: int) -> str:
    lines, room = [], size
    for depth in range(size):
        line = "  " * depth + "- a\n"
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    return "".join(lines)


def _quotes_of_quotes(size: int) -> str:
    lines, room = [], size
    while room > 3:
        line = ">" * min(room - 2, 90) + "a\n"
        lines.append(line)
        room -= len(line)
    return "".join(lines)


def _fence_of_backticks(size: int) -> str:
    half = (size - 2) // 2
    return "`" * half + "\n" + "`" * half + "x"


def _json_deep_and_wide(size: int) -> str:
    depth = min(900, size // 4)
    return "[" * depth + ",".join("1" * ((size - 2 * depth) // 2)) + "]" * depth


MARKDOWN: dict[str, Text] = {
    "words": again("word "),
    "one line without a space": again("a"),
    "blanks": again(" "),
    "tabs": again("\t"),
    "line ends": again("\n"),
    "line ends of three kinds": again("a\r\n\r\n\ra"),
    "short paragraphs": again("a\n\n"),
    "short lines": again("a\n"),
    "NULs": again("\0"),
    "control characters": again("\x85"),
    "zero-width characters": again("\u200b"),
    "combining characters": again("a\u0301\u0302"),
    "right to left": again("א \u202e"),
    "emoji": again("👩\u200d💻"),
    "a definition used often": _definition_used,
    "many definitions": counted(lambda n: f"[a{n}]: http://x/{n}\n"),
    "many definitions, used": counted(lambda n: f"[a{n}]: http://x/{n}\n[a{n}]\n\n"),
    "definitions of one paragraph": again("[a\n"),
    "a definition without an end": again("a\n", first="[a]: http://x.y 'title "),
    "definitions with open titles": again("[a]: b 'c\n"),
    "definitions that are none": again("[a]: b c\n"),
    "labels without an end": again("[a\\"),
    "uses of a long label": again("[a][" + "a" * 40 + "]", first="[b]: http://x\n\n"),
    "brackets": again("["),
    "closing brackets": again("]"),
    "nested brackets": nested("[", "a", "]"),
    "brackets with a definition": again("[a", first="[b]: http://x\n\n"),
    "nested brackets with a definition": nested("[", "a", "]"),
    "bracket pairs": again("[]"),
    "images": again("!["),
    "nested images": nested("![", "a", "](b)"),
    "nested images of the web": nested("![", "a", "](http://b)"),
    "nested links": nested("[", "a", "](b)"),
    "links and images": nested("[![", "a", "](http://b)](http://c)"),
    "links": again("[a](http://b)"),
    "links without a destination": again("[a]("),
    "links without an end": again("[a](b"),
    "links with open titles": again('[a](b "'),
    "links with titles in brackets": again("[a](b (c"),
    "links with an open angle": again("[a](<b"),
    "links of references": again("[a][b][c]", first="[a]: http://x\n[b]: http://y\n\n"),
    "links of blanks": again("[a](   "),
    "parentheses": nested("[a](" + "(", "b", ")"),
    "autolinks": again("<http://a>"),
    "open angles": again("<"),
    "open autolinks": again("<http://a"),
    "open tags": again("<a "),
    "open comments": again("<!--"),
    "open declarations": again("<!A<?a<![CDATA["),
    "open attributes": again('<a b="'),
    "html": again("<b>x</b>"),
    "html blocks": again("<div>\n\n"),
    "stars": again("*"),
    "stars that open": again("*a "),
    "stars that close": again("a* "),
    "stars that both": again("a*"),
    "stars opening and closing": halves("*a ", "a* "),
    "stars in pairs": again("**a*"),
    "stars around a word": nested("*", "a", "*"),
    "double stars around a word": nested("**", "a", "**"),
    "underscores": again("_a "),
    "stars and underscores": again("*_*_"),
    "stars then underscores": halves("*a_ ", "b* _"),
    "tildes": again("~~a "),
    "tildes around": nested("~~", "a", "~~"),
    "emphasis": again("*a* "),
    "strong in emphasis": nested("*a **b ", "c", "** *"),
    "one emphasis a letter": again("*a*b"),
    "backticks": again("`"),
    "backticks and words": again("`a"),
    "backticks of growing length": counted(lambda n: "`" * (n % 300) + " "),
    "code of a letter": again("`a` "),
    "backticks, a line end, backticks": _fence_of_backticks,
    "backslashes": again("\\"),
    "escapes": again("\\*"),
    "line breaks": again("a  \n"),
    "hard line breaks": again("a\\\n"),
    "entities": again("&amp;"),
    "ampersands": again("&"),
    "open entities": again("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    "numeric entities": again("&#1;"),
    "quotes": again(">"),
    "quotes of lines": again("> a\n"),
    "quotes of quotes": _quotes_of_quotes,
    "deep quotes of one line each": again("> " * 90 + "a\n"),
    "quotes and paragraphs": again("> a\n\n"),
    "lazy quotes": again("a\n", first=">" * 90 + " "),
    "quotes in lists": again("- > "),
    "list signs": again("- "),
    "list signs of stars": again("* "),
    "lists in one line": again("- " * 40 + "a\n"),
    "a list": again("- a\n"),
    "a list with blank lines": again("- a\n\n"),
    "a list that goes on": again("\n", first="- a\n", last="  b"),
    "a deep list": _deep_list,
    "lists of two kinds": again("- a\n* b\n"),
    "empty items": again("-\n"),
    "numbered items": again("1. a\n"),
    "numbers": counted(lambda n: f"{n}. a\n"),
    "tasks": again("- [ ] a\n"),
    "headings": again("# a\n"),
    "empty headings": again("#\n"),
    "headings with closing signs": again("# a " + "#" * 50 + "b\n"),
    "underlined headings": again("a\n=\n"),
    "a long paragraph, underlined": again("a\n", last="\n==="),
    "rules": again("---\n"),
    "rules that are none": again("- - - -a\n"),
    "stars of a rule": again("* * *\n"),
    "indented code": again("    a\n"),
    "indented code and words": again("    a\nb\n\n"),
    "a table": again("|a|b|\n", first="|a|b|\n|-|-|\n"),
    "a wide table": _wide_table,
    "a table filled up": _filled_table,
    "a table of empty cells": again("||||||||\n", first="|a|b|c|d|e|f|g|\n|-|-|-|-|-|-|-|\n"),
    "small tables": again("a|\n-|\n\n"),
    "tables without a body": again("|a|\n|-|\n"),
    "heads of tables": again("a|b\n"),
    "lines of a table": again("-|-\n"),
    "pipes": again("|"),
    "escaped pipes": again("\\|", first="|a|\n|-|\n|"),
    "fences": again("```\n"),
    "a fence without an end": again("a\n", first="```\n"),
    "fences of growing length": counted(lambda n: "`" * (3 + n % 200) + "\n"),
    "fences in lists": again("- ```\n"),
    "tildes of a fence": again("~~~\na\n"),
    "footnotes": counted(lambda n: f"[^{n}] [^{n}]: a\n\n"),
    "footnotes that are used": counted(lambda n: f"[^{n}]\n\n[^{n}]: a\n\n"),
    "marks of a footnote": again("[^a]", first="[^a]: x\n\n"),
    "unused definitions": counted(lambda n: f"[a{n}]: http://x\n\n"),
    "breaks": again("<br>"),
    "tags in pairs": again("<sub>a</sub>"),
    "tags that open": again("<sub>"),
    "tags that close": again("</kbd>"),
    "tags that open, then close": halves("<sub>", "</sub>"),
    "tags that cross": again("<sub>*a</sub>*"),
    "tags in tags": nested("<sub><sup>", "a", "</sup></sub>"),
    "details": again("<details>\n\na\n\n</details>\n\n"),
    "details in details": nested("<details>\n", "a", "\n</details>\n"),
    "details that open": again("<details>\n"),
    "details that open and blank lines": again("<details>\n\n"),
    "details with summaries": again("<details><summary>a</summary></details>\n"),
    "summaries that open": again("<details><summary>\n"),
    "bare addresses": again("http://a "),
    "bare addresses without a space": again("http://a"),
    "schemes": again("http://"),
    "brackets in an address": again(")", first="http://a("),
    "addresses of mail": again("a@b.cd "),
    "signs of mail": again("a@"),
    "dots of mail": again("a.", first="a@"),
    "names of the web": again("www.a.bc "),
    "beginnings of names": again("www."),
    "environments": again("\\begin{align}x\\end{align}\n\n"),
    "environments that open": again("\\begin{align}\n"),
    "environments in a paragraph": again("a\n\\begin{align}\n"),
    "escaped dollars": again("\\$", first="$"),
    "dollars of shells": again("$A/"),
    "brackets in dollars": again("(", first="$", last="$"),
    "dollars": again("$"),
    "dollars and letters": again("$a"),
    "formulas": again("$x$ "),
    "formulas without a space": again("$x$y"),
    "displays": again("$$x$$\n"),
    "open displays": again("$$a\n"),
    "displays with blank lines": again("$$a\n\n"),
    "parentheses of formulas": again("\\("),
    "formulas in parentheses": again("\\(x\\) "),
    "open brackets of formulas": again("\\[a\n"),
    "fractions in fractions": nested("\\frac{", "x", "}{y}"),
    "a formula of fractions": lambda size: "$$" + "\\frac{" * ((size - 4) // 7) + "$$",
    "fractions in short formulas": again("$" + "\\frac{" * 30 + "a" + "}{b}" * 30 + "$ "),
    "left and right": again("$" + "\\left(" * 50 + "a" + "\\right)" * 50 + "$ "),
    "roots": again("$" + "\\sqrt" * 100 + "x$ "),
    "exponents": again("$" + "x^{" * 60 + "x" + "}" * 60 + "$ "),
    "matrices": again("$\\begin{matrix}" + "a&" * 30 + "\\\\" * 20 + "\\end{matrix}$ "),
    "a long matrix": again("a & b \\\\\n", first="$$\n\\begin{matrix}\n", last="\n\\end{matrix}\n$$"),
    "arrays": again("$\\begin{array}{*{99999}{c}}a\\end{array}$ "),
    "lengths": again("$\\hspace{99999em}$ "),
    "rules in formulas": again("$\\rule{1e9em}{1e9em}$ "),
    "primes": again("$x'''''''''$ "),
    "signs in formulas": again("$(+)=<$ "),
    "definitions in formulas": again("$\\def\\a{\\a\\a}\\a$ "),
    "a formula of 2,000 letters": again("$" + "x" * 1_990 + "$ "),
    "unknown commands": again("$\\nosuch$ "),
    "things that look like keys": again("eyJaaaaaaaa-"),
    "all signs": again("*_`~[]()<>!#-+=|$\\&\"' \n"),
}
"""Markdown, by what it is made of."""

CODE: dict[str, Text] = {
    f"{language or 'no language'}: {name}": again(piece, first=f"```{language}\n", last="\n```\n")
    for language in ("", "python", "js", "json", "bash", "html", "c", "sql", "yaml", "systemd", "nosuch")
    for name, piece in {
        "blanks": " ",
        "one letter a line": "a\n",
        "quotes": "\"'",
        "brackets": "({[<",
        "open comments": "/* ",
        "numbers and words": '1 if"a",',
        "backslashes": "\\",
        "dollars": "$a ",
        "heredocs": "<<A\n",
    }.items()
}
"""Fenced code, by its language and what it is made of."""

FORMATS: dict[str, dict[str, Text]] = {
    "text": {
        name: MARKDOWN[name] for name in ("words", "short lines", "dollars", "one line without a space")
    },
    "json": {
        "deep": nested("[", "1", "]"),
        "deep objects": nested('{"a":', "1", "}"),
        "deep and wide": _json_deep_and_wide,
        "wide": nested("[", "1", "]") and (lambda size: "[" + ",".join("1" * ((size - 2) // 2)) + "]"),
        "lists of one": lambda size: "[" + ",".join(["[1]"] * ((size - 2) // 4)) + "]",
        "empty objects": lambda size: "[" + ",".join(["{}"] * ((size - 2) // 3)) + "]",
        "names": lambda size: "{" + ",".join(f'"{n}":0' for n in range((size - 2) // 10)) + "}",
        "dollars": lambda size: '"' + "$" * (size - 2) + '"',
        "a long number": again("1"),
        "not to its end": again("[1,"),
        "backticks, a line end, backticks": _fence_of_backticks,
        "backticks of a fence": again("`"),
        "blanks": again(" "),
        "fences": again("```\n"),
    },
    "code": {
        "fences of a letter": again("```\na\n```\n"),
        "fences of Python": again("```python\n1 if'a'\n```\n"),
        "no code": again("*a* "),
        "brackets": again("["),
        "quotes of quotes": _quotes_of_quotes,
    },
    "html": {
        "open tags": again("<b>"),
        "tags": again("<b>x</b>"),
        "formats over paragraphs": halves("<b><i><u>", "<p>x"),
        "formats with attributes over paragraphs": lambda size: (
            counted(lambda n: f'<font color="{n}">')(size // 2) + again("<p>x")(size // 2)
        ),
        "links in links": again("<a href=#a>x"),
        "tables in tables": again("<table><tr><td>"),
        "misplaced in tables": again("<table><b>x"),
        "rows": again("<tr>"),
        "lists": again("<li>"),
        "selects": again("<select><option>"),
        "open attributes": again('<a b="'),
        "attributes": again("a=1 ", first="<p ", last=">"),
        "open comments": again("<!--"),
        "entities": again("&lt;"),
        "quotes": again('"'),
        "styles": again("<style>p{}</style>"),
        "open styles": again("<style>"),
        "templates": again("<template>"),
        "drawings": again("<svg><path d=M0/></svg>"),
        "foreign content": again("<svg><foreignObject><math><mtext>"),
        "angles": again("<"),
        "closing tags": again("</p>"),
        "ends of formats": halves("<b>", "</p></b>"),
    },
}
"""Texts for the other formats."""


def kinds() -> Iterator[tuple[str, str, Text]]:
    """Yield all of them: the format that they are meant for, the name, and the text."""
    for name, text in (*MARKDOWN.items(), *CODE.items()):
        yield "markdown", name, text
    for format, texts in FORMATS.items():  # noqa: A001
        for name, text in texts.items():
            yield format, name, text
