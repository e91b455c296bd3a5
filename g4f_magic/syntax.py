"""Whether a text is Python, and its syntax tree (`ast`); nothing is run. No I/O."""

from __future__ import annotations

import ast
import gc
from typing import Literal

_NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What `ast.parse` raises of a text that is no Python, or that is nested too deeply for it."""


def module_of(code: str) -> ast.Module | None:
    """Return the tree of statements; None where the text is no Python."""
    tree = _parsed(code, "exec")
    return tree if isinstance(tree, ast.Module) else None


def expression_of(text: str) -> ast.expr | None:
    """Return the tree of one expression, blanks around it aside; None where the text is none."""
    tree = _parsed(text.strip(), "eval")
    return tree.body if isinstance(tree, ast.Expression) else None


def _parsed(text: str, mode: Literal["exec", "eval"]) -> ast.AST | None:
    try:
        return ast.parse(text, mode=mode)
    except _NO_PYTHON:
        return None
    except SystemError:
        # Python 3.11 counts how deep it is for all that parse at once: a finalizer that parses, or has another thread
        # go on, throws the count off. None runs while nothing is collected.
        is_collecting = gc.isenabled()
        gc.disable()
        try:
            return ast.parse(text, mode=mode)
        except (*_NO_PYTHON, SystemError):
            return None
        finally:
            if is_collecting:
                gc.enable()
