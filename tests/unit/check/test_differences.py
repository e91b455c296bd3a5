"""What `check --run` takes for a difference between what was saved and what a run shows."""

from __future__ import annotations

import nbformat
import pytest

from g4f_magic.check.rerun import differences


@pytest.mark.parametrize(
    ("live", "replayed"),
    [
        ("— live · koala · m · 1.2 s", "— replayed · koala · m"),
        ("— live · koala · m · under 0.1 s", "— replayed · koala · m"),
        ("— failed · koala · m · under 0.1 s", "— replayed · failed · koala · m"),
        (
            "— live · koala · m · 12.0 s · after 2 turns · without 1 earlier turn",
            "— replayed · koala · m · after 2 turns · without 1 earlier turn",
        ),
        ("— live · koala · m · 1.2 s · 1,234 tokens · $0.0012", "— replayed · koala · m"),
        ("— live · koala · m · 1.2 s · ~1 token · ~under $0.000001", "— replayed · koala · m"),
        ("— koala · m · via h · live · 1.2 s", "— replayed · via h · koala · m · after 1 turn"),
    ],
)
def test_how_a_reply_came_is_no_difference(live: str, replayed: str) -> None:
    def shown(line: str) -> object:
        data = {"text/plain": f"Reply\n\n{line}", "text/html": f"<p>Reply</p><div>{line}</div>"}
        cell = nbformat.v4.new_code_cell(
            "%%chat\nHello", outputs=[nbformat.v4.new_output("display_data", data=data)]
        )
        return nbformat.v4.new_notebook(cells=[cell])

    assert list(differences(shown(live), shown(replayed))) == []
    assert list(differences(shown(live), shown(replayed.replace("koala", "aura")))) != []


def outputs(*shown: str | None, error: bool = False, count: int | None = None) -> object:
    """A notebook whose cells show these texts; None: nothing, as a stripped one."""
    cells = [
        nbformat.v4.new_code_cell(
            "1",
            execution_count=count,
            metadata={"tags": ["raises-exception"]} if error else {},
            outputs=[]
            if text is None
            else [nbformat.v4.new_output("error", ename="E", evalue=text, traceback=[text])]
            if error
            else [nbformat.v4.new_output("stream", name="stdout", text=text)],
        )
        for text in shown
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_stripped_outputs_are_no_difference() -> None:
    assert list(differences(outputs(None, None), outputs("a", "b"))) == []
    assert list(differences(outputs(None, None, count=3), outputs("a", "b"))) == []
    assert len(list(differences(outputs(None, "b", count=3), outputs("a", "b")))) == 1
    assert len(list(differences(outputs("a"), outputs(None)))) == 1


def test_a_stripped_cell_may_fail_where_its_tag_says_so() -> None:
    assert list(differences(outputs(None, error=True), outputs("a", error=True))) == []
    failing = outputs("a", error=True)
    failing.cells[0].metadata = {}  # type: ignore[attr-defined]
    assert len(list(differences(outputs(None), failing))) == 1
