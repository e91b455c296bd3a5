"""What each level shows: values are planted wherever a thing can hold one."""

import collections
import dataclasses
import datetime
import enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.describing import LEVELS, describe
from g4f_magic.describing.share import reaches

PLANTED = "PLANTED 4711 value"
MARGIN = 1_200
"""Characters that stand around the thing itself at most."""


@dataclasses.dataclass
class Record:
    field: str = PLANTED


class Colour(enum.Enum):
    RED = PLANTED


class Plain:
    def __init__(self):
        self.attribute = PLANTED


class Speaking:
    def __repr__(self):
        return PLANTED

    def _repr_markdown_(self):
        return PLANTED

    async def _ai_repr_(self, **kwargs):
        return {"text/plain": PLANTED}


def function(parameter=PLANTED, *, other: "PLANTED 4711 value" = 1) -> "PLANTED 4711 value":  # noqa: F722
    """PLANTED 4711 value."""
    return PLANTED


class Documented:
    """PLANTED 4711 value."""

    attribute = PLANTED

    def method(self, parameter=PLANTED):
        return PLANTED


Pair = collections.namedtuple("Pair", "first second")

HOLDS_IT = {
    "text": PLANTED,
    "bytes": PLANTED.encode(),
    "list": [PLANTED],
    "deep": [[{"field": (PLANTED,)}]],
    "entry": {"field": PLANTED},
    "key": {PLANTED: 1},
    "key that looks like a name": {"planted_4711": 1, "other_4711": 2},
    "inner key": [{"field": {PLANTED: 1}}],
    "key of bytes": {PLANTED.encode(): 1},
    "set": {PLANTED},
    "dataclass": Record(),
    "named tuple": Pair(PLANTED, 1),
    "exception": ValueError(PLANTED),
    "enum": Colour.RED,
    "plain object": Plain(),
    "speaking object": Speaking(),
    "list of speaking objects": [Speaking()],
    "function": function,
    "class": Documented,
    "counter": collections.Counter([PLANTED]),
    "chain": collections.ChainMap({"field": PLANTED}),
}


@pytest.mark.parametrize("share", ["names", "schema"])
@pytest.mark.parametrize("value", HOLDS_IT.values(), ids=HOLDS_IT)
def test_no_value_is_shown_below_the_level_of_values(value, share):
    described = describe(value, name="thing", share=share)
    assert "4711" not in repr(described)
    assert described.picture is None
    assert not described.inline
    assert described.omitted


@pytest.mark.parametrize("value", HOLDS_IT.values(), ids=HOLDS_IT)
def test_values_are_shown_at_the_level_of_values(value):
    described = describe(value, name="thing", share="sample")
    assert "4711" in described.text or described.text.endswith(".RED\n```")


@pytest.mark.parametrize("value", HOLDS_IT.values(), ids=HOLDS_IT)
def test_names_are_the_thing_s_own_name_and_its_type(value):
    described = describe(value, name="thing", share="names")
    assert described.text.startswith("`thing` (")
    assert described.text.endswith("Shown in part: its name and type alone.")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"rate": 0.1, "epochs": 3, "name": "x"}, "{rate: float, epochs: int, name: str}"),
        ([{"ann": 1}, {"ann": 2}], "list of 2 ({ann: int})"),
        ({"ok": True, "rows": [{"id": 1}, {"id": 2}]}, "{ok: bool, rows: list of 2 ({id: int})}"),
    ],
)
def test_keys_of_a_record_belong_to_the_structure(value, shown):
    assert shown in describe(value, name="thing", share="schema").text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"ann": 3, "bob": 5}, "dict of 2 (str: int)"),
        ({"ann": 3, "bob": None, "eve": 0.5}, "dict of 3 (str: int | NoneType | float)"),
        ({f"person_{n}": n if n % 2 else "x" for n in range(100)}, "dict of 100 (str: str | int)"),
        ({"ann@example.org": 3, "n": "x"}, "dict of 2 (str: int | str)"),
        ([{"ann": 3}, {"bob": 5}], "list of 2 (dict of 1 (str: int))"),
        ({"ann": {"age": 3}, "bob": {"age": 5}}, "dict of 2 (str: {age: int})"),
    ],
)
def test_keys_that_may_be_values_are_not_shown_below_the_level_of_values(value, shown):
    assert shown in describe(value, name="thing", share="schema").text


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.dates(),
    st.just(PLANTED),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(st.text() | st.just(PLANTED), inner),
        st.tuples(inner),
        st.sets(SCALARS),
    ),
    max_leaves=40,
)


@given(value=VALUES, share=st.sampled_from(LEVELS), limit=st.integers(0, 3_000))
def test_any_value_is_described_within_its_bounds(value, share, limit):
    described = describe(value, name="thing", share=share, limit=limit)
    assert len(described.text) <= limit + MARGIN
    assert described.text.encode()
    assert reaches(share, "sample") or "4711" not in repr(described)


@given(value=VALUES, share=st.sampled_from(LEVELS))
def test_a_thing_is_described_the_same_each_time(value, share):
    assert describe(value, name="thing", share=share) == describe(value, name="thing", share=share)


@given(text=st.text(alphabet="`~ \n\rdata", min_size=1, max_size=60))
def test_data_never_closes_its_marks(text):
    described = describe(text, name="thing", share="all").text
    _, _, framed = described.partition("\n\n")
    marks, _, rest = framed.partition("\n")
    body, _, end = rest.rpartition("\n")
    assert set(marks) == {"`"}
    assert end == marks
    assert marks not in body


def test_dates_are_values():
    described = describe(datetime.date(1947, 1, 1), name="born", share="schema")
    assert "1947" not in described.text
