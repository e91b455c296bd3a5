"""However much comes, memory stays bounded: each in a process of its own."""

from __future__ import annotations

import pytest

from tests.faults.heavy import in_a_process

pytestmark = pytest.mark.heavy

MOST_BYTES = 150_000_000
"""Of 100 MB, or of what never ends. A text that is held a few times over counts each time."""


@pytest.mark.parametrize("fault", ["endless", "100mb", "bomb"])
def test_a_reply_too_long_is_kept_up_to_the_limit(fault: str) -> None:
    outcome, characters = in_a_process("Python", "koala", fault)
    assert (outcome.status, characters) == ("broken", 5_000_000)
    assert "longest_reply" in outcome.sees[1]
    assert outcome.left == (0, 0, 0)
    assert outcome.grown_bytes < MOST_BYTES


@pytest.mark.parametrize(
    ("provider", "fault"),
    [("koala", "64mb"), ("whiterabbitneo", "64mb"), ("openai", "64mb-body"), ("koala", "pings")],
)
def test_what_can_be_no_reply_is_refused_before_it_is_much(provider: str, fault: str) -> None:
    outcome, characters = in_a_process("Python", provider, fault)
    assert (outcome.status, characters) == ("failed", 0)
    assert outcome.sees[0].startswith("WireError: ")
    assert outcome.left == (0, 0, 0)
    assert outcome.grown_bytes < MOST_BYTES


def test_a_million_tiny_events_are_read() -> None:
    outcome, characters = in_a_process("Python", "koala", "tiny")
    assert (outcome.status, characters) == ("done", 1_000_000)
    assert outcome.grown_bytes < MOST_BYTES
