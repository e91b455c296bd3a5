"""docs/api.md is what the public names are. After a change: `python -m tests.unit.test_api_page`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, get_args

import g4f_magic
from g4f_magic import Chat, ChatPanel, ReplyText, chunks, errors
from g4f_magic.chunks import Chunk
from g4f_magic.errors import ChatError, ChatStopped
from g4f_magic.turn import Turn

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
HEAD = """# The public names

What `from g4f_magic import ...` gives, and what those names give in turn: everything here is kept from version to version, \
and everything else may change. Made from the code (`python -m tests.unit.test_api_page`); the types are checked in \
`tests/typing/public_api.py`. The words of cells are in [commands.md](commands.md), settings are listed by \
`%config ChatMagics`.
"""
_ERRORS = """From `g4f_magic.errors`. Each has a `hint`, what to do; `except ChatError` catches them all but the last, and no
message holds a key or what you wrote.
"""
_TESTS = """The pytest fixture `chat_cassette` records with `--chat-record` and replays else: [cassettes.md](cassettes.md).
`pytest --pyargs g4f_magic.testing --chat-provider mypkg:Mine` tries a provider of your own against a server that
misbehaves as real ones do.
"""
MEMBERS: dict[type, tuple[str, ...]] = {
    Chat: (
        "current",
        "ask",
        "ask_sync",
        "stream",
        "compare",
        "map",
        "stream_map",
        "turns",
        "last",
        "messages",
        "undo",
        "redo",
        "fork",
        "aclose",
    ),
    ChatPanel: ("show", "ask", "stop", "turns"),
    ReplyText: ("provider", "model"),
}
"""What a class gives; what a widget and a text have besides is theirs."""
TRAITS = ("provider", "model", "conversation", "parameters", "send_with", "height", "is_busy", "value")


def page() -> str:
    return "\n".join(
        [
            HEAD,
            *_class(Chat),
            *_class(ChatPanel),
            "Traits, which can be observed and linked:\n",
            *_rows(("trait", "what it holds"), [(f"`{one}`", _trait(one)) for one in TRAITS]),
            *_class(ReplyText),
            "It has `turn: Turn`, what was asked and how it went:\n",
            *_rows(("field of `Turn`", "type"), _fields(Turn)),
            *_function(g4f_magic.provider),
            *_function(g4f_magic.tool),
            *_function(g4f_magic.describe),
            *_function(g4f_magic.marimo_chat, is_decorator=False),
            "## Chunks\n",
            "What `Chat.stream` yields, from `g4f_magic.chunks`; what an own provider may yield besides plain `str`.\n",
            *_rows(("chunk", "what it is"), [(_called(one), _first(one)) for one in get_args(Chunk)]),
            "## Errors\n",
            _ERRORS,
            *_rows(("error", "when"), [(name, _first(one)) for name, one in _errors()]),
            "## For tests\n",
            _TESTS,
            "`g4f_magic.__version__` is the version.\n",
        ]
    )


def _class(one: type) -> Iterator[str]:
    yield f"## `{one.__name__}`\n"
    yield f"{_called(one) if one is not ReplyText else '`str`'}: {_first(one)}\n"
    yield from _rows(
        ("member", "what it gives"),
        [_member(one, inspect.getattr_static(one, name)) for name in MEMBERS[one]],
    )


def _member(owner: type, member: Any) -> tuple[str, str]:
    if isinstance(member, property):
        returned = inspect.signature(member.fget).return_annotation  # type: ignore[arg-type]
        return f"`{member.fget.__name__}: {returned}`", _first(member)  # type: ignore[union-attr]
    function = member.__func__ if isinstance(member, classmethod) else member
    awaited = "await " if inspect.iscoroutinefunction(function) else ""
    of = f"{owner.__name__}." if isinstance(member, classmethod) else "."
    return f"`{awaited}{of}{function.__name__}{_signature(function)}`", _first(function)


def _function(function: Any, *, is_decorator: bool = True) -> Iterator[str]:
    yield f"## `{function.__name__}`\n"
    how = (
        f"@g4f_magic.{function.__name__}"
        if is_decorator
        else f"g4f_magic.{function.__name__}{_signature(function)}"
    )
    yield f"`{how}`: {_first(function)}\n"
    rest = inspect.getdoc(function).partition("\n\n")[2].partition("Raises:")[0].strip()  # type: ignore[union-attr]
    yield f"{rest}\n"


def _called(one: type) -> str:
    return f"`{one.__name__}{_signature(one.__init__)}`"  # type: ignore[misc]


class _Written:
    """An annotation as it is written, without quotes around it."""

    def __init__(self, text: Any) -> None:
        self.text = text

    def __repr__(self) -> str:
        return str(self.text)


def _signature(function: FunctionType | Any) -> str:
    signature = inspect.signature(function)
    kept = [
        one if one.annotation is one.empty else one.replace(annotation=_Written(one.annotation))
        for one in signature.parameters.values()
        if one.name not in ("self", "cls")
    ]
    returned = signature.return_annotation
    is_told = returned not in (signature.empty, "None", None)
    return str(
        signature.replace(
            parameters=kept, return_annotation=_Written(returned) if is_told else signature.empty
        )
    )


def _fields(one: type) -> list[tuple[str, str]]:
    return [(f"`{name}`", f"`{kind}`") for name, kind in inspect.get_annotations(one).items()]


def _trait(name: str) -> str:
    return str(ChatPanel.class_traits()[name].help)


def _errors() -> Iterator[tuple[str, type]]:
    """Yield each error with what it is called and derives from, the general before the special."""
    yield f"`{ChatError.__name__}`", ChatError
    above = [ChatError]
    while above:
        parent = above.pop(0)
        for one in parent.__subclasses__():
            # Not those that are made as they are met, of an error and of aiohttp's: they bear its name.
            if getattr(errors, one.__name__, None) is one:
                yield (
                    f"`{one.__name__}`"
                    + (f", a kind of `{parent.__name__}`" if parent is not ChatError else ""),
                    one,
                )
                above.append(one)
    yield f"`{ChatStopped.__name__}`, a `KeyboardInterrupt`", ChatStopped


def _first(one: Any) -> str:
    """Return what its docstring says first."""
    return " ".join((inspect.getdoc(one) or "").partition("\n\n")[0].split())


def _rows(heads: tuple[str, str], rows: list[tuple[str, str]]) -> Iterator[str]:
    escaped = [tuple(cell.replace("|", "\\|") for cell in row) for row in (heads, ("---", "---"), *rows)]
    yield from (f"| {left} | {right} |" for left, right in escaped)
    yield ""


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.unit.test_api_page"


def test_every_public_name_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert [
        name for name in (*g4f_magic.__all__, *chunks.__all__) if not re.search(rf"\b{name}\b", text)
    ] == []


def test_what_a_chat_gives_is_on_the_page() -> None:
    public = {name for name in dir(Chat) if not name.startswith("_")}
    assert public == set(MEMBERS[Chat])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
