"""The way to a service, as the line under a reply and an error may say it. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from g4f_magic import remarks
from g4f_magic.answering.auto import GUIDE
from g4f_magic.answering.service import Provider
from g4f_magic.chunks import Served
from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.providers.openai import OpenAI
from g4f_magic.turn import GUIDE as GUIDE_WAY
from g4f_magic.wire.proxies import NONE
from g4f_magic.wire.urls import is_on_loopback

if TYPE_CHECKING:
    from g4f_magic.gateway import Engine

OURS = "local gateway "
"""How `via` begins where the package's own gateway is asked; no host's name holds a space."""


def who_in_gateway(name: str, provider: Provider, model: str, via: str) -> Served:
    """Return who answers in our own gateway: where a model does, an old protocol names another one as a matter of form."""
    if via.startswith(GUIDE_WAY):
        return Served(GUIDE, "", via)
    is_formal = not (via.startswith(f"{OURS}(script)") or issubclass(provider, OpenAI))
    return Served(name, "" if is_formal else model or getattr(provider, "default_model", ""), via)


def check_proxy_behind(name: str, engine: Engine, options: Options, *, is_set: bool) -> None:
    """Refuse a cell's own proxy where it would not be used: the gateway asks for all, by the way that is set for all.

    Where what answers runs in the gateway itself there is no way to it, which is said.

    Raises:
        InputError: a server is asked behind the gateway.
    """
    if options.proxy.lower() == NONE and not is_set:
        return
    if engine.name == "upstream":
        raise InputError(
            f"--proxy does not reach {engine.label}, which answers {name} behind the local gateway",
            hint="Set ChatMagics.proxy, which counts there, or ask that server itself: %chat providers names it.",
        )
    remarks.make(
        "--proxy was not used: what answers in the local gateway runs on this machine.", about=(name, "proxy")
    )


def via_proxy(provider: Provider, via: str, options: Options) -> str:
    """Return how to say where a provider is, with the proxy where the cell names one that leads back to this machine."""
    if not options.proxy or options.proxy.lower() == NONE or not any(map(is_on_loopback, provider._hosts())):
        return via
    place = urlsplit(options.proxy if "://" in options.proxy else f"//{options.proxy}").netloc
    return f"{via or urlsplit(provider.url).netloc} through the proxy {place.rpartition('@')[2]}"
