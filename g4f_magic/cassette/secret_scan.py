"""Keys in what is about to be recorded: those that are known here are refused, of what looks like one a person is warned."""

from __future__ import annotations

import re

from g4f_magic.ask import Ask
from g4f_magic.cassette.key import Asked
from g4f_magic.errors import InputError
from g4f_magic.secret import mask_known

_KINDS = (
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY")),
    ("an API key", re.compile(r"\b(?:sk|pk|rk)[-_][A-Za-z0-9_-]{16,}")),
    ("a token of GitHub", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})")),
    ("a token of GitLab", re.compile(r"\bglpat-[\w-]{16,}")),
    ("a token of Slack", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}")),
    ("a token of Hugging Face", re.compile(r"\bhf_[A-Za-z0-9]{20,}")),
    ("a key of Google", re.compile(r"\bAIza[\w-]{30,}")),
    ("a key of AWS", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a signed token", re.compile(r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]{8,}+\.")),
    ("a bearer token", re.compile(r"\bBearer\s+[\w.~+/-]{16,}", re.IGNORECASE)),
    ("a password in a URL", re.compile(r"://[^/\s:@]+:[^/\s@]+@")),
    (
        "a password or key",
        re.compile(
            r"\b(?:pass(?:word|wd)?|secret|api[_-]?key|access[_-]?key|auth[_-]?token|token)\b['\"]?"
            r"\s*(?:=|:|\bis\b)\s*['\"]?(?=[^\s'\"]{0,200}[0-9!#$%&*+/=?^_-])[^\s'\"]{8,}",
            re.IGNORECASE,
        ),
    ),
    ("a long random text", re.compile(r"\b(?=[A-Za-z0-9]*[0-9])(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{40,}\b")),
)


def secret_warning(asked: Asked, ask: Ask, file_name: str) -> str:
    """Return a warning of what looks like a secret in a question that is being recorded in that file; usually empty.

    Raises:
        InputError: it holds one that is known here.
    """
    said = (
        *(asked.prompt, asked.system),
        *(one.text for one in ask.attachments),
        *map(str, asked.parameters.values()),
    )
    kinds = secret_kinds(*said)
    if any(mask_known(text) != text for text in said):
        raise InputError(
            "the prompt holds a key or password that is in use here: nothing was sent, nothing is recorded",
            hint="Take it out of the prompt; a recording is there to be passed on.",
        )
    if not kinds:
        return ""
    return (
        f"The prompt holds what looks like {' and '.join(kinds)}, and is being recorded in {file_name}. If it is one: "
        "stop, take it out of the prompt, and its line out of that file."
    )


def secret_kinds(*texts: str) -> list[str]:
    """Return what the texts seem to hold, each kind once: "an API key"."""
    return [kind for kind, pattern in _KINDS if any(pattern.search(text) for text in texts)]
