"""What goes wrong in a worker reaches whoever waits for it, with all that it says."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from g4f_magic import errors
from g4f_magic.causes import Diagnosis
from g4f_magic.errors import ChatError, ChatStopped

GIVEN: dict[str, Any] = {
    "ResponseStatusError": {"status": 400},
    "CloudflareError": {"status": 403},
    "RateLimitError": {"status": 429, "retry_after_seconds": 3.0},
    "RowsFailedError": {"table": [{"reply": "kept"}]},
    "UnfitReplyError": {"text": "no", "problems": ("it is not JSON",)},
}
"""What they are made with besides a message and a hint."""


def every_kind(kind: type[ChatError] = ChatError) -> list[type[ChatError]]:
    ours = [one for one in kind.__subclasses__() if one.__module__ == errors.__name__]
    return [kind, *(below for one in ours for below in every_kind(one))]


@pytest.mark.parametrize("again", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy, copy.deepcopy])
@pytest.mark.parametrize("kind", every_kind())
def test_an_error_comes_whole_out_of_another_process(
    kind: type[ChatError], again: Callable[[Any], Any]
) -> None:
    error = kind("it failed", hint="Do that.", **GIVEN.get(kind.__name__, {}))
    found = again(error)
    assert type(found) is kind
    assert (str(found), found.hint, found.__notes__) == ("it failed", "Do that.", ["Do that."])
    assert vars(found) == vars(error)
    assert isinstance(found.diagnosis, Diagnosis)


@pytest.mark.parametrize("is_reply", [True, False])
def test_that_it_was_stopped_comes_too(is_reply: bool) -> None:
    found = pickle.loads(pickle.dumps(ChatStopped(is_reply=is_reply)))
    assert (str(found), found.is_reply) == (str(ChatStopped(is_reply=is_reply)), is_reply)
