"""The formats of a reply beside Markdown."""

from __future__ import annotations

import html
import re

import pytest

from g4f_magic.errors import InputError
from g4f_magic.format_table import FORMATS, Format
from g4f_magic.renderers.document import LONGEST_PART, MarkdownView
from g4f_magic.renderers.formats import CodeView, FrameView, TextView
from g4f_magic.renderers.markdown import to_html
from g4f_magic.renderers.tree import JsonView
from g4f_magic.renderers.views import make_view
from tests.frames import undressed
from tests.injections import PAYLOADS
from tests.named import named


def test_an_unknown_format_names_those_that_are() -> None:
    with pytest.raises(InputError, match="no format 'pdf'") as caught:
        make_view("pdf")
    assert "markdown" in caught.value.hint


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: one.name)
def test_each_format_shows_a_reply_and_says_how(format: Format) -> None:  # noqa: A002
    view = make_view(format.name)
    view.feed("[1]")
    assert "".join(part.plain for part in view.parts("[1]")).replace("\n", "").replace(" ", "") == "[1]"
    assert hasattr(view, "problem") is format.is_judged
    assert format.help
    assert format.safety


@pytest.mark.parametrize("view", [TextView, JsonView])
def test_text_is_never_interpreted(view: type[TextView]) -> None:
    for name, text in PAYLOADS.items():
        with named(name):
            [part] = view().parts(text)
            inside = re.sub(r"</?(?:pre|p|strong|span|div|code)\b[^<>]*>", "", part.html)
            assert "<" not in inside


def test_html_runs_in_a_frame_without_scripts_or_not_at_all() -> None:
    frame = re.compile(r'<iframe sandbox="" [^<>]*></iframe><details>.*</details>', re.DOTALL)
    for name, text in PAYLOADS.items():
        with named(name):
            [part] = FrameView().parts(text)
            assert frame.fullmatch(part.html)
            assert "default-src 'none'" in html.unescape(part.html)


@pytest.mark.parametrize("view", [TextView, MarkdownView])
def test_a_view_shows_what_it_was_fed_while_it_is_open(view: type[TextView]) -> None:
    made, shown = view(), ""
    for number in range(300):
        made.feed(f"line {number}\n\n")
        shown += "".join(made.finished())
    seen = re.findall(r"line (\d+)", shown + made.tail())
    assert seen == [str(number) for number in range(300)]


def test_a_long_open_fence_is_shown_in_pieces_and_whole_at_the_end() -> None:
    text = "before\n\n```python\n" + "".join(f"x_{n} = {n}\n" for n in range(2_000)) + "```\n\nafter\n"
    view, pieces = MarkdownView(), []
    for start in range(0, len(text), 50):
        view.feed(text[start : start + 50])
        pieces += view.finished()
        assert len(view.tail_text) < 4_000
    seen = re.findall(r"x_(\d+) =", re.sub(r"<[^>]*>", "", "".join(pieces) + view.tail()))
    assert seen == [str(number) for number in range(2_000)]
    assert "".join(part.html for part in view.parts(text)) == to_html(text)


@pytest.mark.heavy
def test_parts_of_a_long_reply_are_bounded_and_keep_the_text() -> None:
    text = "A paragraph that is like the others.\n\n" * 6_000
    parts = MarkdownView().parts(text)
    assert "".join(part.plain for part in parts) == text
    assert all(len(part.plain) <= LONGEST_PART for part in parts)
    assert "".join(part.html for part in parts) == to_html(text)


def test_text_in_one_line_is_cut_too() -> None:
    parts = TextView().parts("x" * 200_000)
    assert all(len(part.plain) <= LONGEST_PART for part in parts)


def test_a_reply_that_is_not_what_was_fed_is_shown_as_it_is() -> None:
    view = MarkdownView()
    view.feed("something else\n\n")
    assert view.parts("the reply")[0].plain == "the reply"


