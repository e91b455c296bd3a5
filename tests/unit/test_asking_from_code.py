"""What code gives a chat that cannot be: said in two lines, and nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError


@pytest.mark.parametrize(
    ("prompt", "kind"), [(None, "NoneType"), (3, "int"), (["a"], "list"), (b"x", "bytes")]
)
def test_a_prompt_that_is_no_text_is_named_by_its_kind(prompt: Any, kind: str) -> None:
    with pytest.raises(InputError, match=f"not text but a {kind}"):
        Chat("koala").ask_sync(prompt)


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("temprature", "Did you mean temperature?"),
        ("maxtokens", "max_tokens"),
        ("api_key", "A key is not given here"),
    ],
)
def test_an_option_that_there_is_not_is_said_with_the_nearest(option: str, hint: str) -> None:
    with pytest.raises(InputError, match="no option") as caught:
        Chat("koala", **{option: 1})
    assert hint in caught.value.hint
