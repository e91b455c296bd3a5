r"""What is a formula, and what is money, a shell's variable or prose between two dollars."""

from __future__ import annotations

import pytest

from g4f_magic.renderers.document import MarkdownView, markdown_to_html
from g4f_magic.renderers.markdown import to_html


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"$$ E = mc^2 \tag{1} $$", r"$$E = mc^2 \tag{1}$$"),
        (r"$$ \$50 \times 3 $$", r"$$\$50 \times 3$$"),
        (r"$x = \$5$", r"$x = \$5$"),
        (r"from $x = \$5$ to $y = \$6$", r"from $x = \$5$ to $y = \$6$"),
        (
            "\\begin{align} x &= 1 \\\\ y &= 2 \\end{align}",
            "$$\\begin{align} x &amp;= 1 \\\\ y &amp;= 2 \\end{align}$$",
        ),
        (
            "So:\n\\begin{equation*}\n- x = 1\n= 2\n\\end{equation*}\nand on",
            "$$\\begin{equation*}\n- x = 1\n= 2\n\\end{equation*}$$",
        ),
        (r"$[0, 1)$ and $]0, 1[$", "$[0, 1)$ and $]0, 1[$"),
        ("the $n$th, $x$s", "the $n$th, $x$s"),
        (r"$\text{if it is so}$", r"$\text{if it is so}$"),
        ("$profit = revenue - cost$", "$profit = revenue - cost$"),
        (r"$\left( a \right.$", r"$\left( a \right.$"),
        ("$AB = BC$", "$AB = BC$"),
        ("$a, b, c$", "$a, b, c$"),
        ("$2x + 3y$", "$2x + 3y$"),
        (r"a 3$\times$3 matrix", r"a 3$\times$3 matrix"),
        (r"10$^{\circ}$C, 5$\pm$2", r"5$\pm$2"),
    ],
)
def test_a_formula_reaches_the_page_whole(text: str, shown: str) -> None:
    assert shown in to_html(text)


@pytest.mark.parametrize(
    "text",
    [
        "revenue ($M) with cost ($M)",
        "PATH=$HOME/bin:$PATH",
        "cp $HOME/$USER/x ${A}/${B}",
        '"$HOME" "$USER"',
        "$USER$HOME",
        "$foo/$bar and $x:$y",
        "$5 and $10",
        "US$5, and US$6",
        "A$5/A$6",
        "from $5, or 4$ more",
        "$20M and EU$30M",
        "between $k and US$k",
        "$f(x$ and $g)$",
        "$a}$ or ${b$",
        "($5) to ($6)",
        "$1$2",
        r"$5\%$5",
    ],
)
def test_money_variables_and_open_brackets_are_text(text: str) -> None:
    html = to_html(text)
    assert "$" not in html.replace("<span>$</span>", "")


def test_a_dollar_in_code_closes_no_formula() -> None:
    html = to_html("It costs $10, `$HOME` is a folder, $x$ a formula.")
    assert "<span>$</span>10, <code>$HOME</code> is" in html
    assert "$x$" in html


def test_a_bare_environment_is_the_same_however_it_comes() -> None:
    text = "Here:\n\\begin{align}\nx &= 1 \\\\\n- y &= 2\n\\end{align}\n\nAfter.\n"
    view = MarkdownView()
    for sign in text:
        view.feed(sign)
    assert "".join(part.html for part in view.parts(text)) == markdown_to_html(text)


@pytest.mark.parametrize(
    "text",
    [r"\begin{document} x \end{document}", r"\begin{align} x", r"\begin{tikzpicture}\end{tikzpicture}"],
)
def test_other_environments_stay_text_with_their_backslashes_set_apart(text: str) -> None:
    html = to_html(text)
    assert "$$" not in html
    assert r"\begin" not in html.replace(r"<span>\</span>", "")
