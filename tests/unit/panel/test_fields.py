"""What stands in the panel's fields, and the options that it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.grammar import ChatLine
from g4f_magic.options import Options
from g4f_magic.panel.choices import FIELDS, fields, fields_of, options_of

NUMBERS = st.none() | st.integers(0, 10**6)


@given(
    st.builds(
        Options,
        system=st.text() | st.just(" \n"),
        temperature=st.none() | st.floats(0, 2),
        max_tokens=NUMBERS,
        context_turns=NUMBERS,
        params=st.dictionaries(
            st.sampled_from(["top_p", "stop", "x"]), st.integers() | st.booleans() | st.text()
        ),
    )
)
def test_options_stand_in_the_fields_and_come_back(options: Options) -> None:
    assert Options(**options_of(fields_of(options, ""))) == options


def test_empty_fields_ask_for_nothing_special_and_for_no_system_prompt() -> None:
    assert Options(**options_of({})) == Options(system="")


def test_the_settings_system_prompt_stands_there_where_none_is_given() -> None:
    assert fields_of(Options(), "Be kind.") == {"system": "Be kind."}
    assert fields_of(Options(system=""), "Be kind.") == {}


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_is_an_option_of_a_cell(name: str) -> None:
    text = {"system": "Be brief.", "context": "2000t", "more": "top_p=0.9"}.get(name, "3")
    assert (
        Options(**options_of({name: text}) | {"system": None if name != "system" else text})
        == ChatLine(f"{FIELDS[name].name} '{text}'").options
    )


def test_each_field_has_a_label_and_says_what_holds_without_it() -> None:
    assert all(one["label"] and one["hint"] for one in fields())


@pytest.mark.parametrize("name", ["temperature", "max_tokens"])
def test_what_is_no_number_is_refused_and_the_field_named(name: str) -> None:
    with pytest.raises(InputError, match=f"{name.replace('_', ' ')}: 'warm' is not a (whole )?number"):
        options_of({name: "warm"})


@pytest.mark.parametrize("given", [0, 0.0, "0"])
def test_a_parameter_that_is_zero_is_one(given: object) -> None:
    assert options_of({"temperature": given})["temperature"] == 0


def test_a_misspelt_parameter_is_named_with_the_right_one() -> None:
    with pytest.raises(InputError, match="no parameter 'temprature'") as caught:
        options_of({"temprature": 0.2})
    assert caught.value.hint == "Did you mean temperature?"
