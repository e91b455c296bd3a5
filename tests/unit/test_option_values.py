"""Names of the notebook in the values of options."""

from __future__ import annotations

from pathlib import Path

import pytest

from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine

NAMES = {
    "model": "tiny",
    "n": 3,
    "url": "http://127.0.0.1:1/v1",
    "stop": "\n\n",
    "rows": [1],
    "file": Path("c.txt"),
}


def line(text: str) -> ChatLine:
    return ChatLine(text, NAMES)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("-m $model", "model", "tiny"),
        ("-m ${model}", "model", "tiny"),
        ("--model={model}-v{n}", "model", "tiny-v3"),
        ("-m plain", "model", "plain"),
        ("-m a$$b", "model", "a$b"),
        ("-m a{{b}}", "model", "a{b}"),
        ("-t $n", "temperature", 3.0),
        ("--base-url $url", "base_url", "http://127.0.0.1:1/v1"),
        ("-c 'run {n}'", "conversation", "run 3"),
        ("--cookies $file", "cookies", "c.txt"),
        ("-s '{model} costs $5'", "system", "{model} costs $5"),
        ("-w '{model}'", "attached", ("{model}",)),
        ("""--param a='{"n": 1}'""", "params", {"a": {"n": 1}}),
        ("--param top_k=$n --param stop={stop}", "params", {"top_k": 3, "stop": "\n\n"}),
    ],
)
def test_values_name_what_the_notebook_holds(text, name, value):
    assert getattr(line(text).options, name) == value


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("-m $modle", "there is no modle", "Did you mean model?"),
        ("-m {rows}", "rows is a list", "a text or a number"),
    ],
)
def test_what_cannot_stand_on_the_line_is_refused(text, said, hint):
    with pytest.raises(InputError) as caught:
        line(text)
    assert said in str(caught.value)
    assert hint in caught.value.hint


def test_without_a_notebook_values_stay_as_they_are():
    read = ChatLine("-m $model")
    assert read.options.model == "$model"
    assert read.names_values
    assert not ChatLine("-m tiny -s '{x}'").names_values
