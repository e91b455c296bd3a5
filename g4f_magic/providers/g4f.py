"""Any service of an installed gpt4free, as `g4f:NAME`.

gpt4free is under the GPL-3.0, and some of its services relay prompts through third parties: it is installed
only when a person asks for the extra `g4f-magic[g4f]`, and nothing of it is part of this package. Here it is
only called; what it yields is told apart by the names of its types, and what is no text is passed over or
shown as links.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from functools import cache
from hashlib import sha256
from typing import Any, ClassVar, Self

from g4f_magic.causes import Cause
from g4f_magic.chunks import Chunk, Finish, Named, Reasoning, Rethought, Text, Usage
from g4f_magic.errors import (
    ChatError,
    ChatTimeoutError,
    CloudflareError,
    InputError,
    MissingAuthError,
    ModelNotSupportedError,
    RateLimitError,
    ResponseStatusError,
    ServiceError,
    UnreachableError,
)
from g4f_magic.messages import Messages, flatten_content
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.citing import Citing
from g4f_magic.providers.in_thread import in_thread
from g4f_magic.providers.thinking import Thinking
from g4f_magic.secret import Address, Secret
from g4f_magic.wire.diagnosis import diagnose
from g4f_magic.wire.error_words import words_in
from g4f_magic.wire.proxies import NONE

INSTALL = "%pip install 'g4f-magic[g4f]' (GPL-3.0; some of its services relay prompts through third parties)"
_MOST_CONVERSATIONS = 64
_NETWORK = ("Client", "Connection", "SSL", "Proxy", "DNS")

_conversations: OrderedDict[str, Any] = OrderedDict()
"""What a service gave to go on with, by what had been said until then."""


class G4F(AsyncGeneratorProvider, ProviderModelMixin):
    """One service of gpt4free."""

    says_who = False
    supports_message_history = True
    takes_parts = True
    parameters = None
    label: ClassVar[str] = ""
    base_url: ClassVar[str] = ""

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Return this service at another base URL, for those of gpt4free's that take one."""
        moved = super().at(base_url)
        moved.base_url = Address(base_url)
        return moved

    @classmethod
    def create_async_generator(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncResult:
        """Return the reply to `messages`."""
        return AsyncResult(lambda: cls._reply(model, [dict(message) for message in messages], kwargs))

    @classmethod
    async def _reply(
        cls, model: str, messages: list[dict[str, Any]], options: dict[str, Any]
    ) -> AsyncGenerator[Chunk]:
        key = options.pop("api_key", None)
        secrets = [key] if isinstance(key, Secret) else []
        given = {name: value for name, value in options.items() if value is not None and name != "ca_file"}
        if given.get("proxy") == NONE:
            del given["proxy"]
        if given.get("proxy"):
            given["proxy"] = Address(given["proxy"]).reveal()
        if key:
            given["api_key"] = key.reveal() if isinstance(key, Secret) else key
        if cls.base_url:
            given["base_url"] = Address(cls.base_url).reveal()
        if (before := _conversations.get(_said(cls.label, messages[:-1]))) is not None:
            given["conversation"] = before
        said: list[str] = []
        conversation: Any = None
        thinking, citing = Thinking(), Citing()

        def told(chunks: Iterable[Chunk]) -> Iterator[Chunk]:
            for chunk in chunks:
                if isinstance(chunk, Text):
                    said.append(chunk.text)
                elif isinstance(chunk, Rethought):
                    said.clear()
                yield chunk

        try:
            async with aclosing(in_thread(lambda: _asked(cls._theirs(), model, messages, given))) as items:
                async for item in items:
                    if type(item).__name__.endswith("Conversation"):
                        conversation = item
                    citing.take_list(sources_of(item))
                    for chunk in chunks_of(item):
                        for one in told(thinking.of(chunk)):
                            yield one
            for one in (*told(thinking.close()), *citing.chunks()):
                yield one
        except ChatError:
            raise
        except Exception as exc:  # its services raise what they like
            raise error_of(exc, cls.label, secrets) from None
        if conversation is not None:
            _keep(
                _said(cls.label, [*messages, {"role": "assistant", "content": "".join(said)}]), conversation
            )

    @classmethod
    def _theirs(cls) -> Any:
        return _loader().from_name(cls.label)

    @classmethod
    def get_model(cls, model: str | None) -> str:
        """Return the name as it is: gpt4free has its own aliases."""
        return model or ""


@cache
def provider(name: str) -> type[G4F]:
    """Return the provider for one of gpt4free's services, its name in any case.

    Raises:
        InputError: gpt4free is not installed, or has no service of that name, or it cannot be imported.
    """
    known = {one.lower(): one for one in names()}
    label = known.get(name.strip().lower())
    if label is None:
        nearest = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hint = f"Did you mean g4f:{known[nearest[0]]}? " if nearest else ""
        raise InputError(
            f"gpt4free has no service {name!r}", hint=f"{hint}It has {', '.join(known.values())}."
        )
    try:
        theirs = _loader().from_name(label)
    except Exception as exc:  # a service of theirs may want packages of its own
        raise InputError(
            f"g4f:{label} cannot be loaded: {type(exc).__name__}: {exc}",
            hint="Try another one of gpt4free's.",
        ) from None
    return type(
        label,
        (G4F,),
        {
            "__module__": __name__,
            "__doc__": f"gpt4free's {label}.",
            "label": label,
            "url": str(getattr(theirs, "url", "") or ""),
            "needs_auth": False,  # it looks for keys in its own places, too
            "key_variables": (f"{label.upper()}_API_KEY",),
            "default_model": str(getattr(theirs, "default_model", "") or ""),
        },
    )


def names() -> list[str]:
    """Return the names of gpt4free's services, without asking the network.

    Raises:
        InputError: gpt4free is not installed.
    """
    loader = _loader()
    return list(dict.fromkeys([*loader.names, *getattr(loader, "extra", ()), "Custom"]))


def chunks_of(item: Any) -> Iterator[Chunk]:
    """Yield what one item of gpt4free's means; nothing for what is meant for other programs."""
    if isinstance(item, str):
        if item:
            yield Text(item)
        return
    kinds = {base.__name__ for base in type(item).__mro__}
    if "Reasoning" in kinds:
        if thought := getattr(item, "token", None):
            yield Reasoning(thought)
    elif "Usage" in kinds:
        yield Usage(getattr(item, "prompt_tokens", None), getattr(item, "completion_tokens", None))
    elif "FinishReason" in kinds:
        yield Finish(str(getattr(item, "reason", "") or "") or None)
    elif "PlainTextResponse" in kinds:
        yield Text(str(getattr(item, "text", "")))
    elif "ProviderInfo" in kinds:
        if isinstance(model := getattr(item, "model", None), str) and model:
            yield Named(model[:120])
    elif "Sources" not in kinds and "HiddenResponse" not in kinds and (links := list(_links(item, kinds))):
        yield Text("\n\n" + "\n".join(f"- [{_as_text(title)}]({url})" for title, url in links) + "\n")


def sources_of(item: Any) -> Any:
    """Return the pages that an item of gpt4free's refers to; None where it is none of that kind."""
    kinds = {base.__name__ for base in type(item).__mro__}
    return getattr(item, "list", None) if "Sources" in kinds else None


def error_of(exc: Exception, label: str, secrets: list[Secret]) -> ChatError:
    """Return the error of ours that stands for one of gpt4free's."""
    name = type(exc).__name__
    words = words_in(str(exc))
    said = words.shown(secrets) or name
    what = f"g4f:{label}: {said}"
    in_words = re.search(r"\b([45]\d\d)\b", str(exc)[:300])
    status = int(in_words[1]) if in_words else 0
    found = diagnose(words, status=status)
    told = found if found.cause is not None else None
    hint = found.hint or "Try again, or use another provider."
    if "Auth" in name or "HarFile" in name or status == 401 or found.cause is Cause.WRONG_KEY:
        return MissingAuthError(what, hint=f"Set {label.upper()}_API_KEY, or run %chat login g4f:{label}.")
    if "PaymentRequired" in name or status == 402 or found.cause is Cause.NO_CREDIT:
        return RateLimitError(what, status=402, hint=hint, diagnosis=told)
    if "RateLimit" in name or status == 429 or found.cause is Cause.RATE_LIMITED:
        return RateLimitError(what, status=status or 429, hint=hint, diagnosis=told)
    if "Cloudflare" in name:
        return CloudflareError(what, status=status or 403, hint="Use another provider.")
    if "ModelNotFound" in name or "ModelNotSupported" in name:
        return ModelNotSupportedError(what, hint="Name another model, or leave --model out.")
    if isinstance(exc, TimeoutError) or name == "TimeoutError":
        return ChatTimeoutError(f"g4f:{label}: silent for too long", hint=hint)
    if status:
        return ResponseStatusError(what, status=status, hint=hint, diagnosis=told)
    if isinstance(exc, OSError) or name.startswith(_NETWORK):
        return UnreachableError(what, hint="Is the network there, and the host right?")
    return ServiceError(what, hint=hint, diagnosis=told)


@cache
def _loader() -> Any:
    try:
        import g4f.debug
        from g4f.Provider import ProviderLoader
    except ImportError:
        raise InputError("gpt4free is not installed", hint=INSTALL) from None
    g4f.debug.logging = False
    g4f.debug.version_check = False
    return ProviderLoader


async def _asked(
    theirs: Any, model: str, messages: list[dict[str, Any]], given: dict[str, Any]
) -> AsyncGenerator[Any]:
    if hasattr(theirs, "create_async_generator"):
        result = theirs.create_async_generator(model=model, messages=messages, yield_request=False, **given)
        async with aclosing(result) as items:
            async for item in items:
                yield item
    elif hasattr(theirs, "create_async"):
        yield await theirs.create_async(model=model, messages=messages, **given)
    else:
        raise InputError("that service of gpt4free does not stream", hint="Try another one of gpt4free's.")


def _links(item: Any, kinds: set[str]) -> Iterator[tuple[str, str]]:
    """Yield titles and addresses of what an item shows: media, or the sources of a text."""
    if "MediaResponse" in kinds:
        found = [{"url": url, "title": str(getattr(item, "alt", "") or "medium")} for url in item.get_list()]
    elif hasattr(item, "url"):
        found = [{"url": item.url, "title": str(getattr(item, "title", ""))}]
    else:
        found = [one for one in getattr(item, "list", None) or () if isinstance(one, dict)]
    for one in found:
        url = str(one.get("url") or one.get("link") or "")
        if url.startswith(("http://", "https://")):
            yield str(one.get("title") or one.get("name") or url), url.replace(" ", "%20").replace(")", "%29")


def _as_text(title: str) -> str:
    return re.sub(r"([\[\]\\`<>])", r"\\\1", " ".join(title.split()))


def _said(label: str, messages: list[dict[str, Any]]) -> str:
    """Return what stands for a conversation until here; empty for one that only begins."""
    said = [(message.get("role"), flatten_content(message.get("content"))) for message in messages]
    is_begun = any(role == "assistant" for role, _ in said)
    return sha256(json.dumps([label, said]).encode()).hexdigest() if is_begun else ""


def _keep(key: str, conversation: Any) -> None:
    _conversations[key] = conversation
    while len(_conversations) > _MOST_CONVERSATIONS:
        _conversations.popitem(last=False)
