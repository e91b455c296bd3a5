"""One service, ready to be asked: where it is, with what it needs to get there."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from g4f_magic.answering.budget import Meter, Spending, Tariff, held, metered
from g4f_magic.answering.form import PLAIN, Form, Send, Way, fitting, formed
from g4f_magic.answering.known_ways import KnownWays
from g4f_magic.answering.next_step import beyond_guide
from g4f_magic.answering.redaction import all_redacted, redacted
from g4f_magic.answering.seeing import Looked, lost, unseen
from g4f_magic.answering.sights import Place, Sights
from g4f_magic.ask import Ask
from g4f_magic.attached import digests_in, filled_in
from g4f_magic.chunks import Chunk, Served
from g4f_magic.context import ALONE, carried_with, context_of, estimated_tokens, messages_of, tokens_in
from g4f_magic.errors import ChatError, InputError
from g4f_magic.providers.base import AsyncGeneratorProvider
from g4f_magic.providers.chooser import first_that_chats
from g4f_magic.providers.listing import Sight
from g4f_magic.providers.model_cache import ModelCache
from g4f_magic.providers.openai import OpenAI
from g4f_magic.turn import Turn, is_guide

if TYPE_CHECKING:
    from g4f_magic.gateway import Engine

Provider = type[AsyncGeneratorProvider]
_SIGHT_SECONDS = 5.0
"""How long a server's list is waited for before a picture goes along."""
Pictures = Callable[[Collection[str]], Mapping[str, tuple[str, bytes]]]
"""Gives kind and bytes of kept pictures, by their digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A provider at the host where it is asked."""

    who: Served
    provider: Provider = field(repr=False)
    model: str = ""
    """The model to ask for; empty: the provider's own default, or the first of the server's that chats."""
    route: Mapping[str, Any] = field(repr=False)
    """The way there: `proxy` and `timeout`."""
    arguments: Mapping[str, Any] = field(repr=False)
    """What counts before any parameter: key, cookies, certificates."""
    model_cache: ModelCache = field(repr=False)
    is_ours: bool = False
    """Whether the package's own gateway is asked."""
    behind: Engine | None = field(default=None, repr=False)
    """What answers in it."""
    picks_model: bool = False
    """Whether the server's own list is asked for a model that chats."""
    pictures: Pictures = field(default=lambda digests: {}, repr=False)
    tariff: Tariff = field(default_factory=lambda: Tariff(spending=Spending()), repr=False)
    sights: Sights = field(default_factory=Sights, repr=False)
    ways: KnownWays = field(default_factory=KnownWays, repr=False)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the hosts on the way, as an error may name them."""
        return hosts_of(self.provider, self.route.get("proxy") or "")

    def answer(self, turns: Sequence[Turn], ask: Ask) -> AsyncGenerator[Chunk]:
        """Yield who answers, and the reply.

        Raises:
            InputError: pictures are to go along, and it takes text alone, or is known not to see; nothing was sent.
        """
        if ask.schema is not None and self.who.is_of_guide:
            raise beyond_guide("gives no typed replies")
        if ask.toolbox is not None:
            self._check_tools()
        own = ask.pictures
        if own and not self.provider.takes_parts:
            raise unseen(self.who.provider, ", ".join(one.name for one in own))
        place = (self.provider.url, self.model)
        sees = self.provider.takes_parts and (bool(own) or not self.sights.is_blind(place))
        context = context_of(turns, ask.bound, for_guide=is_guide(self.who.provider, self.who.via))
        messages = messages_of(context, ask, sees=sees)
        tokens = tokens_in(messages)
        who = _with_caution(self.who, turns) if self.who.caution else self.who
        who = replace(who, carried=carried_with(context, ask, tokens))
        digests = digests_in(messages) if sees else []
        kept = self.pictures(digests) if digests else {}
        if gone := [one.name for one in own if one.digest not in kept]:
            raise lost(", ".join(gone))

        # One answer may take several requests, in a form each: `asked` is one, `sent` one within the budget.
        def asked(form: Form) -> AsyncGenerator[Chunk]:
            if not digests:
                return self._chunks(messages, ask, form)
            return self._looked(place, ", ".join(one.name for one in own)).reply(
                self._chunks(filled_in(messages, kept), ask, form),
                partial(self._chunks, messages_of(context, ask), ask, form),
            )

        def sent(form: Form = PLAIN) -> AsyncGenerator[Chunk]:
            if self.tariff.is_free:
                return asked(form)
            further = estimated_tokens(*map(str, form.further))  # results, or what did not fit
            expected = self._expected(tokens + further, ask)
            return metered(asked(form), self.tariff, expected=expected, sent_tokens=tokens + further)

        chunks = sent() if ask.schema is None else self._fitted(sent, ask.schema, place)
        if ask.toolbox is not None:
            chunks = self._in_rounds(sent, ask.toolbox)
        reply = redacted(chunks, first=who)
        # Outside of it: what frames hold is masked.
        return cautious(reply, turns) if self.provider.says_who else reply

    def _expected(self, tokens: int, ask: Ask) -> float:
        """Return what the request may cost, in dollars.

        Raises:
            InputError: the budget does not allow it.
        """
        most = (ask.parameters.get(name) for name in ("max_tokens", "max_completion_tokens"))
        bound = next((one for one in most if isinstance(one, int)), None)
        return self.tariff.expected(tokens, bound, self.who.provider)

    def knows_way(self, schema: Mapping[str, Any]) -> bool:
        """Say whether it is known in which way it takes that schema: by words alone, or seen to work."""
        from g4f_magic.schemas import digest_of

        place = (self.provider.url, self.model)
        return not self.provider.takes_schema or self.ways.knows(place, digest_of(schema))

    def _fitted(self, send: Send, schema: Mapping[str, Any], place: Place) -> AsyncGenerator[Chunk]:
        from g4f_magic.answering.structured_output import fitted
        from g4f_magic.schemas import schema_of

        best = Way.SCHEMA if self.provider.takes_schema else Way.WORDS
        return fitted(send, schema_of(schema), place, best, self.ways)

    def _check_tools(self) -> None:
        """Make sure that functions can be told of.

        Raises:
            InputError: they cannot; nothing was sent.
        """
        if self.who.is_of_guide:
            raise beyond_guide("takes no tools")
        if not self.provider.takes_tools:
            raise InputError(
                f"{self.who.provider} takes no tools",
                hint="Leave --tools out, or ask a service that speaks OpenAI's protocol, with a model that takes them.",
            )

    async def _in_rounds(self, send: Send, toolbox: Any) -> AsyncGenerator[Chunk]:
        """Yield a reply with the calls of functions.

        Raises:
            InputError: the model's own server says that it takes none; nothing was sent.
        """
        from g4f_magic.answering.tool_rounds import in_rounds

        if await self._takes_tools() is False:
            raise InputError(
                f"{self.model or 'the model'} takes no tools: its server says that it is not told of them",
                hint="Leave --tools out, or name a model that was made for them (Qwen3, Llama 3.1, ...).",
            )
        asked = in_rounds(send, toolbox, name=self.who.provider, sees=self._sees_for_certain)
        async with aclosing(asked) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _sees_for_certain(self) -> bool:
        """Say whether its server says that the model takes pictures: one that does not would refuse the whole round."""
        if not self.provider.takes_parts:
            return False
        return (await self.sights.of((self.provider.url, self.model), self._sight)).sees is True

    async def _takes_tools(self) -> bool | None:
        """Return whether the model is told of functions, as far as a server on this machine says."""
        if self.is_ours or not issubclass(self.provider, OpenAI):
            return None
        with suppress(ChatError):  # what is wrong with the server, the question will tell
            return await self.provider.takes_tools_of(
                self.model,
                self.arguments.get("api_key"),
                timeout=_SIGHT_SECONDS,
                ca_file=self.arguments.get("ca_file"),
            )
        return None

    def _looked(self, place: Place, own: str) -> Looked:
        names = (self.who.provider, self.who.model)
        who = " · ".join(filter(None, names)) if self.behind is None else self.behind.label
        return Looked(place=place, who=who, own=own, sights=self.sights, ask=self._sight)

    async def _sight(self) -> Sight:
        if self.is_ours:
            from g4f_magic.gateway import LookingEngine

            return await self.behind.sight(self.model) if isinstance(self.behind, LookingEngine) else Sight()
        if not issubclass(self.provider, OpenAI):
            return Sight()
        return await self.provider.sight(
            self.model or ("" if self.picks_model else self.provider.default_model),
            self.arguments.get("api_key"),
            timeout=_SIGHT_SECONDS,
            proxy=self.route["proxy"],
            ca_file=self.arguments.get("ca_file"),
        )

    def standing(self) -> Service:
        """Return the same service for many questions: what is looked up for each of them is looked up once."""
        if not issubclass(self.provider, OpenAI):
            return replace(
                self, provider=type(self.provider.__name__, (self.provider,), {"retry_seconds": ()})
            )
        key = self.provider.key_for(self.arguments.get("api_key"))
        return replace(self, arguments={**self.arguments, "api_key": key})

    async def whole(self, ask: Ask) -> list[Chunk]:
        """Return the chunks of a reply to a question that stands alone: it is asked for once, whole where that can be.

        The first says who answers. For whoever asks thousands: nobody sees a reply grow there.

        Raises:
            ChatError: it failed.
        """
        is_streamed = self.picks_model or self.is_ours or not issubclass(self.provider, OpenAI)
        if is_streamed or ask.pictures or ask.toolbox is not None:
            async with aclosing(self.answer((), ask)) as asked:
                return fitting([chunk async for chunk in asked])
        if ask.schema is None:
            return [self.who, *all_redacted(await self._sent_whole(ask))]
        place = (self.provider.url, self.model)
        async with aclosing(self._fitted(partial(self._sending_whole, ask), ask.schema, place)) as asked:
            return [self.who, *all_redacted(fitting([chunk async for chunk in asked]))]

    async def _sending_whole(self, ask: Ask, form: Form = PLAIN) -> AsyncGenerator[Chunk]:
        for chunk in await self._sent_whole(ask, form):
            yield chunk

    async def _sent_whole(self, ask: Ask, form: Form = PLAIN) -> list[Chunk]:
        provider: Any = self.provider
        messages = messages_of(ALONE, ask)
        tokens = tokens_in(messages)
        with held(self.tariff, self._expected(tokens, ask)):
            found: list[Chunk] = await provider.whole(
                self.model, formed(messages, form), **self._arguments(ask, form)
            )
        meter = Meter(self.tariff, tokens)
        for chunk in found:
            meter.take(chunk)
        meter.close()
        return found

    def _chunks(self, messages: list[dict[str, Any]], ask: Ask, form: Form = PLAIN) -> AsyncGenerator[Chunk]:
        messages = messages if form is PLAIN else formed(messages, form)
        arguments = self._arguments(ask, form)
        if self.picks_model and issubclass(self.provider, OpenAI):
            return self._of_its_own_model(self.provider, messages, arguments)
        chunks = self.provider.create_async_generator(self.model, messages, **arguments).chunks()
        return _of_gateway(chunks) if self.is_ours else chunks

    def _arguments(self, ask: Ask, form: Form) -> dict[str, Any]:
        """Return what goes along with the messages; what comes later counts before what comes earlier."""
        return {**self.route, **form.parameters, **ask.parameters, **self.arguments}

    async def _of_its_own_model(
        self, provider: type[OpenAI], messages: list[dict[str, Any]], arguments: dict[str, Any]
    ) -> AsyncGenerator[Chunk]:
        """Yield who answers, and the reply of a model that the server has: the first that chats."""
        models, offered = await provider.choice(
            arguments.get("api_key"), proxy=arguments["proxy"], ca_file=arguments.get("ca_file")
        )
        if offered:
            self.model_cache.keep(provider.url, offered)
        asked = first_that_chats(
            models,
            provider.url,
            lambda model: provider.create_async_generator(model, messages, **arguments).chunks(),
            lambda model: replace(self.who, model=model),
        )
        async with aclosing(asked) as chunks:
            async for chunk in chunks:
                yield chunk


def hosts_of(provider: Provider, proxy: str) -> tuple[str, ...]:
    """Return the hosts on the way to a provider, by that proxy if it is not empty."""
    places = [urlsplit(url) for url in (provider.url, getattr(provider, "api_endpoint", ""), proxy)]
    return tuple({name for place in places for name in (place.netloc, place.hostname or "") if name})


async def cautious(chunks: AsyncGenerator[Chunk], turns: Sequence[Turn]) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a reply that follows on `turns`; where they say who answers, with a word of caution.

    A person should know of it before they trust the reply; under the first one of a conversation that is said.
    """
    async with aclosing(chunks):
        async for chunk in chunks:
            yield _with_caution(chunk, turns) if isinstance(chunk, Served) and chunk.caution else chunk


def _with_caution(who: Served, turns: Sequence[Turn]) -> Served:
    """Return who answers, with the word of caution in the line, unless an earlier turn of the conversation says so."""
    if any(who.caution in turn.via for turn in turns):
        return replace(who, caution="")
    way = who.via.removesuffix(")")
    return replace(who, via=way + (", " if way != who.via else " (") + f"{who.caution})", caution="")


async def _of_gateway(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """Yield what our own gateway sends; where it tells of a failure, that is the one of the server behind it."""
    try:
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk
    except ChatError as exc:
        from g4f_magic.gateway import untold

        untold(exc)
        raise
