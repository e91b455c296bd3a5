"""A model that runs on this machine, in a process that is started when it is first asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from g4f_magic.chunks import Chunk, Notice, Served
from g4f_magic.errors import InputError
from g4f_magic.local import finding
from g4f_magic.local.gguf import Model
from g4f_magic.local.held import held
from g4f_magic.local.refusals import in_bytes
from g4f_magic.local.selection import chosen, ready
from g4f_magic.messages import Messages
from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult, ProviderModelMixin
from g4f_magic.providers.openai import OpenAI
from g4f_magic.settings import Settings

if TYPE_CHECKING:
    from g4f_magic.local.process import Running

HERE = "this machine"
"""How `via` says where it runs."""
FEW_PARAMETERS = 2_000_000_000
"""A model with fewer is told of: it makes mistakes that a newcomer would not expect."""
SMALL_MODELS_TOKENS = 1_024
"""The longest reply of such a model where nobody asked for another: now and then one does not find its end, and goes on in
circles until its context is full."""
_LIMITS = ("max_tokens", "max_completion_tokens", "n_predict")
_TOLD_BYTES = 10**9
"""Loading a file of that size takes long enough to be told of."""


class LlamaServer(OpenAI):
    """llama.cpp's own server, in a process of ours."""

    name = "local"
    key_variables = ()
    needs_auth = False
    default_model = ""
    retry_seconds = ()
    idle_seconds = (
        900.0  # reading a long prompt takes minutes on a slow processor, and it is silent meanwhile
    )


class Local(AsyncGeneratorProvider, ProviderModelMixin):
    """A GGUF file run by llama.cpp: no account, no key, no network. `model` is a path or the name of one that is found."""

    supports_message_history = True
    says_model = True
    takes_schema = True
    takes_tools = True
    parameters: ClassVar[None] = None
    models_folder: ClassVar[str] = ""
    """A folder of the person's own, which is looked in first."""
    folder: ClassVar[Path | None] = None
    """From where on a path leads; None: the current one."""

    @classmethod
    def create_async_generator(cls, model: str, messages: Messages, **kwargs: Any) -> AsyncResult:
        """Return the reply to `messages`.

        Further arguments go into the request's body as they are (`temperature`, `max_tokens`, ...). A small model's reply is
        at most `SMALL_MODELS_TOKENS` long unless they say otherwise.
        """
        for elsewhere in ("proxy", "connector", "ca_file", "api_key"):
            kwargs.pop(elsewhere, None)

        async def stream() -> AsyncGenerator[Chunk]:
            found = await cls.chosen(model)
            if kwargs.get("tools") and not found.takes_tools:
                raise InputError(
                    f"{found.name} takes no tools: its chat template does not speak of them",
                    hint="Ask without --tools, or name a model that was made for them (Qwen3, Llama 3.1, ...).",
                )
            if held().running(found.path) is None and found.size_bytes > _TOLD_BYTES:
                yield Notice(f"loading {found.name} ({in_bytes(found.size_bytes)})")
            if _is_small(found) and not any(kwargs.get(name) for name in _LIMITS):
                kwargs["max_tokens"] = SMALL_MODELS_TOKENS
            async with held().asked(found) as running:
                yield Served("local", found.name, HERE, caution=caution(found))
                async with aclosing(_chunks(running, messages, kwargs)) as chunks:
                    async for chunk in chunks:
                        yield chunk

        return AsyncResult(stream)

    @classmethod
    async def chosen(cls, model: str = "") -> Model:
        """Return the model that a name or a path means; of an empty one, the first that can be asked here.

        Raises:
            InputError: there is none such, several, or it is none to chat with.
        """
        return await asyncio.to_thread(chosen, model, cls.models_folder, cls.folder)

    @classmethod
    async def ready(cls, model: str = "") -> Model:
        """Return what would answer, once it is sure that it could.

        Raises:
            InputError: llama.cpp is not installed, or as `chosen`.
        """
        return await asyncio.to_thread(ready, model, cls.models_folder, cls.folder)

    @classmethod
    async def found_by_itself(cls, settings: Settings) -> Model | None:
        """Return the model that may answer where nobody chose who does; None: there is none, or the settings forbid it."""
        if not settings.local_models:
            return None
        try:
            return await cls.within(None, settings.models_folder).ready()
        except InputError:
            return None

    @classmethod
    def within(cls, folder: Path | None, models_folder: str = "") -> type[Self]:
        return type(
            cls.__name__,
            (cls,),
            {"__doc__": cls.__doc__, "__module__": cls.__module__}
            | {"folder": folder, "models_folder": models_folder},
        )

    @classmethod
    def at(cls, base_url: str) -> type[Self]:
        """Refuse: it is no host.

        Raises:
            InputError: always.
        """
        raise InputError(
            "local runs a file on this machine and asks no host",
            hint="Leave --base-url and --gateway out; -m FILE names the model.",
        )

    @classmethod
    def get_model(cls, model: str | None) -> str:
        """Return the name as it is: it is looked up when it is asked."""
        return model or ""

    @classmethod
    def known_models(cls) -> list[str]:
        return [one.name for one in finding.found(cls.models_folder)]

    @classmethod
    async def list_models(cls) -> list[str]:
        """Return the names of the models that are found on this machine."""
        return await asyncio.to_thread(cls.known_models)


def caution(model: Model) -> str:
    """Return a word on how small a model is; empty of one that is not."""
    if not _is_small(model):
        return ""
    language = ", English only" if model.is_english else ""
    return f"{round(model.parameters / 10**6):,} M parameters{language}: expect mistakes"


def _is_small(model: Model) -> bool:
    return 0 < model.parameters < FEW_PARAMETERS


def _chunks(running: Running, messages: Messages, arguments: dict[str, Any]) -> AsyncGenerator[Chunk]:
    server = LlamaServer.at(running.base_url)
    result = server.create_async_generator(running.model.name, messages, api_key=running.key, **arguments)
    return result.chunks()
