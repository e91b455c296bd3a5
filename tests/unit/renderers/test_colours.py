"""Code in colours."""

from __future__ import annotations

import ast
import inspect
import random
import re
import tokenize
from pathlib import Path

import pytest
from pygments.lexers.python import PythonLexer

import g4f_magic
from g4f_magic.renderers.code_blocks import _THEME
from g4f_magic.renderers.colours import _lexer, colour
from tests.examples import share

PLAIN = PythonLexer(stripnl=False, ensurenl=False)
PACKAGE = Path(g4f_magic.__file__).parent
SIGNS = [
    "x",
    "print",
    "1",
    "0x1f",
    "1.5",
    "1e3",
    ".5",
    "1_0",
    "3j",
    " ",
    "  ",
    "\t",
    "\n",
    "\\\n",
    "(",
    ")",
    "[",
    "{",
    "}",
    ":",
]
SIGNS += [
    ":=",
    "=",
    "==",
    "->",
    "@",
    "**",
    ".",
    ",",
    ";",
    "...",
    '"',
    "'",
    '"""',
    'f"{a:>3}"',
    'rb"x"',
    "#",
    "match",
    "case",
]
SIGNS += [
    "def f",
    "class A",
    "import a",
    "from . import b",
    "lambda",
    "if",
    "is",
    "not in",
    "self",
    "__init__",
    "é",
    "²",
    "$",
]


def same(code: str) -> bool:
    quick = _lexer("python")
    assert quick is not None
    return list(quick.get_tokens(code)) == list(PLAIN.get_tokens(code))


@pytest.mark.parametrize("module", [ast, inspect, random, tokenize])
def test_python_is_read_as_pygments_reads_it(module: object) -> None:
    assert same(inspect.getsource(module)[: share(30_000)])  # type: ignore[arg-type]


@pytest.mark.heavy
def test_our_own_code_is_read_as_pygments_reads_it() -> None:
    for file in sorted(PACKAGE.glob("*.py")):
        assert same(file.read_text()), file


def test_any_signs_are_read_as_pygments_reads_them() -> None:
    chance = random.Random(5)
    for _ in range(share(3_000)):
        code = "".join(chance.choice(SIGNS) for _ in range(chance.randint(1, 12)))
        assert same(code), code


def test_names_of_languages_in_any_case() -> None:
    assert colour("x = 1", "Python") == colour("x = 1", "py") == "x = <span style=color:#b62>1</span>"
    assert colour("a < b", "nosuchlanguage") == "a &lt; b"


def test_what_a_diff_adds_and_takes_out_differ_in_every_theme() -> None:
    shown = colour("-one\n+two\n", "diff")
    taken, added = (found[1] for found in re.finditer(r"style=color:(#\w+)", shown))
    assert taken != added
    assert _THEME.get(taken) == "error"
    assert added not in _THEME  # a theme's own for strings is red, mostly