def fenced(*fences: tuple[str, str]) -> str:
    return "words\n\n" + "\nmore\n\n".join(f"```{info}\n{code}\n```\n" for info, code in fences)


@pytest.mark.parametrize(
    ("reply", "offer"),
    [
        (fenced(("python", "x = 1"), ("py", "y = 2")), "x = 1\n\ny = 2"),
        (fenced(("python", "x = 40 + 2"), ("bash", "ls"), ("", "42"), ("json", "{}")), "x = 40 + 2"),
        (
            fenced(("Python3", "x = 1"), ("ipython", "y = 2"), ("{python}", "z = 3")),
            "x = 1\n\ny = 2\n\nz = 3",
        ),
        (fenced(('python title="a.py"', "x = 1")), "x = 1"),
        (fenced(("", "x = 1"), ("bash", "ls"), ("", "y = 2")), "x = 1\n\ny = 2"),
        (fenced(("bash", "ls"), ("json", "{}"), ("sh", "pwd")), "%%bash\nls\n\npwd"),
        (fenced(("pycon", ">>> 1"), ("javascript", "1"), ("console", "$ ls"), ("text", "1")), ""),
        (fenced(("python", "")), ""),
        (fenced(("python", "x = 1  # \u202e1 = y")), ""),
        (fenced(("python", "x = 1\x1b[8m")), ""),
        ("```python\r\nx = 1\r\ny = 2\r\n```\r\n", "x = 1\ny = 2"),
        ("- in a list\n\n  ```python\n  x = 1\n  ```", "x = 1"),
        ("```python\nunfinished = 1", "unfinished = 1"),
    ],
)
def test_what_is_offered_runs_as_one_cell(reply: str, offer: str) -> None:
    view = CodeView()
    view.parts(reply)
    assert view.offer == offer


def test_only_code_is_shown_and_all_of_it() -> None:
    [part] = CodeView().parts(fenced(("python", "x = 1"), ("bash", "ls"), ("", "42")))
    assert part.plain == "x = 1\n\nls\n\n42"
    assert re.sub("<[^>]*>", "", undressed(part.html)).split() == ["x", "=", "1", "ls", "42"]
    assert "words" not in part.html


def test_a_reply_without_code_is_shown_whole_and_offers_nothing() -> None:
    view = CodeView()
    [part] = view.parts("just *words*")
    assert view.offer == ""
    assert "No code in this reply" in part.html
    assert "<em>words</em>" in part.html


@pytest.mark.parametrize(
    "reply",
    [
        '{"a": [1, "two", null]}',
        '```json\n{"a": [1, "two", null]}\n```\n',
        '\ufeff{"a": [1, "two", null]}',
        'Here you go:\n\n```json\n{"a": [1, "two", null]}\n```\n\nI hope that helps!',
        'First run:\n```sh\nls\n```\nThen:\n~~~JSON\n{"a": [1, "two", null]}\n~~~',
        'Sure [as asked]:\n{\n "a": [1, "two", null]\n}\nThat is all.',
    ],
)
def test_json_is_shown_as_a_tree(reply: str) -> None:
    view = JsonView()
    [part] = view.parts(reply)
    assert view.problem == ""
    assert "<details open>" in part.html
    assert '"a": [3 items]' in part.html


@pytest.mark.parametrize(
    "reply",
    [
        '{"a": ',
        "words",
        "[NaN]",
        "",
        "[" * 100_000,
        "I cannot, see [1].",
        '{"a": 1}\n{"a": 2}',
        '```json\n{"a": 1}\n```\n\n```json\n{"b": 1}\n```',
        'Here:\n```json\n{"a": 1\n```',
    ],
)
def test_what_is_no_json_is_shown_as_text_and_said_so(reply: str) -> None:
    view = JsonView()
    parts = view.parts(reply)
    assert "not valid JSON" in view.problem
    assert "not valid JSON" in parts[0].html
    assert "".join(part.plain for part in parts) == reply
