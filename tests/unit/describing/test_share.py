import pytest

from g4f_magic.describing import LEVELS, lower, share_of
from g4f_magic.errors import InputError


def test_a_ceiling_leaves_the_lower_of_two_levels():
    assert [lower(level, "schema") for level in LEVELS] == ["names", "schema", "schema", "schema"]


def test_a_level_that_there_is_not_is_refused_with_those_that_there_are():
    with pytest.raises(InputError) as caught:
        share_of("everything")
    assert "names, schema, sample or all" in caught.value.hint
