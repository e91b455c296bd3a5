"""What a description is: values without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from g4f_magic.describing.share import Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture as it is sent: scaled, and without anything but its pixels."""

    content: bytes
    media_type: str
    width: int
    """In pixels, as `height` is."""
    height: int
    pixels: str = ""
    """SHA-256, in hexadecimal digits, of size, mode and pixels, as they were before they became a file."""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of its bytes, in hexadecimal digits."""
        return sha256(self.content).hexdigest()

    def __repr__(self) -> str:
        return f"Picture({self.media_type}, {self.width} × {self.height}, {len(self.content):,} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A thing of the notebook as it goes along with a prompt."""

    name: str
    """As the person called it."""
    text: str
    """What is sent: a line on what it is and what was left out, and the thing itself in marks, framed as data."""
    summary: str
    """In a few words, for the person: "3 columns, 5 of 10,000 rows"."""
    omitted: str = ""
    """What was left out, in words; empty where nothing was. It stands in `text`, too."""
    picture: Picture | None = None
    inline: str = ""
    """The value alone, where it may stand in the middle of a sentence: a number, or a short text on one line."""
    share: Share = "sample"
    """The level that it was described at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How much a description may show."""

    share: Share
    limit: int
    """Of characters, for the thing itself."""
    side: int = 1024
    """Of a picture's longer side, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a kind says of a thing: not yet framed, bounded only roughly, and with secrets in it."""

    kind: str
    """In a few words: "pandas DataFrame"."""
    text: str = ""
    facts: str = ""
    """The structure in a few words, of which no value is part: "10,000 rows, 3 columns"."""
    summary: str = ""
    """Where it is not `facts`."""
    omitted: tuple[str, ...] = ()
    picture: Picture | None = None
    language: str = ""
    """Of the text, as a fence names it."""
    inline: str = ""
    is_code: bool = False
    """Whether the text is code of the person's own, which stays as it is wherever no secret is known."""

    def __post_init__(self) -> None:
        """Keep the letters alone: what a `repr` gives may be a `str` with methods of its own, and time for those is over."""
        for name in ("kind", "text", "facts", "summary", "inline"):
            object.__setattr__(self, name, str.__str__(getattr(self, name)))
