"""What is said of an exception: the failing cell, the person's own lines, the message, and what the names held."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sized
from itertools import groupby, islice
from typing import Any

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.frames import frame_body
from g4f_magic.describing.own_code import CodeLine, names_in, own_lines, without_literals
from g4f_magic.describing.scalars import holds_a_secret, is_scalar, scalar_text, type_name
from g4f_magic.describing.share import reaches
from g4f_magic.describing.structure import Brief, container_line, counted, is_container
from g4f_magic.secret import MASK

_MOST_LINES, _LINES_WITH_NAMES, _MOST_NAMES = 12, 3, 20
_LONGEST_MESSAGE, _LONGEST_HELD, _LARGE = 2_000, 600, 100_000
_MOST_CAUSES, _MOST_PARTS, _LINES_AROUND = 3, 5, 6
_WORD = re.compile(r"\w+")
_SKIPPED = ("module", "function", "builtin_function_or_method", "type", "method")
"""Kinds of which a line's reader knows what they are."""


def error_body(
    exception: BaseException,
    scope: Scope,
    brief: Brief,
    *,
    source: str = "",
    namespace: Mapping[str, Any] | None = None,
) -> Body:
    """Return what is said of an exception. `source` is the failing cell's code, `namespace` the notebook's names."""
    own = own_lines(exception)
    told: dict[str, None] = {}
    code = source or next((line.source for line in own if not line.place), "")
    parts = [_cell(exception, own, code, scope, told), _message(exception, scope, told)]
    if own:
        parts += [_way(own, code, scope), _around(own, code, scope)]
        parts += _names(own, scope, brief)
    parts += _missing(exception, own, namespace or {}, scope)
    parts += _causes(exception, scope)
    facts = _place(exception, own, code)
    text = "\n\n".join(filter(None, parts))
    name = type(exception).__name__[:80]
    summary = f"{name}, {facts}" if facts else name
    return Body(kind=name, text=text, facts=facts, summary=summary, omitted=tuple(told), is_code=True)


def message_of(exception: BaseException) -> str:
    """Return an exception's message, bounded; of one that cannot tell it, nothing."""
    try:
        text = _text_of(exception)
        notes = getattr(exception, "__notes__", None)
        told = [note for note in notes[:5] if isinstance(note, str)] if isinstance(notes, list) else []
    except Exception:  # of any kind: it is the person's own class
        return ""
    return "\n".join(line[:_LONGEST_MESSAGE] for line in (text, *told))


def _text_of(exception: BaseException) -> str:
    if isinstance(exception, SyntaxError):
        return str(exception.msg)
    if any(isinstance(one, Sized) and len(one) > _LARGE for one in exception.args):
        return ", ".join(_argument(one) for one in exception.args[:_MOST_PARTS])
    return str(exception)


def _argument(value: Any) -> str:
    """Return what a message holds of a value, without writing all of it out first."""
    if is_container(value):
        return container_line(value, Scope(share="sample", limit=_LONGEST_HELD), _type_alone, _LONGEST_HELD)
    return scalar_text(value, lambda words: None, _LONGEST_HELD) if is_scalar(value) else _type_alone(value)


def _type_alone(value: Any, scope: Scope | None = None) -> str:
    return f"<{type_name(value)}>"


def _place(exception: BaseException, own: list[CodeLine], source: str) -> str:
    if isinstance(exception, SyntaxError) and exception.lineno and not own:
        return f"line {exception.lineno}"
    here = next((line for line in own if _is_of(line, source)), own[0] if own else None)
    if here is None:
        return ""
    return f"line {here.number} of {here.place}" if here.place else f"line {here.number} of the cell"


def _is_of(line: CodeLine, source: str) -> bool:
    return not line.place and (not source or line.source.strip() == source.strip())


