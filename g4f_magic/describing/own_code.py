"""The person's own lines on the way to an exception, and the names that stand on them. Runs nothing of theirs."""

from __future__ import annotations

import ast
import linecache
import os
import sys
import sysconfig
from collections import ChainMap
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from traceback import walk_tb
from typing import Any

from g4f_magic.syntax import module_of

_MOST_WALKED = 5_000
"""Frames: a recursion has a thousand, and its limit can be raised."""
_LIBRARIES = ("site-packages", "dist-packages")
_CONSOLES = ("<ipython-input-", "<stdin", "<string", "<console", "<python-input-")
_KERNELS = ("ipykernel_", "xpython_", "__marimo__cell_")
"""In the names of files that are none: ipykernel's, xeus-python's, marimo's."""
_MOST_SOURCE = 400_000
"""Characters of a file that is looked at."""


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of the person's own code that an exception passed through."""

    source: str
    """Of its whole file or cell."""
    place: str
    """The file's name; empty for a cell."""
    number: int
    function: str
    names: Mapping[str, Any]
    """What the names in reach held."""

    @property
    def statement(self) -> str:
        """Return the statement that the line is part of; of one with a body, its head."""
        lines = self.source.splitlines()
        first, last = _span(self.source, self.number)
        return "\n".join(lines[first - 1 : last]).strip("\n")


def own_lines(exception: BaseException) -> list[CodeLine]:
    """Return the person's own lines on the way, the outermost first."""
    own = []
    for frame, number in islice(walk_tb(exception.__traceback__), _MOST_WALKED):
        code = frame.f_code
        if is_own(code.co_filename) and (source := source_of(code.co_filename)):
            names = ChainMap(frame.f_locals, frame.f_globals)
            own.append(CodeLine(source, _place(code.co_filename), number, code.co_name, names))
    return own


def source_of(filename: str) -> str:
    """Return the source of a file or a cell as Python knows it, without reading what it does not."""
    lines = linecache.getlines(filename) if _is_cell(filename) or os.path.isfile(filename) else []
    source = "".join(lines)
    return source if len(source) <= _MOST_SOURCE else ""


def is_own(filename: str) -> bool:
    """Say whether a file is the person's own, or a cell: none of Python, of an installed package, or of ours."""
    if _is_cell(filename):
        return True
    if filename.startswith("<"):
        return False
    path = os.path.abspath(filename)
    return not any(part in path for part in _LIBRARIES) and not path.startswith(_foreign())


def names_in(statement: str) -> list[str]:
    """Return the names that a statement reads, each once, in their order."""
    tree = _parsed(statement) or _parsed(f"{statement.strip()}\n    pass") or _parsed(_dedented(statement))
    if tree is None:
        return []
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    ordered = sorted(found, key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in ordered))


@lru_cache(maxsize=256)
def without_literals(code: str) -> str:
    """Return code with `...` in place of each literal, and without comments; empty where it is no whole code."""
    tree = _parsed(code) or _parsed(_dedented(code)) or _parsed(f"{_dedented(code)}\n    pass")
    if tree is None:
        return ""
    try:
        return ast.unparse(ast.fix_missing_locations(_Literals().visit(deepcopy(tree))))
    except (RecursionError, ValueError):
        return ""


class _Literals(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return node if node.value is None or isinstance(node.value, bool) else ast.Constant(...)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return ast.Constant(...)

    def visit_MatchValue(self, node: ast.MatchValue) -> ast.pattern:
        return ast.MatchAs()

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if type(node).__name__ == "TemplateStr":  # from Python 3.14 on
            return ast.Constant(...)
        return super().generic_visit(node)


@lru_cache(maxsize=256)
def _span(source: str, number: int) -> tuple[int, int]:
    """Return the first and the last line of the statement at a line."""
    tree = _parsed(source)
    first = last = number
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.stmt) and node.lineno <= number <= (node.end_lineno or number):
            end = node.end_lineno or number
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and number < body[0].lineno:
                end = max(body[0].lineno - 1, node.lineno)
            elif body:
                continue
            first, last = node.lineno, end
    return first, last


@lru_cache(maxsize=32)
def _parsed(code: str) -> ast.Module | None:
    return module_of(code)


def _dedented(code: str) -> str:
    import textwrap

    return textwrap.dedent(code).strip()


def _place(filename: str) -> str:
    return "" if _is_cell(filename) else os.path.basename(filename)


def _is_cell(filename: str) -> bool:
    """Say whether Python's name for a code is one that a kernel or a console gave to what was typed."""
    is_typed = filename.startswith(_CONSOLES) or any(mark in filename for mark in _KERNELS)
    return is_typed and filename in linecache.cache


@lru_cache(maxsize=1)
def _foreign() -> tuple[str, ...]:
    """Return the folders of Python itself and of this package."""
    return tuple(_folders())


def _folders() -> Iterator[str]:
    paths = sysconfig.get_paths()
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        if name in paths:
            yield os.path.join(os.path.abspath(paths[name]), "")
    yield os.path.join(os.path.dirname(os.path.abspath(sys.modules["g4f_magic"].__file__ or "")), "")
