"""Why a service did not answer: one name for each cause, and whether another try or another service helps. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, Flag, auto


class Helps(Flag):
    """What may bring an answer all the same, without the person changing the question."""

    NOTHING = 0
    WAITING = auto()
    """The same request a little later."""
    ANOTHER_MODEL = auto()
    """Another model, of the same service or of another."""
    ANOTHER_SERVICE = auto()
    """Another service; the service itself is the reason, so that it is left alone for a while."""


class Cause(Enum):
    """A cause, in the word or two that a fallback's history shows, and what helps."""

    NO_CREDIT = "no credit", Helps.ANOTHER_SERVICE
    WRONG_KEY = "no valid key", Helps.ANOTHER_SERVICE
    RATE_LIMITED = "rate limited", Helps.WAITING | Helps.ANOTHER_SERVICE
    OVERLOADED = "overloaded", Helps.WAITING | Helps.ANOTHER_SERVICE
    LOADING = "model loading", Helps.WAITING | Helps.ANOTHER_SERVICE
    FAILED = "failed there", Helps.WAITING | Helps.ANOTHER_SERVICE
    TIMED_OUT = "timed out there", Helps.WAITING | Helps.ANOTHER_SERVICE
    REGION = "not in this region", Helps.ANOTHER_SERVICE
    PERMISSION = "not permitted", Helps.ANOTHER_SERVICE
    NO_MODEL = "no model", Helps.ANOTHER_SERVICE
    NO_SERVICE = "another program", Helps.ANOTHER_SERVICE
    """What listens there is no service of the kind that was asked."""
    NO_MEMORY = "too little memory", Helps.ANOTHER_MODEL
    UNKNOWN_MODEL = "model unknown", Helps.ANOTHER_MODEL
    NO_PICTURES = "takes no pictures", Helps.ANOTHER_MODEL
    NOT_FOR_CHAT = "no chat model", Helps.ANOTHER_MODEL
    LONG_CONVERSATION = "conversation too long", Helps.ANOTHER_MODEL
    LONG_REPLY = "reply too long", Helps.ANOTHER_MODEL
    ROLE = "system message not taken", Helps.ANOTHER_MODEL
    MODELS_PARAMETER = "parameter not taken", Helps.ANOTHER_MODEL
    """A parameter, or a value of it, that this model does not take and others do."""
    PARAMETER = "wrong parameter", Helps.NOTHING
    """A parameter that is unknown, or whose value is wrong everywhere."""
    POLICY = "refused by policy", Helps.NOTHING
    """What one service's filter refuses is not handed to the others unasked."""

    def __init__(self, word: str, helps: Helps) -> None:
        self.word = word
        self.helps = helps

    @property
    def may_pass(self) -> bool:
        """Say whether the same request may be answered a little later."""
        return Helps.WAITING in self.helps

    @property
    def moves_on(self) -> bool:
        """Say whether the next of a chain may do what this one could not."""
        return bool(self.helps & (Helps.ANOTHER_MODEL | Helps.ANOTHER_SERVICE))

    @property
    def is_the_services(self) -> bool:
        """Say whether the service itself is the reason: any question would have ended so."""
        return Helps.ANOTHER_SERVICE in self.helps


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the words, the status and the headers of a failure say."""

    cause: Cause | None = None
    hint: str = ""
    """What to do; empty where the words do not say more than the status."""
    retry_after_seconds: float | None = None
    parameter: str = ""
    """The parameter of the request that was refused."""
    instead: str = ""
    """The name that the service wants it to have."""
    interface: str = ""
    """The other interface that it wants to be asked by."""
    form: str = ""
    """The form that it wants messages in which carry calls of functions."""
