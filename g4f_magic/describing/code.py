"""Functions, classes and modules: signature, docstring and source; a module's name and version."""

from __future__ import annotations

import inspect
from contextlib import suppress
from functools import partial
from types import ModuleType
from typing import Any

from g4f_magic.describing.described import Body, Scope
from g4f_magic.describing.share import reaches

_MOST_NAMES = 60


def code_body(value: Any, scope: Scope) -> Body | None:
    """Return what a function, a class or a module says of itself; None for what is none of them."""
    if isinstance(value, ModuleType):
        return _module(value, scope)
    if isinstance(value, type):
        return _class(value, scope)
    if inspect.isroutine(value):
        return _function(value, scope)
    if inspect.isfunction(getattr(value, "__wrapped__", None)):  # functools.cache and its like
        return _function(value.__wrapped__, scope)
    if isinstance(value, partial) and inspect.isroutine(value.func):
        return _function(value.func, scope, kind="partial function")
    return None


def _module(value: ModuleType, scope: Scope) -> Body:
    name = str(value.__name__)
    version = _version(value)
    facts = f"{name} {version}".strip()
    if not reaches(scope.share, "sample"):
        return Body(kind="module", facts=facts)
    public = [one for one in getattr(value, "__all__", None) or vars(value) if not str(one).startswith("_")]
    lines = [_docstring(value).partition("\n\n")[0], f"Names: {', '.join(map(str, public[:_MOST_NAMES]))}"]
    told = (f"{_MOST_NAMES} of {len(public):,} names",) if len(public) > _MOST_NAMES else ()
    return Body(kind="module", facts=facts, text="\n\n".join(filter(None, lines)), omitted=told)


def _version(module: ModuleType) -> str:
    found = getattr(module, "__version__", "")
    if isinstance(found, str) and found:
        return found[:40]
    from importlib.metadata import PackageNotFoundError, version

    with suppress(PackageNotFoundError, ValueError):
        return version(module.__name__.partition(".")[0])[:40]
    return ""


def _function(value: Any, scope: Scope, kind: str = "") -> Body:
    kind = kind or ("coroutine function" if inspect.iscoroutinefunction(value) else "function")
    name = str(getattr(value, "__qualname__", "")).rpartition(".<locals>.")[2]
    if not reaches(scope.share, "sample"):
        return Body(kind=kind, text=f"{name}{_parameters(value)}", language="python", is_code=True)
    source = _source(value)
    if source:
        return Body(kind=kind, text=source, facts=_lines(source), language="python", is_code=True)
    text = f"{name}{_signature(value)}\n\n{_docstring(value)}".strip()
    return Body(kind=kind, text=text, omitted=("without its source",))


def _class(value: type, scope: Scope) -> Body:
    bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
    head = f"class {value.__name__}({bases})" if bases else f"class {value.__name__}"
    members = [name for name in vars(value) if not name.startswith("_")]
    shown = members[:_MOST_NAMES]
    told = (f"{_MOST_NAMES} of {len(members):,} members",) if len(members) > _MOST_NAMES else ()
    if not reaches(scope.share, "sample"):
        lines = [f"{head}:"]
        lines += [
            f"    {name}{_parameters(vars(value)[name]) if inspect.isroutine(vars(value)[name]) else ''}"
            for name in shown
        ]
        return Body(kind="class", text="\n".join(lines), omitted=told, is_code=True)
    source = _source(value)
    if source:
        return Body(kind="class", text=source, facts=_lines(source), language="python", is_code=True)
    lines = [f"{head}{_signature(value)}", _docstring(value), f"Members: {', '.join(shown)}" if shown else ""]
    told = ("without its source", *told)
    return Body(kind="class", text="\n\n".join(filter(None, lines)), omitted=told)


def _source(value: Any) -> str:
    """Return the source of the person's own code, and of what Python has a file of; else an empty text."""
    try:
        source = inspect.getsource(value)
    except (OSError, TypeError, IndexError, SyntaxError):
        return ""
    return inspect.cleandoc(f"\n{source}") if source[:1].isspace() else source.rstrip()


def _signature(value: Any) -> str:
    try:
        return str(inspect.signature(value))
    except (TypeError, ValueError, NameError):
        return "(…)"


def _parameters(value: Any) -> str:
    """Return the names of the parameters: defaults and annotations may hold values."""
    try:
        parameters = inspect.signature(value).parameters.values()
    except (TypeError, ValueError, NameError):
        return "(…)"
    return f"({', '.join(map(_parameter, parameters))})"


def _parameter(parameter: inspect.Parameter) -> str:
    mark = (
        "**"
        if parameter.kind is parameter.VAR_KEYWORD
        else "*"
        if parameter.kind is parameter.VAR_POSITIONAL
        else ""
    )
    return f"{mark}{parameter.name}{'' if parameter.default is parameter.empty else '=…'}"


def _docstring(value: Any) -> str:
    found = inspect.getdoc(value)
    return found if isinstance(found, str) else ""


def _lines(source: str) -> str:
    number = source.count("\n") + 1
    return "1 line" if number == 1 else f"{number:,} lines"
