"""What can go wrong, as a person should read it: two lines in a cell instead of a traceback."""

from __future__ import annotations

from g4f_magic.secret import redact
from g4f_magic.visible import make_visible


class ChatError(Exception):
    """A chat that failed.

    The message says what happened, with the value that caused it; `hint` says what to do. Neither ever
    holds a key, a cookie or a password, nor the person's text: what of that comes in here, in a service's words
    for example, is taken out, and control characters are made visible, as the message goes to terminals too.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(make_visible(redact(message)))
        self.hint = hint

    @property
    def hint(self) -> str:
        """Return what to do."""
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        self._hint = make_visible(redact(text))

    def _render_traceback_(self) -> list[str]:
        """Return the two lines that IPython shows in place of a traceback."""
        lines = [f"{type(self).__name__}: {self}"]
        if self.hint:
            lines.append(self.hint)
        return lines


class InputError(ChatError):
    """What the person asked for cannot be done as it stands; nothing was sent."""


class ModelNotSupportedError(InputError):
    """The provider does not offer that model; nothing was sent."""


class MissError(InputError):
    """The cassette does not hold that request; nothing was sent."""


class MissingAuthError(ChatError):
    """The service wants a key, a code or a signed-in person's cookies."""


class UnreachableError(ChatError):
    """No connection: refused, no such name, a bad certificate, or a proxy that fails."""


class ChatTimeoutError(ChatError, TimeoutError):
    """Silence for longer than was allowed, or a time-out that the service itself reports (504)."""


class ResponseStatusError(ChatError):
    """The service answered with a status that is no success."""

    def __init__(self, message: str, *, status: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class CloudflareError(ResponseStatusError):
    """A page that checks for a human stands before the service."""


class RateLimitError(ResponseStatusError):
    """Too many requests, or no credit left (402, 429).

    `retry_after_seconds` is what the service asked us to wait, where it said so.
    """

    def __init__(
        self, message: str, *, status: int, retry_after_seconds: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, status=status, hint=hint)
        self.retry_after_seconds = retry_after_seconds


class WireError(ChatError):
    """Bytes that are not what the protocol promises: a web page, an endless line, broken compression."""


class ServiceError(ChatError):
    """The service reported an error inside a reply that began as a success, or sent an empty reply."""


class BrokenOffError(ChatError):
    """The reply ended before its end; what had arrived is kept."""


class ChatStopped(KeyboardInterrupt):
    """The person stopped a reply, of which what had arrived is kept and its turn says so; or a command."""

    def __init__(self, *, is_reply: bool = True) -> None:
        super().__init__()
        self.is_reply = is_reply

    def _render_traceback_(self) -> list[str]:
        """Return the one line that IPython shows in place of a traceback."""
        return ["Stopped. What had arrived is kept." if self.is_reply else "Stopped."]
