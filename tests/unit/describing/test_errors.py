import itertools
import json
import linecache
import time

import pytest

from g4f_magic.describing import describe
from g4f_magic.describing.errors import described_error

NUMBERS = itertools.count()


def ran(code, names=None):
    """Run code as IPython runs a cell, and return what it raises and the names that are there then."""
    names = {} if names is None else names
    filename = f"<ipython-input-{next(NUMBERS)}-test>"
    linecache.cache[filename] = (len(code), None, code.splitlines(keepends=True), filename)
    try:
        exec(compile(code, filename, "exec"), names)
    except BaseException as exc:
        return exc.with_traceback(exc.__traceback__.tb_next), names
    return None, names


def described(code, names=None, **options):
    error, names = ran(code, names)
    return described_error(error, source=code, namespace=names, **options)


def test_the_cell_the_line_the_message_and_the_values_are_there():
    found = described("rate = 3\n\ntotal = rate / (rate - 3)\n")
    assert found.summary == "ZeroDivisionError, line 3 of the cell"
    assert "The cell:\nrate = 3\n\ntotal = rate / (rate - 3)" in found.text
    assert "The error: ZeroDivisionError: division by zero" in found.text
    assert "- line 3 of the cell: total = rate / (rate - 3)" in found.text
    assert "- rate: 3" in found.text


def test_a_function_of_another_cell_is_shown_with_what_it_held():
    _, names = ran("def clean(row):\n    return row['pric'] * 2\n")
    found = described("record = {'price': 2}\nclean(record)", names)
    assert (
        "- line 2 of the cell: clean(record)\n- line 2 of another cell, in clean: return row['pric'] * 2"
        in found.text
    )
    assert "Lines 1 to 2 of another cell:\ndef clean(row):" in found.text
    assert "- row: {'price': 2}" in found.text
    assert "Not there: the key 'pric'. Nearly called so: price." in found.text


def test_of_a_statement_on_several_lines_all_are_shown():
    found = described("low = 0\nx = max(\n    1,\n    1 / low,\n)")
    assert "- line 4 of the cell: x = max( 1, 1 / low, )" in found.text
    assert "- low: 0" in found.text


def test_of_a_loop_the_head_is_shown_where_that_fails():
    found = described("n = 3\nfor i in n:\n    secret = 1\n")
    assert "- line 2 of the cell: for i in n:\n" in found.text
    assert "- n: 3" in found.text


def test_a_name_that_is_missing_is_told_with_those_like_it():
    found = described("config = 1\nconfg + 1")
    assert "Not there: the name confg. Nearly called so: config." in found.text


def test_an_attribute_that_is_missing_is_told_with_those_like_it():
    assert "Not there: uper of str. Nearly called so: upper" in described("'a'.uper()").text


def test_a_module_that_is_missing_is_told():
    assert "Not there: the module nowhere_to_be_found." in described("import nowhere_to_be_found").text


def test_a_syntax_error_shows_the_cell_and_where():
    code = "x = 1\ny = = 2\n"
    found = described(code)
    assert found.summary == "SyntaxError, line 2"
    assert "The cell:\nx = 1\ny = = 2" in found.text
    assert "(line 2, column 5)" in found.text


def test_lines_of_python_and_packages_are_left_out_and_that_is_said():
    found = described("import json\njson.loads('{bad')")
    assert "raw_decode" not in found.text
    assert "(Without the lines of Python and of packages.)" in found.text


def test_a_recursion_is_told_in_few_lines():
    found = described("def f(n):\n    return f(n + 1)\nf(0)")
    assert "in f: return f(n + 1) (9" in found.text
    assert found.text.count("return f(n + 1)") == 2
    assert found.text.count("- n: ") == 1


def test_a_deep_recursion_in_a_long_cell_is_described_in_time():
    many = "\n".join(f"x{n} = [{n}, {n}]" for n in range(1_500))
    code = f"{many}\nimport sys\nsys.setrecursionlimit(2_000)\ndef f(n):\n    return f(n + 1)\nf(0)"
    import sys

    before = sys.getrecursionlimit()
    try:
        found = described(code, seconds=30.0)  # read anew for each frame, the cell takes longer
    finally:
        sys.setrecursionlimit(before)
    assert "in f: return f(n + 1)" in found.text


def test_a_note_that_cannot_be_told_leaves_the_rest():
    code = "class Mute:\n    def __str__(self): raise RuntimeError\ne = ValueError('bad')\ne.__notes__ = [Mute()]\nraise e"
    text = described(code).text
    assert "ValueError: bad" in text


def test_a_message_of_a_large_container_is_bounded():
    found = described_error(ValueError(list(range(1_000_000)), "x" * 1_000_000))
    assert "… 999,990 more]" in found.text
    assert len(found.text) < 5_000


def test_what_it_came_of_is_told():
    found = described(
        "try:\n    1 / 0\nexcept ZeroDivisionError as exc:\n    raise ValueError('bad') from exc"
    )
    assert "It came of:\n- ZeroDivisionError: division by zero (the cell, line 2)" in found.text


