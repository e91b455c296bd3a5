"""Asking a provider at a place, in the words of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from g4f_magic.providers.base import AsyncGeneratorProvider, AsyncResult


@dataclass(frozen=True)
class Place:
    """One provider at one host."""

    provider: type[AsyncGeneratorProvider]
    name: str
    base_url: str

    def ask(self, prompt: str = "Hello", **options: Any) -> AsyncResult:
        return self.send([{"role": "user", "content": prompt}], **options)

    def send(self, messages: list[dict[str, Any]], *, model: str = "", **options: Any) -> AsyncResult:
        at = self.provider.at(self.base_url + ("/v1" if self.name == "openai" else ""))
        return at.create_async_generator(model, messages, **{**self.provider.local_options, **options})


async def text_of(result: AsyncResult) -> str:
    return "".join([text async for text in result])


async def text_and_error(result: AsyncResult) -> tuple[str, Exception | None]:
    """Return what arrived, and what ended it."""
    texts: list[str] = []
    try:
        async for text in result:
            texts.append(text)
    except Exception as exc:
        return "".join(texts), exc
    return "".join(texts), None