def _cell(
    exception: BaseException, own: list[CodeLine], code: str, scope: Scope, told: dict[str, None]
) -> str:
    """Return the code of the cell that failed, bounded to the lines around the failing one."""
    if not code.strip():
        return ""
    if not reaches(scope.share, "sample"):
        code = without_literals(code)
        return f"The cell, without its literals:\n{code}" if code else ""
    number = next(
        (line.number for line in own if _is_of(line, code)), getattr(exception, "lineno", None) or 1
    )
    lines = code.rstrip().splitlines()
    most = max(scope.limit // 2, 500)
    if len(code) > most:
        around = max(most // 80, 5)
        first = max(min(number, len(lines)) - around, 1)
        lines = lines[first - 1 : number + around]
        told[f"{counted(len(lines), 'line')} of the cell"] = None
    return "The cell:\n" + "\n".join(line[:1_000] for line in lines)


def _message(exception: BaseException, scope: Scope, told: dict[str, None]) -> str:
    name = type(exception).__name__[:80]
    if not reaches(scope.share, "sample"):
        told["without its message"] = None
        return f"The error: {name}"
    where = ""
    if isinstance(exception, SyntaxError) and exception.lineno:
        where = f" (line {exception.lineno}, column {exception.offset or 1})"
    return f"The error: {name}: {message_of(exception)}{where}"


def _way(own: list[CodeLine], source: str, scope: Scope) -> str:
    """Return the person's own lines, the outermost first; of many, the first and the last ones."""
    texts = [_line(line, source, scope) for line in own[: _MOST_LINES * 100]]
    times = [(text, sum(1 for _ in alike)) for text, alike in groupby(texts)]
    texts = [f"{text} ({number:,} times)" if number > 1 else text for text, number in times]
    if len(texts) > _MOST_LINES:
        half = _MOST_LINES // 2
        texts = [*texts[:half], f"- … {len(texts) - 2 * half:,} more lines", *texts[-half:]]
    texts.append(
        "(Without the lines of Python and of packages.)"
    )  # as many as their versions have: they are not counted
    return "\n".join(["The way to it:", *texts])


def _line(line: CodeLine, source: str, scope: Scope) -> str:
    inside = "" if line.function == "<module>" else f", in {line.function}"
    statement = line.statement if reaches(scope.share, "sample") else without_literals(line.statement)
    return f"- line {line.number} of {_where(line, source)}{inside}: {' '.join(statement.split())[:300]}"


def _where(line: CodeLine, source: str) -> str:
    return line.place or ("the cell" if _is_of(line, source) else "another cell")


def _around(own: list[CodeLine], source: str, scope: Scope) -> str:
    """Return the lines around the one that failed, where the cell does not show them."""
    last = own[-1]
    if _is_of(last, source) or not reaches(scope.share, "sample"):
        return ""
    lines = last.source.splitlines()
    first = max(last.number - _LINES_AROUND, 1)
    shown = "\n".join(line[:500] for line in lines[first - 1 : last.number + _LINES_AROUND])
    return (
        f"Lines {first} to {min(last.number + _LINES_AROUND, len(lines))} of {_where(last, source)}:\n{shown}"
    )


def _names(own: list[CodeLine], scope: Scope, brief: Brief) -> Iterator[str]:
    """Yield what the names on the last of the person's own lines held."""
    seen: set[tuple[str, str]] = set()
    lines = []
    for line in reversed(own[-_LINES_WITH_NAMES:]):
        for name in names_in(line.statement)[:_MOST_NAMES]:
            if name not in line.names or type(line.names[name]).__name__ in _SKIPPED:
                continue
            value = line.names[name]
            if (name, line.function) not in seen:
                seen.add((name, line.function))
                lines.append(f"- {name}: {_held(name, value, scope, brief)}")
    if lines:
        yield "\n".join(["What the names on these lines held:", *lines[:_MOST_NAMES]])


def _held(name: str, value: Any, scope: Scope, brief: Brief) -> str:
    if holds_a_secret(name, value):
        return MASK
    columns = _columns(value)
    try:
        if is_container(value):
            text = container_line(value, scope, brief, _LONGEST_HELD // 2)
        else:
            text = brief(value, scope)
    except Exception as exc:  # whatever a repr raises
        return f"{type(value).__name__[:80]}, whose repr raised {type(exc).__name__[:80]}"
    return f"{text} {columns}"[:_LONGEST_HELD].rstrip()


def _columns(value: Any) -> str:
    """Return the columns of a table, on one line: an error is often about one of them."""
    for root in ("pandas", "polars", "pyarrow"):
        if type(value).__module__.partition(".")[0] == root:
            body = frame_body(value, root, Scope(share="schema", limit=4_000))
            return f"({body.text.replace('- ', '').replace(chr(10), '; ')})" if body and body.text else ""
    return ""


def _missing(
    exception: BaseException, own: list[CodeLine], namespace: Mapping[str, Any], scope: Scope
) -> Iterator[str]:
    """Yield which name is missing, and those that are nearly called so.

    Below the level of values, one that stands in the code itself: `getattr(row, key)` names a value.
    """
    has_values = reaches(scope.share, "sample")
    name = getattr(exception, "name", None) or (exception.args[:1] or (None,))[0]
    if not isinstance(name, str) or not (has_values or _stands_in(name, own)):
        return
    if isinstance(exception, NameError):
        yield f"Not there: the name {name}.{_near(name, [*(own[-1].names if own else ()), *namespace])}"
    elif isinstance(exception, AttributeError) and exception.name:
        near = _near(name, _attributes(exception.obj)) if has_values else ""
        yield f"Not there: {name} of {type_name(exception.obj)}.{near}"
    elif isinstance(exception, ModuleNotFoundError) and exception.name:
        yield f"Not there: the module {name}."
    elif isinstance(exception, KeyError) and own and has_values and (near := _near(name, _keys(own[-1]))):
        yield f"Not there: the key {name[:200]!r}.{near}"


def _stands_in(name: str, own: list[CodeLine]) -> bool:
    """Say whether a name stands in the code of a failing line, and in no literal of it."""
    code = "\n".join(without_literals(line.statement) for line in own[-_LINES_WITH_NAMES:])
    return name in _WORD.findall(code)


def _near(name: str, names: list[str]) -> str:
    found = difflib.get_close_matches(name[:100], dict.fromkeys(names[:5_000]), n=3)
    return f" Nearly called so: {', '.join(found)}." if found else ""


def _attributes(value: Any) -> list[str]:
    try:
        return list(map(str, dir(value)))
    except Exception:  # whatever its `__dir__` raises; the names are only a hint
        return []


def _keys(line: CodeLine) -> list[str]:
    """Return the keys and columns of what is named on a line."""
    found: list[str] = []
    for name in names_in(line.statement):
        value = line.names.get(name)
        keys = value if isinstance(value, Mapping) else getattr(value, "columns", ())
        try:
            found += [key for key in islice(keys, 2_000) if isinstance(key, str)]
        except TypeError:
            continue
    return found


def _causes(exception: BaseException, scope: Scope) -> Iterator[str]:
    """Yield what an exception came of, and of what a group consists."""
    has_values = reaches(scope.share, "sample")
    if isinstance(exception, BaseExceptionGroup):
        inner = [_named(one, has_values) for one in exception.exceptions[:_MOST_PARTS]]
        more = len(exception.exceptions) - len(inner)
        yield "\n".join(["It holds:", *inner, *([f"- … {more:,} more"] if more > 0 else [])])
    seen = {id(exception)}
    for _ in range(_MOST_CAUSES):
        cause = exception.__cause__ or (None if exception.__suppress_context__ else exception.__context__)
        if cause is None or id(cause) in seen:
            return
        seen.add(id(cause))
        is_same = type(cause) is type(exception) and message_of(cause) == message_of(exception)
        if own_lines(cause) or not is_same:  # one that a package passed on says nothing new
            yield f"It came of:\n{_named(cause, has_values)}"
        exception = cause


def _named(exception: BaseException, has_values: bool) -> str:
    own = own_lines(exception)
    place = f" ({own[-1].place or 'the cell'}, line {own[-1].number})" if own else ""
    message = f": {message_of(exception)}" if has_values else ""
    return f"- {type(exception).__name__[:80]}{message}{place}"
