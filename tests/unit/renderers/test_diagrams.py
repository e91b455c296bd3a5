"""Which diagrams are left to the page to draw."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from g4f_magic.panel.rendering import blocks_of
from g4f_magic.renderers.diagrams import bundle, diagram_in, with_diagrams
from g4f_magic.renderers.document import MarkdownView
from g4f_magic.renderers.renderer import Part

GRAPH = "graph LR\n  A[Start] --> B{Choice}\n  B -->|yes| C[Done]"


def fence(source: str) -> str:
    return f"```mermaid\n{source}\n```\n"


@pytest.mark.parametrize(
    "source",
    [
        GRAPH,
        "sequenceDiagram\n  Alice->>Bob: Hello\n  Bob-->>Alice: Hi",
        "classDiagram\n  Animal <|-- Duck\n  Animal : +int age",
        'pie title Pets\n  "Dogs" : 386\n  "Cats" : 85',
    ],
)
def test_a_diagram_is_left_to_the_page(source: str) -> None:
    assert diagram_in(fence(source)) == source


@pytest.mark.parametrize(
    "source",
    [
        'A@{ img: "http://127.0.0.1:9/trap.png" }',
        'graph LR\n A["<img src=x onerror=alert(1)>"]',
        'graph LR\n A\n click A href "javascript:alert(1)"',
        "graph LR\n A\n click A call f()",
        "%%{init: {'securityLevel': 'loose'}}%%\ngraph LR\n A",
        "---\nconfig:\n  securityLevel: loose\n---\ngraph LR\n A",
        "graph LR\n style A fill:url(#x)",
        "graph LR\n A[//127.0.0.1:9/trap]",
        "graph LR\n A[`![x](y)`]",
        "graph LR\n A[&lt;img&gt;]",
        "sequenceDiagram\n link A: x",
        "graph LR\n" + "A --> B\n" * 400,
    ],
)
def test_what_could_load_or_do_something_stays_its_source(source: str) -> None:
    assert diagram_in(fence(source)) == ""


@pytest.mark.parametrize(
    "block", [GRAPH, f"```\n{GRAPH}\n```", f"```mermaid\n{GRAPH}", f"    ```mermaid\n{GRAPH}"]
)
def test_what_is_no_diagram_to_its_end_is_none(block: str) -> None:
    assert diagram_in(block) == ""


def test_a_reply_stands_in_parts_around_its_diagram() -> None:
    reply = f"Before.\n\n{fence(GRAPH)}\nAfter.\n"
    parts = with_diagrams(reply, MarkdownView)
    assert [part.diagram for part in parts] == ["", GRAPH, ""]
    assert "".join(part.plain for part in parts) == reply
    assert with_diagrams("No diagram, but the word mermaid.\n", MarkdownView) == []


def test_footnotes_and_links_reach_over_a_diagram() -> None:
    reply = f"So[^1], and [there].\n\n{fence(GRAPH)}\n[^1]: Because.\n\n[there]: https://a.example\n"
    html = "".join(part.html for part in with_diagrams(reply, MarkdownView))
    assert html.count("<sup>[1]</sup>") == 2
    assert 'href="https://a.example"' in html
    assert "[there]" not in html


def test_the_panel_is_told_which_source_its_page_may_draw() -> None:
    html = "".join(blocks_of(f"Before.\n\n{fence(GRAPH)}\n```python\nx = 1\n```\n"))
    assert html.count('<div class="g4f-diagram"><pre data-language="mermaid"><code>graph LR') == 1
    assert html.count("g4f-diagram") == 1
    assert "A[Start]" in html


@pytest.mark.parametrize("source", ["graph LR\n A[//127.0.0.1:9/trap]", "graph LR\n A[&lt;img&gt;]", ""])
def test_the_panel_leaves_what_could_load_something_as_its_source(source: str) -> None:
    assert "g4f-diagram" not in "".join(blocks_of(fence(source)))
    inside = '<div class="g4f-diagram"><pre data-language="mermaid"><code>x</code></pre></div>'
    assert '<div class="g4f-diagram"' not in "".join(blocks_of(inside))


def test_nothing_in_a_diagram_ends_the_fence_in_which_a_page_draws_it() -> None:
    source = "graph LR\n  A[Start]\n````\n# Out"
    shown = bundle(Part("", source, source))["text/markdown"]
    [token] = MarkdownIt("commonmark").parse(shown)
    assert (token.type, token.info, token.content) == ("fence", "mermaid", f"{source}\n")
