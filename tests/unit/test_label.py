"""What an output says of itself can be read again, whoever named things."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.label import MARK, label_of, opened, unlabelled

_NAMES = st.text(st.sampled_from("a'\"<>&;\\/é\u202e\ud800\n #3"), min_size=1)


def output(html: object, metadata: object = MARK) -> dict[str, Any]:
    return {"data": {"text/html": html}, "metadata": metadata}


@given(st.dictionaries(_NAMES, _NAMES | st.integers(min_value=1)))
def test_what_was_told_is_read_again(told: dict[str, object]) -> None:
    found = label_of(json.loads(json.dumps(output(f"{opened(told)}text</div>"))))
    assert found == {"format": 2, **told}


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, [name for name, _ in attrs]))


@given(st.dictionaries(_NAMES, _NAMES, min_size=1))
def test_no_name_makes_a_tag_or_an_attribute(told: dict[str, object]) -> None:
    tags = _Tags()
    tags.feed(opened(told))
    assert tags.seen == [("div", ["data-g4f-magic"])]


def test_nothing_told_is_a_plain_frame() -> None:
    assert opened({"model": "", "usage": None, "seconds": 0.0}) == "<div>"


def test_a_notebook_holds_html_as_lines_too() -> None:
    assert label_of(output([opened({"status": "done"}), "text</div>"])) == {"format": 2, "status": "done"}


def test_what_older_versions_and_exports_wrote_into_the_metadata_is_read() -> None:
    saved = {"g4f_magic": {"format": 1, "status": "stopped"}}
    assert label_of(output("<div>text</div>", saved)) == {"format": 1, "status": "stopped"}


@pytest.mark.parametrize(
    "html", [None, 5, [5], "", "<div data-g4f-magic='{'>", "<div data-g4f-magic='[1]'>", "[" * 10_000]
)
def test_a_frame_that_tells_nothing_readable_is_passed_over(html: object) -> None:
    assert label_of(output(html)) == {"format": 2}


@pytest.mark.parametrize("metadata", [None, 5, {}, {"g4f_magic": 5}])
def test_without_our_mark_a_frame_is_not_believed(metadata: object) -> None:
    assert label_of(output(opened({"status": "done"}), metadata)) is None


def test_what_is_shown_can_be_compared_without_it() -> None:
    assert unlabelled(f"{opened({'seconds': 1.5})}text</div>") == "<div>text</div>"
