"""Texts as they are shown."""

from __future__ import annotations

import pytest

from g4f_magic.visible import shortened


@pytest.mark.parametrize(
    ("text", "shown"), [("", ""), ("four", "four"), ("fives", "fiv…"), ("sixsix", "six…")]
)
def test_a_text_is_cut_to_a_length_with_the_sign_of_it(text: str, shown: str) -> None:
    assert shortened(text, 4) == shown
