"""Providers of others: installed packages with the entry point group `g4f_magic.providers`, and a notebook's own.

```python
@g4f_magic.provider
async def parrot(messages, model=""):
    yield messages[-1]["content"]
```
"""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from functools import cache
from importlib.metadata import EntryPoint, distributions
from typing import TYPE_CHECKING, Any, TypeVar, get_args, overload

from g4f_magic.errors import ChatError, InputError, ServiceError
from g4f_magic.secret import Address, Secret
from g4f_magic.wire.proxies import NONE

if TYPE_CHECKING:
    from g4f_magic.chunks import Chunk
    from g4f_magic.providers.base import AsyncGeneratorProvider

GROUP = "g4f_magic.providers"
_NO_PARAMETERS = frozenset(
    {
        "messages",
        "model",
        "tools",
        "proxy",
        "timeout",
        "connector",
        "cookies",
        "api_key",
        "ca_file",
        "base_url",
    }
)
"""What a function takes that is no parameter of the request."""
_TAKEN_OVER = (
    "url",
    "api_endpoint",
    "working",
    "needs_auth",
    "supports_stream",
    "takes_parts",
    "cookie_domain",
)
"""What a class of another says of itself, which holds as it stands."""

T = TypeVar("T", bound=Callable[..., Any])

registered: dict[str, type[AsyncGeneratorProvider]] = {}
"""What this process registered itself, by name."""
_functions: dict[str, tuple[Any, dict[str, Any]]] = {}
"""Those of them that are functions, with what they said of themselves when they were last looked at."""
_loaded: dict[str, type[AsyncGeneratorProvider] | ChatError] = {}


@overload
def provider(target: T) -> T: ...
@overload
def provider(target: str) -> Callable[[T], T]: ...
def provider(target: T | str) -> T | Callable[[T], T]:
    """Make a provider of a class, or of an async generator function, and return that unchanged.

    `@provider("name")` gives it that name; else it has its own, in lower case. A function is given what it
    names of `messages`, `model`, `tools`, `api_key`, `proxy`, `timeout` and the sampling parameters, and yields
    pieces of text or chunks: of `tools`, which are as OpenAI's protocol has them, a `ToolCall` for each that it asks for. A class has `create_async_generator(model, messages, **kwargs)`.

    Raises:
        InputError: the name is a built-in service's, or what was given cannot be one.
    """
    if isinstance(target, str):

        def named(one: T) -> T:
            register(target, one)
            return one

        return named
    register(getattr(target, "__name__", "").lower(), target)
    return target


def register(name: str, target: Any) -> None:
    """Make `target` the provider of that name in this process; one of that name registered before gives way.

    Raises:
        InputError: the name is a built-in service's or none, or the target cannot be a provider.
    """
    from g4f_magic import providers

    if not name or set(name) & set(",: \t\r\n'\"") or name.startswith("-"):
        raise InputError(f"{name!r} is not a name for a provider", hint="Use a word without , : and quotes.")
    taken = {*providers._BUILT_IN, *providers.known_presets(), "g4f"}
    if name.lower() in taken:
        raise InputError(
            f"{name!r} is the name of a service that is built in", hint='Write @provider("another-name").'
        )
    registered[name] = adapted(target, name)
    _functions.pop(name, None)
    if inspect.isfunction(target):
        _functions[name] = target, dict(vars(target))


def forget(name: str) -> None:
    """Take out what was registered under that name."""
    registered.pop(name, None)
    _functions.pop(name, None)


@cache
def installed() -> dict[str, EntryPoint]:
    """Return the plug-ins that installed packages offer, by name; none of them is imported for that.

    What lies in the current folder, where a kernel looks first, is not installed: others may have filled it.
    """
    found: dict[str, EntryPoint] = {}
    folders = [folder for folder in sys.path if os.path.isabs(folder)]
    for one in distributions(path=folders):
        # Asking for the group by name would read every entry of every package, for one Tab.
        if GROUP in (one.read_text("entry_points.txt") or ""):
            # An earlier folder may hold another version.
            first = next(iter(distributions(name=one.name, path=folders)), one) if one.name else one
            found |= {point.name: point for point in first.entry_points if point.group == GROUP}
    return found


def load(name: str) -> type[AsyncGeneratorProvider]:
    """Return the provider that is registered, or installed as a plug-in, under that name.

    Raises:
        InputError: the plug-in is broken; it says what its import raised.
    """
    if name in registered:
        _look_again(name)
        return registered[name]
    if name not in _loaded:
        point = installed()[name]
        try:
            _loaded[name] = adapted(point.load(), name)
        except ChatError as exc:
            _loaded[name] = exc
        except Exception as exc:  # whatever it is: one broken plug-in must not take the others along
            error = InputError(
                f"the plug-in {name!r} ({point.value}) cannot be loaded: {type(exc).__name__}: {exc}",
                hint="The others work. Mend it or uninstall it.",
            )
            error.__cause__ = exc
            _loaded[name] = error
    found = _loaded[name]
    if isinstance(found, ChatError):
        raise found.with_traceback(None)
    return found


def _look_again(name: str) -> None:
    """Take up what was set on a function after it was registered: `parrot.key_variables = ("PARROT_KEY",)`."""
    target, before = _functions.get(name, (None, {}))
    if target is not None and vars(target) != before:
        register(name, target)


