from __future__ import annotations

import ast
import gc
from collections.abc import Iterator

import pytest

from g4f_magic.syntax import expression_of, module_of
from tests.named import named

TOO_DEEP = {"signs": "-" * 10_000 + "1", "attributes": "a" + ".b" * 20_000, "a sum": "1" + "+1" * 50_000}


@pytest.fixture
def parsing_while_collecting() -> Iterator[None]:
    """Parse in each collection, as a finalizer whose error is shown with its lines does, and collect all the time."""
    before, is_inside = gc.get_threshold(), False

    def parse(phase: str, info: object) -> None:
        nonlocal is_inside
        if not is_inside:
            is_inside = True
            ast.parse("a(b(c))")
            is_inside = False

    gc.callbacks.append(parse)
    gc.set_threshold(5, 2, 2)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(parse)


def test_statements_have_a_tree_and_an_expression_has_one() -> None:
    tree = module_of("x = 1\ny = 2")
    assert tree is not None
    assert [statement.lineno for statement in tree.body] == [1, 2]
    assert isinstance(expression_of("  rows[0] "), ast.Subscript)


def test_what_is_no_python_has_none() -> None:
    assert module_of("%%chat\nWhat is it?") is None
    assert expression_of("x = 1") is None
    assert expression_of("") is None
    assert expression_of("a\0b") is None


def test_what_is_nested_too_deeply_has_none() -> None:
    for name, text in TOO_DEEP.items():
        with named(name):
            assert expression_of(text) is None


def test_a_collection_that_parses_itself_is_in_nobodys_way(parsing_while_collecting: None) -> None:
    code = "f(1)[2]\nx = [1, (2, 3), {4: 5}]\n" * 20
    assert all(module_of(code) is not None for _ in range(20))
    assert gc.isenabled()
