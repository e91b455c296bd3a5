"""Who answers the rows, looked up once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from g4f_magic.answerer import Answerer
from g4f_magic.answering.budget import Tariff
from g4f_magic.answering.next_step import beyond_guide
from g4f_magic.answering.service import Service
from g4f_magic.ask import Ask
from g4f_magic.chunks import Chunk, Served
from g4f_magic.many.running import Asking
from g4f_magic.options import Options
from g4f_magic.providers.local import Local
from g4f_magic.providers.openai import OpenAI
from g4f_magic.session import Session


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever answers: how one question is asked, and what an answer depends on besides what is sent."""

    asking: Asking
    served: Served
    place: str = ""
    """Where the service is; a kept answer is of that place alone."""
    hosts: tuple[str, ...] = ()
    tariff: Tariff | None = None
    """What requests cost; None where several may answer."""
    knows_way: Callable[[Mapping[str, Any]], bool] = lambda schema: False
    """Whether it is known in which way a typed reply is asked for."""

    def finds_out(self, schema: Mapping[str, Any] | None) -> bool:
        """Say whether the first request has yet to find out in which way a typed reply is asked for."""
        return schema is not None and not self.knows_way(schema)


async def who_answers(session: Session, options: Options) -> Who:
    """Return who answers the rows.

    Raises:
        InputError, MissingAuthError: as for a single question; nothing was sent.
    """
    answerer = await session.services.answerer(options)
    if answerer.who.is_of_guide:
        raise beyond_guide("answers no rows")
    if not isinstance(answerer, Service):

        async def asking(ask: Ask) -> Sequence[Chunk]:
            return await _whole(answerer, ask)

        return Who(asking, answerer.who, "", answerer.hosts)
    service = (await _settled(answerer)).standing()
    place = "" if service.is_ours else service.provider.url
    return Who(
        service.whole, service.who, place or service.who.via, service.hosts, service.tariff, service.knows_way
    )


async def _settled(service: Service) -> Service:
    """Return the service with the model that it will be asked for, where that is left to what is there."""
    provider = service.provider
    if issubclass(provider, Local):
        model = await provider.chosen(service.model)
        return replace(service, who=replace(service.who, model=model.name))
    if service.picks_model and issubclass(provider, OpenAI):
        arguments = {**service.route, **service.arguments}
        models, _ = await provider.choice(
            arguments.get("api_key"), proxy=arguments.get("proxy"), ca_file=arguments.get("ca_file")
        )
        return replace(service, model=models[0], who=replace(service.who, model=models[0]), picks_model=False)
    return service


async def _whole(answerer: Answerer, ask: Ask) -> list[Chunk]:
    async with aclosing(answerer.answer((), ask)) as chunks:
        return [chunk async for chunk in chunks]
