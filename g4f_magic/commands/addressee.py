"""Who would be asked, in words: for what is shown before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from g4f_magic.answering.auto import GUIDE
from g4f_magic.ask import ask_of
from g4f_magic.commands.output import as_text
from g4f_magic.secret import Address
from g4f_magic.turn import Turn

if TYPE_CHECKING:
    from g4f_magic.options import Options
    from g4f_magic.session import Session

_WHOEVER = "a model that is found on this machine, if there is one"
_GUIDE = "the offline guide (no model is connected)"


class Addressee(NamedTuple):
    """Who would be asked."""

    words: str
    """In words, as they may be shown; empty where nobody would be."""
    name: str
    """Of the service, or the names of a chain."""
    is_guide: bool
    sees: bool
    """It takes pictures, as far as that is known."""


async def addressee(
    session: Session, options: Options, turns: Sequence[Turn], *, looks: bool = True
) -> Addressee:
    """Return who would be asked after `turns`. What is left to `auto`, or to the local gateway, is found out as for a question.

    Unless `looks`, nobody is looked for and nothing is waited for: it is said as far as it is known.

    While replies come from the recording nobody is looked for.

    Raises:
        InputError: a name is unknown, or what is connected cannot be read.
    """
    services = session.services
    if not services.is_auto(options):
        return await _named(session, options, turns, looks=looks)
    if session.settings.mode_of(options.mode) == "replay":
        return Addressee("", "", _was_guide(turns), services.sees(options))
    if not looks and not (services.auto.named() or services.auto.last):
        return Addressee(_WHOEVER, "", _was_guide(turns), services.sees(options))
    found = await services.resolved(options) if looks else services.presumed(options)
    if found.provider == GUIDE:
        return Addressee(_GUIDE, GUIDE, True, services.sees(found))
    chosen = None if options.base_url or options.is_local else services.auto.named() or services.auto.last
    why = f" ({chosen.why})" if chosen else ""
    behind = await _behind(session, found, looks=looks)
    if found.is_local and behind:
        words = f"what answers in the local gateway: {behind[found.provider]}"
    else:
        place = urlsplit(Address(found.base_url)).netloc.rpartition("@")[2]
        at = f" at {place}" if place else " in the local gateway" if found.is_local else ""
        words = " · ".join(filter(None, (found.provider, found.model))) + at
    return Addressee(as_text(f"{words}{why}"), found.provider, False, services.sees(found))


async def _named(session: Session, options: Options, turns: Sequence[Turn], *, looks: bool) -> Addressee:
    """Return the service that is named, or the chain, with what answers for those whose site is gone."""
    asked = ask_of("", options, session.settings)
    sees = session.services.sees(options)
    behind = await _behind(session, options, looks=looks)
    is_single = len(session.services.named(options)) == 1
    model = "" if behind and is_single and not options.is_local else asked.model
    words = " · ".join(filter(None, (asked.provider, model)))
    if behind and is_single:
        words += f", answered in the local gateway by {next(iter(behind.values()))}"
    elif behind:
        told = "; ".join(f"{name} by {label}" for name, label in behind.items())
        words += f" (in the local gateway {told})"
    is_of_guide = _GUIDE in behind.values() if behind and is_single else _was_guide(turns)
    return Addressee(as_text(words), asked.provider, is_of_guide, sees)


async def _behind(session: Session, options: Options, *, looks: bool) -> dict[str, str]:
    """Return what answers in the local gateway for each of those that are asked there, by their names."""
    services = session.services
    named = [
        one.name
        for one in services.named(options)
        if services.is_behind_gateway(one.name, one.provider, options)
    ]
    if not named or session.settings.mode_of(options.mode) == "replay":
        return {}
    gateway = await session.gateway.started() if looks else session.gateway.running
    if gateway is None:
        return {}
    return dict.fromkeys(named, _GUIDE if gateway.engine.name == GUIDE else gateway.engine.label)


def _was_guide(turns: Sequence[Turn]) -> bool:
    """Say whether the guide was asked last: it is taken for the one that is asked next where that is not known."""
    said = [turn for turn in turns if turn.is_said]
    return bool(said) and bool(said[-1].is_of_guide)
