"""What an engine does next: say something, or do to the connection what real servers do at times. No I/O.

Normal engines yield `Chunk`s, and `Relayed` where they and the one who asked speak the same protocol. The other
actions are for the `script` engine; the reply carries them out in the dialect that it speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from g4f_magic.chunks import Chunk

Cutting = Literal["whole", "bytes", "characters"]
"""Where the bytes are cut into separate writes: nowhere, after each byte, or inside each character of several bytes."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with this status in place of a stream.

    Without `body` the dialect words `message` in its own form. `param`, `code` and `kind` are what OpenAI's
    errors say besides: the parameter that is meant, and which error it is, for programs; by the status if empty.
    """

    status: int
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    param: str | None = None
    code: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Relayed:
    """Pass on one value of OpenAI's protocol: an event of a stream, or a whole completion."""

    value: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Begin:
    """Send the status line, the headers and what the dialect begins with, now."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Write the bytes from here on in pieces."""

    where: Cutting


@dataclass(frozen=True, slots=True)
class RawBytes:
    """Write these bytes as they are."""

    data: bytes


@dataclass(frozen=True, slots=True)
class BadLine:
    """Write a line that looks like one of the dialect and is not."""


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """Report an error inside the stream that began as a success."""

    message: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """Close the connection in the middle, with a reset (RST) or without one."""

    reset: bool = False


@dataclass(frozen=True, slots=True)
class Hang:
    """Say nothing more and leave the connection open."""


Action: TypeAlias = Chunk | Relayed | Refuse | Begin | Cut | RawBytes | BadLine | ErrorEvent | CutOff | Hang