def test_of_a_group_the_parts_are_told():
    found = described("raise ExceptionGroup('several', [ValueError(n) for n in range(9)])")
    assert "It holds:\n- ValueError: 0\n" in found.text
    assert "- … 4 more" in found.text


def test_notes_are_told():
    assert (
        "look at the units"
        in described("e = ValueError('bad')\ne.add_note('look at the units')\nraise e").text
    )


SECRETLY = """
key = "PLANTED"
row = {"name": "PLANTED", "n": 1}
def f(value="PLANTED"):
    '''PLANTED'''
    return row[f"PLANTED {value}"]  # PLANTED
f(key)
"""


@pytest.mark.parametrize("share", ["names", "schema"])
def test_no_value_is_shown_below_the_level_of_values(share):
    found = described(SECRETLY, share=share)
    assert "PLANTED" not in repr(found)
    assert "KeyError" in found.text


def test_the_structure_of_an_error_is_its_code_without_literals_and_the_types():
    found = described(SECRETLY, share="schema")
    assert "row[...]" in found.text
    assert "- value: str" in found.text
    assert "without its message" in found.omitted


def test_no_value_of_a_broken_cell_is_shown_below_the_level_of_values():
    assert "PLANTED" not in described("x = 'PLANTED", share="schema").text
    assert "PLANTED" not in described("match x:\n  case 'PLANTED': pass", share="schema").text


@pytest.mark.parametrize(
    "code",
    [
        "name = 'PLANTED'\ngetattr(3, name)",
        "eval('PLANTED')",
        "import importlib\nimportlib.import_module('PLANTED')",
        "from types import SimpleNamespace\nrow = SimpleNamespace(**{'PLANTED': 1})\nrow.PLANTES",
        "record = {'PLANTED': 1}\nrecord['PLANTES']",
    ],
)
def test_a_name_that_is_a_value_is_not_shown_below_the_level_of_values(code):
    assert "PLANTED" not in repr(described(code, share="schema"))
    assert "PLANTED" in described(code).text


def test_a_name_in_the_code_is_told_below_the_level_of_values():
    assert "Not there: uper of str." in described("x = 'a'\nx.uper()", share="schema").text
    assert "Not there: the name nowhere." in described("nowhere + 1", share="schema").text


def test_a_message_that_fails_or_hangs_is_left_out():
    class BadError(Exception):
        def __str__(self):
            raise ValueError

    class SlowError(Exception):
        def __str__(self):
            time.sleep(1_000)

    assert "The error: BadError" in described_error(BadError()).text
    assert "within 0.05 s" in described_error(SlowError(), seconds=0.05).omitted


def test_a_value_whose_repr_fails_is_told_by_its_type():
    names = {"thing": type("Thing", (), {"__repr__": lambda self: 1 / 0})()}
    assert "- thing: Thing, whose repr raised ZeroDivisionError" in described("thing + 1", names).text


def test_a_field_that_is_named_as_a_secret_is_masked():
    found = described("api_key = 'hunter2222'\napi_key / 1")
    assert "- api_key: ***" in found.text


def test_code_that_fills_in_a_secret_stays_as_it_is():
    code = 'user = password = "x"\nurl = f"postgres://{user}:{password}@host/db?key={password}"\n1 / 0'
    assert 'f"postgres://{user}:{password}@host/db?key={password}"' in described(code).text


def test_a_password_in_code_is_masked():
    found = described('url = "postgres://ann:hunter22@host/db"\n1 / 0')
    assert "hunter22" not in found.text


def test_of_a_long_cell_the_lines_around_are_shown_and_that_is_said():
    code = "\n".join([*(f"x{n} = {n}" for n in range(5_000)), "1 / 0"])
    found = described(code, limit=3_000)
    assert "1 / 0" in found.text
    assert "lines of the cell" in found.omitted
    assert len(found.text) < 4_200


def test_an_exception_that_was_never_raised_is_shown():
    assert "The error: ValueError: bad" in described_error(ValueError("bad")).text


def test_an_exception_in_a_variable_is_shown_as_one():
    error, _ = ran("1 / 0")
    assert "- line 1 of the cell: 1 / 0" in describe(error, name="error").text


def test_a_table_is_shown_with_its_columns():
    pd = pytest.importorskip("pandas")
    found = described("df['pric']", {"df": pd.DataFrame({"price": [1.0], "PLANTED": [2]}).iloc[:, :1]})
    assert '- df: <pandas DataFrame, 1 column, 1 row> ("price": float64)' in found.text
    assert "Nearly called so: price" in found.text


def test_a_description_is_the_same_each_time():
    error, names = ran("import json\ndata = {1, 2, 'a'}\njson.loads(data)")
    texts = {described_error(error, namespace=names).text for _ in range(3)}
    assert len(texts) == 1
    assert json.dumps(texts.pop())
