"""What is asked, and the key under which a cassette holds the answer. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from g4f_magic.errors import InputError

# Words of a parameter's name that make it private, or different with every run.
_APART = frozenset(
    {
        "key",
        "apikey",
        "token",
        "password",
        "passwd",
        "secret",
        "auth",
        "authorization",
        "bearer",
        "credential",
    }
    | {"credentials", "cookie", "cookies", "proxy", "host", "url", "connector", "webdriver", "timeout"}
    | {"id", "uuid"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, as far as its answer depends on it: no host, no way there, nothing secret or random.

    `model` is the one that the person named, empty where the provider's own default was meant.
    """

    provider: str
    prompt: str
    model: str = ""
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    parent: str = ""
    """What was said before: the key of the turn before this one; empty at the beginning."""
    context: int = 0
    """How many messages of the conversation were sent along."""

    @property
    def key(self) -> str:
        """Return 32 hexadecimal digits that this request and no other has."""
        messages = [{"role": "system", "content": self.system}] if self.system else []
        messages.append({"role": "user", "content": self.prompt})
        return digest(self.parent, self.provider, self.model, dict(self.parameters), self.context, messages)


def recordable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that belong into a key and a file: those that are neither secret nor a way there.

    Raises:
        InputError: a value is none that JSON has.
    """
    kept = {
        name: value
        for name, value in parameters.items()
        if not _APART & set(re.split(r"[^a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()))
    }
    try:
        return dict(json.loads(json.dumps(kept, allow_nan=False)))
    except (TypeError, ValueError) as exc:
        raise InputError(
            f"a parameter cannot be recorded: {exc}", hint="Give numbers, texts, lists and objects."
        ) from exc


def said(before: str, prompt: str, reply: str) -> str:
    """Return what stands for an exchange in `Asked.parent` where the cassette does not hold it."""
    return digest(before, prompt, reply)


def exchanges(messages: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the questions and answers that are sent along before the last message."""
    earlier = [message for message in messages[:-1] if message["role"] != "system"]
    texts = [str(message["content"]) for message in earlier]
    return list(zip(texts[::2], texts[1::2], strict=True))


def digest(*parts: Any) -> str:
    """Return 32 hexadecimal digits of SHA-256 over the parts as a JSON list, in its shortest ASCII form."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()[:32]
