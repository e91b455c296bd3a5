"""What can be said of one chat: values, without I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one chat asks for; None and empty mean that the settings decide."""

    provider: str = ""
    model: str = ""
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    base_url: str = field(default="", repr=False)
    is_local: bool = False
    """Through the package's own gateway, also where the public service works."""
    proxy: str = field(default="", repr=False)
    cookies: str = ""
    """A file or folder of exported cookies."""
    timeout_seconds: float | None = None
    conversation: str = ""
    """The conversation's name; empty: the one in use, `main` at first."""
    context_turns: int | None = None
    context_tokens: int | None = None
    """How much of the conversation is sent along at most."""
    mode: str = ""
    """Where the reply comes from: `live`, `record`, `replay` or `auto`."""
    pace: str = ""
    """How a recorded reply streams: `real` or `fast`."""
    record_errors: bool = False
    """Record a failure, too."""
    is_once: bool = False
    """Without history: it sees nothing of the conversation and leaves nothing in it."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the sampling parameters that were given."""
        named = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        return {name: value for name, value in named.items() if value is not None} | dict(self.params)
