"""A line is given to few rules of the parser, which finds what it finds with all of them."""

from __future__ import annotations

import random

from g4f_magic.renderers.first_signs import SignRuler
from g4f_magic.renderers.markdown import is_link
from g4f_magic.renderers.parsing import TooMuchError, budget, make_parser
from tests.examples import share

BEGINNINGS = (
    *(
        "",
        "",
        "a",
        "é",
        "1",
        "1. ",
        "2) ",
        "- ",
        "* ",
        "+ ",
        "> ",
        "# ",
        "#a",
        "```",
        "~~~",
        "    ",
        "\t",
        "   ",
    ),
    *(
        "---",
        "***",
        "_ _ _",
        "===",
        "=",
        "|",
        "| - |",
        "-|-",
        ":--",
        "$$",
        "\\[",
        "\\begin{align}",
        "<details>",
        "<b>",
    ),
    *("[a]: http://x.y", "[^1]: a", "[a]", "$", "\\", "&", "\u00a0", "\u2028", "\x0b", "“"),
)
BY_SIGN, PLAIN = (make_parser(is_link=is_link) for _ in range(2))
assert isinstance(PLAIN.block.ruler, SignRuler)
PLAIN.block.ruler = PLAIN.block.ruler.plain


def tokens(text: str, *, by_sign: bool) -> list[dict[str, object]] | None:
    """Return what the parser finds; None where that is too much work."""
    try:
        with budget(len(text)):
            return [token.as_dict() for token in (BY_SIGN if by_sign else PLAIN).parse(text)]
    except TooMuchError:
        return None


def test_it_finds_what_all_rules_find() -> None:
    chance = random.Random(3)
    for _ in range(share(3_000)):
        lines = (
            "".join(chance.choices(BEGINNINGS, k=chance.randint(1, 3))) for _ in range(chance.randint(1, 7))
        )
        text = "\n".join(line + chance.choice(("", " a", " a | b", "a")) for line in lines)
        assert tokens(text, by_sign=True) == tokens(text, by_sign=False), text
