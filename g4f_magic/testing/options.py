"""The options and the fixture for pytest; loaded wherever this package is installed, so it imports next to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from g4f_magic.testing.subject import Subject


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what `g4f_magic.testing` is told on the command line."""
    group = parser.getgroup("g4f_magic")
    group.addoption(
        "--chat-provider", metavar="MODULE:NAME", help="the provider that g4f_magic.testing tests"
    )
    group.addoption("--chat-dialect", default="", help="the protocol it speaks: openai, koala, ..., none")


@pytest.fixture(scope="session")
def chat_subject(request: pytest.FixtureRequest) -> Subject:
    """Return the provider that `--chat-provider` names."""
    from g4f_magic.testing.subject import subject_of

    target = request.config.getoption("--chat-provider")
    if not target:
        pytest.skip("no provider is named: --chat-provider MODULE:NAME")
    return subject_of(target, request.config.getoption("--chat-dialect"))
