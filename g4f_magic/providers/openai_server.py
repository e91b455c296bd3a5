"""A server that speaks OpenAI's protocol: where it is, whose key it gets, and which models it offers."""

from __future__ import annotations

from typing import ClassVar, Self
from urllib.parse import urlsplit

from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.credentials import OPENAI_HOST, Destination, is_host_of_variable, login_name
from g4f_magic.errors import (
    ChatError,
    InputError,
    MissingAuthError,
    ResponseStatusError,
    UnreachableError,
    WireError,
)
from g4f_magic.names import MOST_LISTED, is_name
from g4f_magic.providers import chooser, local_lists
from g4f_magic.providers.base import AsyncGeneratorProvider, ProviderModelMixin
from g4f_magic.providers.headers import filled
from g4f_magic.providers.listing import Offered, Sight, offered_in
from g4f_magic.secret import Address, Secret
from g4f_magic.settings import environment
from g4f_magic.wire.request import HeaderValue, Request, Route
from g4f_magic.wire.transport import fetch_json
from g4f_magic.wire.urls import base_of, below, is_on_loopback, without_chat, without_query


class OpenAIServer(AsyncGeneratorProvider, ProviderModelMixin):
    """What there is to know of it before it is asked for a reply."""

    says_who = False
    runs_here: ClassVar[bool] = False
    """Whether it runs on this machine: it is found by asking its port, and picks the model it has."""
    name: ClassVar[str] = ""
    advice: ClassVar[str] = ""
    """What to do where nothing answers."""
    key_header: ClassVar[str] = "Authorization"
    """The header that the key travels in."""
    key_prefix: ClassVar[str | None] = None
    """What stands before the key there; None: `Bearer ` in `Authorization`, else nothing."""
    further_headers: ClassVar[tuple[tuple[str, str], ...]] = ()
    """What else its own host is sent; `$NAME` in a value stands for a variable."""
    takes_query = True

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Return this provider at another server; its base URL ends with what comes before `/chat/completions`."""
        base_url = Address(base_url)
        moved = super().at(base_url)
        moved.url = without_chat(base_of(base_url).bare)
        return moved

    @classmethod
    def takes_key(cls) -> bool:
        """Say so: any server of this protocol may want one."""
        return True

    @classmethod
    async def list_models(
        cls,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> list[str]:
        """Return the names of the models that the server offers: those that chat, the likeliest first, and the others.

        Raises:
            ChatError: the server does not answer, or not with a list.
        """
        offered = await cls.offers(api_key, timeout=timeout, proxy=proxy, ca_file=ca_file)
        chatting, others = chooser.ranked(offered, cls.url)
        return [*chatting, *others]

    @classmethod
    async def offers(
        cls,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> list[Offered]:
        """Return the models that the server offers, in its order, with what it says of them.

        Raises:
            ChatError: the server does not answer, or not with a list.
        """
        route = Route(idle_seconds=timeout, total_seconds=timeout, proxy=proxy, ca_file=ca_file)
        found, server = await cls._listed(cls.key_for(api_key), route)
        is_told_more = bool(server) and is_on_loopback(cls.url)
        return await local_lists.told_more(server, cls.url, found, route) if is_told_more else found

    @classmethod
    async def sight(
        cls,
        model: str,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> Sight:
        """Return whether a model takes pictures, as far as its server tells; of an empty one, the first that chats.

        Raises:
            ChatError: the server does not answer, or not with a list.
        """
        route = Route(idle_seconds=timeout, total_seconds=timeout, proxy=proxy, ca_file=ca_file)
        found, server = await cls._listed(cls.key_for(api_key), route)
        named = model or next(iter(chooser.candidates(found, cls.url, default=cls.default_model)), "")
        one = next((one for one in found if one.name == named), None)
        sees = None if one is None else one.sees
        if sees is None and server:
            sees = await local_lists.sight(server, cls.url, named, route)
        return Sight(sees, tuple(one.name for one in found if one.sees))

    @classmethod
    async def takes_tools_of(
        cls,
        model: str,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 10.0,
        ca_file: str | None = None,
    ) -> bool | None:
        """Return whether a model of a server on this machine is told of functions; None where nobody says.

        Raises:
            ChatError: the server does not answer, or not with a list.
        """
        if not is_on_loopback(cls.url):
            return None
        key = cls.key_for(api_key)
        route = Route(idle_seconds=timeout, total_seconds=timeout, ca_file=ca_file)
        _, server = await cls._listed(key, route)
        # llama.cpp tells nothing of itself without its key.
        return (
            await local_lists.takes_tools(server, cls.url, model, route, cls._credentials(key))
            if server
            else None
        )

    @classmethod
    async def _listed(cls, key: Secret, route: Route) -> tuple[list[Offered], str]:
        """Return the models of the server's list, and which of those with addresses of their own it is; empty: none."""
        request = cls._signed(Request(url=below(cls.url, "/models"), headers=cls._credentials(key), body={}))
        try:
            listed = await fetch_json(request, route)
        except ChatError as exc:
            cls._explain(exc)
            raise
        found: list[Offered] | None
        try:
            found = offered_in(listed)
        except (KeyError, TypeError, AttributeError):
            found = listed = None  # what came is nobody's to see
        if found is None:
            raise InputError(
                f"{request.host}: its answer is not a list of models",
                hint="Does the base URL end with /v1?",
                diagnosis=Diagnosis(cause=Cause.NO_SERVICE),
            )
        # They are shown, and typed by Tab.
        found = [one for one in found[:MOST_LISTED] if is_name(one.name)]
        return found, local_lists.server_of(listed, cls.name) if found else ""

    @classmethod
    def has_own_default(cls) -> bool:
        """Say whether its default model is known to be there: at the service's own host alone."""
        return bool(cls.default_model) and cls.is_where_published()

    @classmethod
    async def choice(
        cls,
        api_key: str | Secret | None = None,
        *,
        timeout: float = 10.0,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> tuple[list[str], list[str]]:
        """Return which models to ask in turn where none is named, and all that are offered, chat models first.

        A server that has no list is asked for the default, if the service has one.

        Raises:
            ChatError: the server does not answer, or has no model that chats.
        """
        try:
            offered = await cls.offers(api_key, timeout=timeout, proxy=proxy, ca_file=ca_file)
        except ChatError as exc:
            if cls.default_model and (is_nothing_there(exc) or exc.cause is Cause.NO_SERVICE):
                return [cls.default_model], []
            raise
        found = chooser.candidates(offered, cls.url, default=cls.default_model)
        if not found:
            raise chooser.no_model(cls.name, offered, cls.advice)
        chatting, others = chooser.ranked(offered, cls.url)
        return found, [*chatting, *others]

    @classmethod
    def is_at_home(cls) -> bool:
        """Say whether it speaks to the host that its key belongs to: the service's own, or the variable's."""
        return cls.is_where_published() or is_host_of_variable(cls.key_variables, cls.origins())

    @classmethod
    def key_for(cls, given: str | Secret | None) -> Secret:
        """Return the key that was given, or else the variable's, where that belongs to the host that is asked."""
        if isinstance(given, Secret):
            return given
        if given:
            return Secret(given.strip())
        destination = Destination(cls.origins(), cls.is_where_published())
        own = map(environment, destination.belonging(cls.key_variables, environment(OPENAI_HOST)))
        return Secret(next(filter(None, own), "").strip(), homes=cls.origins())

    @classmethod
    def _credentials(cls, key: Secret) -> dict[str, HeaderValue]:
        """Return the headers that say who asks: the key's, and at its own host those that a person added.

        Raises:
            MissingAuthError: a variable that a header is to come from is not set.
        """
        further = cls.further_headers
        found = filled(cls.name, further, cls.homes()) if further and cls.is_at_home() else {}
        if key:
            bearer = "Bearer " if cls.key_header.lower() == "authorization" else ""
            found[cls.key_header] = key.prefixed(bearer if cls.key_prefix is None else cls.key_prefix)
        return found

    @classmethod
    def _explain(cls, error: ChatError) -> None:
        if isinstance(error, MissingAuthError) and error.cause in (None, Cause.WRONG_KEY):
            error.hint = f"It wants a key, or another one: {cls._way_to_key()}."
        elif error.cause is Cause.UNKNOWN_MODEL and cls.default_model and cls.default_model in str(error):
            listed = (
                f"%chat models {cls.name} lists what there is" if cls.is_where_published() else "look there"
            )
            error.hint = (
                f"{cls.default_model} is the default, and gone there. Name another one: -m MODEL ({listed})."
            )
        elif isinstance(error, UnreachableError) and cls.advice and cls.is_at_home():
            error.hint = cls.advice
        elif is_nothing_there(error) and not urlsplit(cls.url).path.strip("/"):
            error.hint = f"The base URL has no path: try --base-url {below(_shown(cls.url), '/v1')}"

    @classmethod
    def _way_to_key(cls) -> str:
        if not cls.is_where_published():
            variables = cls.key_variables if cls.is_at_home() else ()
            place = next(iter(cls.origins()), "")
            name = login_name(place) or urlsplit(cls.url).netloc.rpartition("@")[2]
            return (f"set {variables[0]}, or " if variables else "") + f"run %chat login {name}"
        variable = f"set {cls.key_variables[0]}, or " if cls.key_variables else ""
        return f"{variable}run %chat login {cls.name}"


def is_nothing_there(error: ChatError) -> bool:
    """Say whether the server knows no such address: 404, 405, or a web page in place of a reply."""
    return isinstance(error, WireError) or (
        isinstance(error, ResponseStatusError) and error.status in (404, 405)
    )


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return without_query(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()).rstrip("/")
