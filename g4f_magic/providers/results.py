"""A reply on its way, as callers have it: its errors come without the frames beneath, in which secrets stand."""

from __future__ import annotations

import traceback
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from typing import Any

from g4f_magic.chunks import Chunk, Text
from g4f_magic.errors import ChatError, ServiceError, bare
from g4f_magic.secret import redact
from g4f_magic.visible import shortened

_MOST_READ, _MOST_SAID = 20_000, 600
"""Characters of what another's code says of its error."""


class AsyncResult:
    """A reply on its way. Nothing is sent before the first chunk is asked for.

    `async for text in result` gives the pieces of the reply as `str`; `chunks()` gives all that the service
    sent, typed. `await result` gives the result itself, so that both customs of gpt4free work.
    """

    def __init__(self, stream: Callable[[], AsyncGenerator[Chunk]]) -> None:
        self._stream = stream
        self._texts = _texts(stream)

    def chunks(self) -> AsyncGenerator[Chunk]:
        """Return the typed chunks. Close them (`aclosing`) when leaving early."""
        return _alone(self._stream())

    def __aiter__(self) -> AsyncResult:
        return self

    async def __anext__(self) -> str:
        return await anext(self._texts)

    async def aclose(self) -> None:
        """Stop reading and close the connection."""
        await self._texts.aclose()

    def __await__(self) -> Generator[Any, None, AsyncResult]:
        yield from ()
        return self


async def _texts(stream: Callable[[], AsyncGenerator[Chunk]]) -> AsyncGenerator[str]:
    # Not a method: a result that is dropped in the middle is then in no cycle, and its connection closes at once.
    chunk: Chunk | None = None
    async with aclosing(_alone(stream())) as chunks:
        try:
            async for chunk in chunks:
                if isinstance(chunk, Text):
                    yield chunk.text
        finally:
            chunk = None


async def _alone(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """Yield the chunks. What fails leaves without the frames beneath: in them stand the request and the reply as it came.

    Raises:
        ServiceError: a provider's own code failed with an error that is none of ours.
    """
    failure: BaseException | None = None
    chunk: Chunk | None = None
    async with aclosing(chunks):
        try:
            async for chunk in chunks:
                yield chunk
        except GeneratorExit:
            raise
        except Exception as exc:  # another's code raises what it likes
            failure = bare(exc) if isinstance(exc, ChatError) else failure_of(exc)
        except BaseException as exc:  # cancelled, interrupted
            failure = bare(exc)
        finally:
            chunk = None
    if failure is not None:
        raise failure


def failure_of(exc: Exception, name: str = "the provider") -> ServiceError:
    """Return the error of ours that stands for one that a provider's own code raised: what it was, and in which line."""
    said = " ".join(redact(str(exc)[:_MOST_READ]).split())
    said = shortened(said, _MOST_SAID)
    frames = traceback.extract_tb(exc.__traceback__)
    where = f", in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return ServiceError(
        f"{name}: {type(exc).__name__}: {said}", hint=f"The provider's own code failed{where}."
    )
