"""Where a reply comes in: what is known here as a key, a cookie or a password goes no further. No I/O."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from g4f_magic.chunks import Chunk, Finish, Notice, Reasoning, Text
from g4f_magic.errors import ChatError
from g4f_magic.secret import Hiding, hide, known


async def clean(chunks: AsyncGenerator[Chunk]) -> AsyncGenerator[Chunk]:
    """Yield the chunks of a reply with every secret that is known here made `***`, across their borders too.

    A service may echo the key that it was sent. All that is shown, kept, recorded or exported comes by here.
    """
    async with aclosing(chunks):
        texts: Hiding | None = None
        thoughts = Hiding(())
        late: list[Chunk] = []
        try:
            async for chunk in chunks:
                if texts is None:
                    # Not earlier: what a request carries is known once it is made.
                    values = known()
                    texts, thoughts = Hiding(values), Hiding(values)
                match chunk:
                    case Text(text) if shown := texts.feed(text):
                        yield chunk if shown == text else Text(shown, texts.held)
                    case Reasoning(text) if shown := thoughts.feed(text):
                        yield chunk if shown == text else Reasoning(shown)
                    case Text() | Reasoning():
                        pass
                    case Notice(text):
                        yield Notice(hide(text))
                    case Finish(reason):
                        late.append(replace(chunk, reason=hide(reason) if reason else reason))
                    case _:
                        yield chunk
        except ChatError:
            for rest in (*_rest(texts, thoughts), *late):
                yield rest
            raise
        for rest in (*_rest(texts, thoughts), *late):
            yield rest


def _rest(texts: Hiding | None, thoughts: Hiding) -> list[Chunk]:
    """Return what waited for more of a value that did not come."""
    found: list[Chunk] = []
    if shown := thoughts.close():
        found.append(Reasoning(shown))
    if texts is not None and (shown := texts.close()):
        found.append(Text(shown))
    return found
