"""What a front end is asked, it is asked in one place: nobody else knows what IPython calls things."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import g4f_magic
from tests.named import named

PACKAGE = Path(g4f_magic.__file__).parent
ROOM = (PACKAGE / "host", PACKAGE / "extension.py")
"""The host's room, and what puts the magics into a shell."""
NAMES = frozenset(
    {"display_pub", "display_formatter", "set_next_input", "user_ns", "user_ns_hidden", "get_parent"}
    | {"strdispatchers", "history_manager", "InteractiveTB", "magics_manager", "io_loop", "control_handlers"}
    | {
        "register_hook",
        "input_transformers_cleanup",
        "input_transformers_post",
        "get_ipython",
        "payload_manager",
    }
)
"""What a shell, its publisher or its kernel are asked by IPython's own names."""
MODULES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if not any(path == place or place in path.parents for place in ROOM)
]


def asked(tree: ast.AST) -> set[str]:
    """The attributes that code asks for, those that it asks for by `getattr` and `hasattr` too."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and "attr" in node.func.id:
            found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    return found


@pytest.mark.heavy
def test_nobody_else_asks_a_shell() -> None:
    for path in MODULES:
        with named(path.relative_to(PACKAGE)):
            assert asked(ast.parse(path.read_text("utf-8"))) & NAMES == set()


def test_it_is_seen_where_somebody_does() -> None:
    code = "shell.display_pub.publish(1)\ngetattr(shell, 'user_ns', None)\nget_ipython()"
    assert asked(ast.parse(code)) & NAMES == {"display_pub", "user_ns", "get_ipython"}
    assert any(asked(ast.parse(path.read_text("utf-8"))) & NAMES for path in ROOM[0].glob("*.py"))
