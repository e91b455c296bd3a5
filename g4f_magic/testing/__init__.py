"""What every provider has to keep, as tests for the authors of others.

    pytest --pyargs g4f_magic.testing --chat-provider mypkg:Mine --chat-dialect openai

They run against the package's own gateway on loopback, which speaks the named protocol and misbehaves as real
servers do. A provider that speaks none of its protocols is asked where it stands (`--chat-dialect none`); then
what needs such a server is skipped. In a test suite of one's own the fixture `chat_subject` gives the same.
"""

from __future__ import annotations

from g4f_magic.testing.subject import DIALECTS, Subject, subject_of

__all__ = ["DIALECTS", "Subject", "subject_of"]
