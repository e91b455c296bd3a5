"""What is asked, and the key under which a cassette holds the answer. No I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from g4f_magic.ask import Ask
from g4f_magic.attached import listed, said_of
from g4f_magic.errors import InputError
from g4f_magic.settings import AUTO, BEFORE_AUTO

_SECRET = re.compile(
    r"(?:.*_)?(?:api_?key|(?:access|auth|authori[sz]ation|secret|private|signing|subscription|x_api)_key"
    r"|(?:access|api|auth|bearer|csrf|hf|id|refresh|secret|session|user|xsrf)_?token"
    r"|password|passwd|passphrase|secret|authorization|bearer|credentials?|cookies?)|key|token|auth"
)
"""Names, in lower case with underscores, of what must not stand in a file: `stop_token_ids` is none of them."""
_WAYS = frozenset(
    {
        "proxy",
        "proxies",
        "headers",
        "extra_headers",
        "base_url",
        "api_base",
        "connector",
        "webdriver",
        "timeout",
    }
)
"""What says how a service is reached, and nothing about its answer. It may hold secrets, too."""


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
    further: Mapping[str, Any] = field(default_factory=dict)
    """What else went along, by its kind: attachments (by their text, or hash), tools, a schema. Usually nothing."""

    @classmethod
    def of(cls, ask: Ask) -> Asked:
        """Return the request that a question is, before anything was said.

        Raises:
            InputError: a parameter is none that JSON has.
        """
        parameters = recordable(ask.parameters)
        further: dict[str, Any] = {}
        if ask.attachments:
            further["attachments"] = listed(
                ask.attachments
            )  # of those that stood in the prompt nothing is left
        if ask.tools:
            further["tools"] = _tools(ask)
        if ask.schema is not None:
            further["schema"] = dict(ask.schema)
        return cls(
            provider=ask.provider,
            prompt=ask.text,
            model=ask.model,
            system=ask.system,
            parameters=parameters,
            further={name: value for name, value in further.items() if value},
        )

    @classmethod
    def forms_of(cls, ask: Ask) -> tuple[Asked, ...]:
        """Return the request, and as it was recorded before.

        While a cell without a provider meant another than `auto`, and while a picture counted by its file.
        """
        asked = cls.of(ask)
        forms = (asked, replace(asked, provider=BEFORE_AUTO)) if asked.provider == AUTO else (asked,)
        if not any(one.pixels for one in ask.attachments):
            return forms
        by_file = {"attachments": listed(ask.attachments, by_file=True)}
        return (*forms, *(replace(one, further={**one.further, **by_file}) for one in forms))

    @property
    def key(self) -> str:
        """Return 32 hexadecimal digits that this request and no other has."""
        messages = [{"role": "system", "content": self.system}] if self.system else []
        messages.append({"role": "user", "content": self.prompt})
        further = [dict(self.further)] if self.further else []  # without it the key is what it always was
        return digest(
            self.parent, self.provider, self.model, dict(self.parameters), self.context, messages, *further
        )

    @property
    def said(self) -> str:
        """Return what stands for it among the questions and answers that later requests carry."""
        return said_of(self.prompt, self.attached)

    @property
    def attached(self) -> list[Any]:
        """Return what went along with the prompt, as `attached.listed` has it."""
        attached = self.further.get("attachments")
        return attached if isinstance(attached, list) else []


def _tools(ask: Ask) -> list[Any]:
    """Return what the model is told of the functions that it may ask for; where only their names are known, those."""
    return list(ask.tools) if ask.toolbox is None else [ask.toolbox[name] for name in sorted(ask.toolbox)]


def recordable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that belong into a key and a file: those that are neither secret nor a way there.

    Raises:
        InputError: a value is none that JSON has.
    """
    kept = {name: value for name, value in parameters.items() if not _is_apart(name)}
    try:
        return dict(json.loads(json.dumps(kept, allow_nan=False)))
    except (TypeError, ValueError) as exc:
        raise InputError(
            f"a parameter cannot be recorded: {exc}", hint="Give numbers, texts, lists and objects."
        ) from exc


def kept_parameters(parameters: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the parameters that may stand in a file, each with its value as JSON; what JSON has no form for is left out."""
    found = []
    for name, value in parameters.items():
        with suppress(TypeError, ValueError, RecursionError):
            if not _is_apart(name):
                found.append((name, json.dumps(value, allow_nan=False)))
    return tuple(found)


def _is_apart(name: str) -> bool:
    """Say whether a parameter is a secret or a way."""
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
    return words in _WAYS or _SECRET.fullmatch(words) is not None


def said(before: str, prompt: str, reply: str) -> str:
    """Return what stands for an exchange in `Asked.parent` where the cassette does not hold it."""
    return digest(before, prompt, reply)


def digest(*parts: Any) -> str:
    """Return 32 hexadecimal digits of SHA-256 over the parts as a JSON list, in its shortest ASCII form."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()[:32]