def adapted(target: Any, name: str) -> type[AsyncGeneratorProvider]:
    """Return `target` as a provider class of ours.

    Raises:
        InputError: it is neither an async generator function nor a class with `create_async_generator`.
    """
    from g4f_magic.providers.base import AsyncGeneratorProvider

    if inspect.isclass(target) and hasattr(target, "create_async_generator"):
        ask = target.create_async_generator
        if issubclass(target, AsyncGeneratorProvider) and not inspect.isasyncgenfunction(ask):
            return target
        return _wrapped(target, ask, name)
    if inspect.isasyncgenfunction(target):
        return _wrapped(target, target, name)
    raise InputError(
        f"{name!r} can be no provider",
        hint="It has to be an async generator function, or a class with create_async_generator(model, messages).",
    )


def _wrapped(target: Any, ask: Callable[..., Any], name: str) -> type[AsyncGeneratorProvider]:
    from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
    from g4f_magic.providers.replies import worded

    names, takes_all = _arguments(ask)

    def create(cls: type[AsyncGeneratorProvider], /, model: str, messages: Any, **kwargs: Any) -> AsyncResult:
        offered = {"model": model, "messages": [dict(message) for message in messages], **kwargs}
        call = ask
        offered.pop("gives_calls", None)  # what it yields are chunks, or nothing that asks for functions
        if offered.get("proxy") == NONE:
            offered["proxy"] = None
        if cls._is_elsewhere:
            offered["base_url"] = cls.whole_url()
            if inspect.isclass(target):
                call = _moved(target, cls).create_async_generator
        given = {key: _plain(value) for key, value in offered.items() if takes_all or key in names}
        return AsyncResult(lambda: worded(_chunks(call, given, name)))

    def hosts(cls: type[AsyncGeneratorProvider]) -> tuple[str, str]:
        # Theirs may be pointed at another host after it was registered, and it is theirs that asks.
        return _addresses(target if inspect.isclass(target) and not cls._is_elsewhere else cls)

    attributes: dict[str, Any] = {
        "_hosts": classmethod(hosts),
        "__module__": getattr(target, "__module__", __name__),
        "__doc__": inspect.getdoc(target) or f"The provider {name}.",
        "create_async_generator": classmethod(create),
        "parameters": None if takes_all else names - _NO_PARAMETERS,
        "key_variables": tuple(getattr(target, "key_variables", ())),
        "supports_message_history": True,
        "takes_tools": "tools" in names or bool(getattr(target, "takes_tools", False)),
        **{name: getattr(target, name) for name in _TAKEN_OVER if hasattr(target, name)},
    }
    bases: tuple[type, ...] = (AsyncGeneratorProvider,)
    if takes_all or "model" in names or hasattr(target, "default_model"):
        bases = (AsyncGeneratorProvider, ProviderModelMixin)
        attributes["default_model"] = str(getattr(target, "default_model", "") or "")
        attributes["models"] = list(getattr(target, "models", ()) or ())
        attributes["model_aliases"] = dict(getattr(target, "model_aliases", None) or {})
    made: type[AsyncGeneratorProvider] = type(getattr(target, "__name__", name), bases, attributes)
    if inspect.isclass(target):
        made._public_hosts = _published(target)
    return made


def _addresses(target: type) -> tuple[str, str]:
    """Return where a class of another speaks to now."""
    return str(getattr(target, "url", "") or ""), str(getattr(target, "api_endpoint", "") or "")


def _published(target: type) -> tuple[str, str]:
    """Return where the class speaks to that brought the key: one that only takes it over has no home of its own."""
    from g4f_magic.providers.base import AsyncGeneratorProvider

    if issubclass(target, AsyncGeneratorProvider):
        return target._public_hosts
    owners = [one for one in target.__mro__ if {"key_variables", "cookie_domain"} & vars(one).keys()]
    return _addresses(owners[0] if owners else target)


def _moved(target: type, place: type[AsyncGeneratorProvider]) -> Any:
    """Return another's class at the host of `place`."""
    addresses = {name: getattr(place, name) for name in ("url", "api_endpoint") if hasattr(place, name)}
    return type(target.__name__, (target,), addresses)


def _arguments(ask: Callable[..., Any]) -> tuple[set[str], bool]:
    """Return the names that a function takes, and whether it takes any."""
    taken = inspect.signature(ask).parameters.values()
    is_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken)
    return {one.name for one in taken if one.kind is not inspect.Parameter.VAR_KEYWORD}, is_any


async def _chunks(ask: Callable[..., Any], given: dict[str, Any], name: str) -> AsyncGenerator[Chunk]:
    """Yield what another's generator yields, as chunks.

    Raises:
        ServiceError: it failed with an error that is none of ours, or yielded what is no chunk.
    """
    from g4f_magic.chunks import Chunk, Text
    from g4f_magic.providers.results import failure_of

    try:
        result = ask(**given)
        if inspect.isawaitable(result):
            result = await result
        async with aclosing(result) as pieces:
            async for piece in pieces:
                if isinstance(piece, get_args(Chunk)):
                    yield piece
                elif isinstance(piece, str):
                    if piece:
                        yield Text(piece)
                else:
                    raise ServiceError(
                        f"{name} yielded a {type(piece).__name__}", hint="A provider yields text or chunks."
                    )
    except ChatError:
        raise
    except Exception as exc:
        raise failure_of(exc, name) from None


def _plain(value: Any) -> Any:
    """Return an argument as others know it: a proxy as a string, cookies as strings. A key stays what does not show."""
    if isinstance(value, Address):
        return value.reveal()
    if isinstance(value, dict):
        return {name: one.reveal() if isinstance(one, Secret) else one for name, one in value.items()}
    return value
