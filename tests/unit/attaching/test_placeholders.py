"""Names in a prompt, and what `--with` names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.attaching.lookup import NotThereError, value_at
from g4f_magic.attaching.path import path_of
from g4f_magic.attaching.placeholders import Placeholder, parts_of
from g4f_magic.attaching.wanted import CellRange, cells_of, wanted_in
from g4f_magic.errors import InputError


def named(text: str) -> list[str]:
    return [part.name for part in parts_of(text) if isinstance(part, Placeholder)]


def filled(text: str) -> str:
    return "".join("X" if isinstance(part, Placeholder) else part for part in parts_of(text))


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("{{df}}", "X"),
        ("{{ df }} and {{df}}", "X and X"),
        ("{{model.coef_}}", "X"),
        ("{{rows[0]}} {{d['a b']}} {{d[\"x\"][-1]}} {{m[0, 1]}} {{a[1:3]}}", "X X X X X"),
        ("{{größe}}", "X"),
        ("{{df|schema}}", "X"),
        ("{df} {0} {}", "{df} {0} {}"),
        ("{{{df}}}", "{{{df}}}"),
        ("{{f(x)}} {{a + b}} {{}} {{ }} {{1}}", "{{f(x)}} {{a + b}} {{}} {{ }} {{1}}"),
        (
            "{{a[i]}} {{a[f()]}} {{lambda: 0}} {{a if b else c}}",
            "{{a[i]}} {{a[f()]}} {{lambda: 0}} {{a if b else c}}",
        ),
        (r"\{{df}} {{df}}", "{{df}} X"),
        (r"\{{f(x)}} \frac{{1}}{2}", r"\{{f(x)}} \frac{{1}}{2}"),
        ("{{df\n}}", "{{df\n}}"),
        ("{{df|rows}}", "{{df|rows}}"),
        ("{{" + "a" * 301 + "}}", "{{" + "a" * 301 + "}}"),
    ],
)
def test_only_paths_in_two_braces_are_names(text, sent):
    assert filled(text) == sent


@given(st.text(alphabet="{}\\ad.[]0|' \n"))
def test_what_is_no_name_stays_as_it_is(text):
    parts = parts_of(text)
    whole = "".join(part.text if isinstance(part, Placeholder) else part for part in parts)
    assert whole == text or (len(whole) < len(text) and text.replace("\\", "") == whole.replace("\\", ""))


def test_a_name_says_how_much_of_it_is_asked_for():
    (part,) = parts_of("{{df | schema}}")
    assert isinstance(part, Placeholder)
    assert (str(part.path), part.level, part.name) == ("df", "schema", "df | schema")


def test_the_values_on_a_path_are_reached():
    names = {"rows": [{"a": [1, 2]}], "z": 1 + 2j}
    path = path_of("rows[0]['a'][-1]")
    assert path is not None
    assert value_at(path, names) == 2
    assert value_at(path_of("z.imag"), names) == 2.0


class Angry:
    @property
    def mood(self) -> str:
        raise RuntimeError("never")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dff", "there is no dff here (did you mean df?)"),
        ("df.colums", "df has no .colums (did you mean columns?)"),
        ("rows[9]", "rows has no [9]"),
        ("rows['x']", "rows has no ['x']"),
        ("angry.mood", "angry.mood raised RuntimeError"),
    ],
)
def test_what_is_not_there_is_said_with_the_nearest(text, said):
    class Frame:
        columns = ("a",)

    names = {"df": Frame(), "rows": [1], "angry": Angry(), "open": open}
    with pytest.raises(NotThereError) as caught:
        value_at(path_of(text), names)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("df", ["df"]),
        ("df, rows[0,1],'a,b'", ["df", "rows[0,1]", "'a,b'"]),
        ("df.groupby(['a', 'b']).mean()|all,@error", ["df.groupby(['a', 'b']).mean()|all", "@error"]),
        ("@cells:3,5-7,df", ["@cells:3,5-7", "df"]),
        ("@cells:above:5,@out", ["@cells:above:5", "@out"]),
        ("*.py,notes.md", ["*.py", "notes.md"]),
    ],
)
def test_what_is_wanted_is_parted_at_commas_outside_of_brackets(text, found):
    assert [one.text for one in wanted_in(text)] == found


@pytest.mark.parametrize("text", ["", ",", "df,,x", "@errors", "@cells:x", "@cells:7-3", "@cells:above:x"])
def test_what_cannot_be_wanted_is_refused(text):
    with pytest.raises(InputError):
        wanted_in(text)


def test_the_cells_that_a_word_means():
    assert cells_of("@cells") == CellRange()
    assert cells_of("@cells:above") == CellRange()
    assert cells_of("@cells:above:5") == CellRange(above=5)
    assert cells_of("@cells:3,5-7") == CellRange(numbers=((3, 3), (5, 7)))
