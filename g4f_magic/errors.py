"""What can go wrong, as a person should read it: two lines in a cell instead of a traceback."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from g4f_magic.causes import Cause, Diagnosis


_MOST_CHARACTERS = 4_000
"""Of a message or a hint: what it repeats of a line or a file may be as long as that."""


class ChatError(Exception):
    """A chat that failed.

    The message says what happened, with the value that caused it; `hint` says what to do. Neither ever
    holds a key, a cookie or a password, nor the person's text: what of that comes in here, in a service's words
    for example, is taken out, and control characters are made visible, as the message goes to terminals too.
    """

    answer: str = ""
    """What a service sent in place of a reply, secrets taken out: for the gateway, which passes it on. Never shown."""

    def __init__(self, message: str, *, hint: str = "", diagnosis: Diagnosis | None = None) -> None:
        super().__init__(_fit_to_show(message))
        self.hint = hint
        from g4f_magic.causes import Diagnosis

        self.diagnosis = diagnosis or Diagnosis()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.args, dict(vars(self)))

    @property
    def cause(self) -> Cause | None:
        """Return what kind of failure it is, where the service said enough to tell."""
        return self.diagnosis.cause

    @property
    def retry_after_seconds(self) -> float | None:
        """Return what the service asked us to wait, where it said so."""
        return self.diagnosis.retry_after_seconds

    @property
    def hint(self) -> str:
        """Return what to do."""
        return self._hint

    @hint.setter
    def hint(self, text: str) -> None:
        self._hint = _fit_to_show(text)
        # What prints an error without knowing ours (Python itself, rich) prints its notes.
        self.__notes__ = [self._hint] if self._hint else []

    def _render_traceback_(self) -> list[str]:
        """Return the two lines that IPython shows in place of a traceback.

        Others that take its place (rich) then draw the error's own frames, with all that stands in them: by now it
        has none but IPython's.
        """
        _leave_ipython_alone(self)
        lines = [f"{type(self).__name__}: {self}"]
        if self.hint:
            lines.append(self.hint)
        return lines


def _rebuilt(kind: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]) -> BaseException:
    """Return an error as it was in another process: a pool whose error cannot be made there breaks as a whole."""
    error = kind.__new__(kind, *args)
    error.args = args  # those of a TimeoutError are set by its `__init__`
    vars(error).update(state)
    return error


def _fit_to_show(text: str) -> str:
    from g4f_magic.secret import redact
    from g4f_magic.visible import make_visible

    shown = make_visible(redact(text))
    return shown if len(shown) <= _MOST_CHARACTERS else f"{shown[:_MOST_CHARACTERS]}…"


def bare(error: BaseException) -> BaseException:
    """Return an error as it may leave a place where secrets stand: without the frames beneath, and without what it came of.

    Raise it outside of the `except`, or what is handled there comes along.
    """
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


def _leave_ipython_alone(error: BaseException) -> None:
    """Take all frames off an error but the outermost, IPython's own, which nobody draws and `%debug` wants to be there."""
    outermost, error.__traceback__ = error.__traceback__, None
    if outermost is not None and outermost.tb_frame.f_code.co_name == "run_code":
        error.__traceback__ = TracebackType(None, outermost.tb_frame, outermost.tb_lasti, outermost.tb_lineno)


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

    def __init__(
        self, message: str, *, status: int, hint: str = "", diagnosis: Diagnosis | None = None
    ) -> None:
        super().__init__(message, hint=hint, diagnosis=diagnosis)
        self.status = status


class CloudflareError(ResponseStatusError):
    """A page that checks for a human stands before the service."""


class RateLimitError(ResponseStatusError):
    """Too many requests, or no credit left: 402, 429, or another status with these words."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        retry_after_seconds: float | None = None,
        hint: str = "",
        diagnosis: Diagnosis | None = None,
    ) -> None:
        from g4f_magic.causes import Cause, Diagnosis

        diagnosis = diagnosis or Diagnosis(
            cause=Cause.NO_CREDIT if status == 402 else Cause.RATE_LIMITED,
            retry_after_seconds=retry_after_seconds,
        )
        super().__init__(message, status=status, hint=hint, diagnosis=diagnosis)


class WireError(ChatError):
    """Bytes that are not what the protocol promises: a web page, an endless line, broken compression."""


class RowsFailedError(ChatError):
    """Some rows of a table have no answer; `table` holds all that came, and why the others have none."""

    def __init__(self, message: str, *, table: object, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.table = table


class ServiceError(ChatError):
    """The service reported an error inside a reply that began as a success, or sent an empty reply."""


class BrokenOffError(ChatError):
    """The reply ended before its end; what had arrived is kept."""


UNFIT = "the reply does not fit the schema"
"""How the error of a whole reply that is not what was asked for begins."""


class UnfitReplyError(ChatError):
    """The reply does not fit the schema that was asked for, also after it was asked for once more.

    `text` is the reply as it came, `problems` say what is wrong with it, a line each.
    """

    def __init__(
        self,
        message: str,
        *,
        text: str = "",
        problems: tuple[str, ...] = (),
        hint: str = "",
        diagnosis: Diagnosis | None = None,
    ) -> None:
        from g4f_magic.secret import redact

        super().__init__(message, hint=hint, diagnosis=diagnosis)
        self.text = redact(text)
        self.problems = tuple(map(redact, problems))

    @classmethod
    def of(cls, text: str, problems: tuple[str, ...]) -> UnfitReplyError:
        """Return the error for a reply with those problems."""
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return cls(
            f"{UNFIT}: {problems[0] if problems else ''}{more}",
            text=text,
            problems=problems,
            hint="Its text is kept. Ask again, name another model, or make the schema simpler.",
        )


class ChatStopped(KeyboardInterrupt):
    """The person stopped a reply, of which what had arrived is kept and its turn says so; or a command."""

    def __init__(self, *, is_reply: bool = True) -> None:
        super().__init__("Stopped. What had arrived is kept." if is_reply else "Stopped.")
        self.is_reply = is_reply

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.args, dict(vars(self)))

    def _render_traceback_(self) -> list[str]:
        """Return the one line that IPython shows in place of a traceback."""
        _leave_ipython_alone(self)
        return [str(self)]


def with_article(noun: str) -> str:
    """Return a noun with its article, for a message: `a number`, `an amount`."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
