"""The formats in which a reply can be shown: one line each. No I/O.

`--format`, Tab, the help, what cells, terminals and plain outputs do, and docs/commands.md follow this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format."""

    name: str
    help: str
    """How a reply is shown, for people."""
    safety: str
    """What keeps a reply from acting, for people."""
    view: str
    """Which class shows it in a cell, as `module:class`: a `renderers.renderer.View`, imported by `renderers.views`."""
    in_terminal: Literal["markdown", "text", "result"] = "text"
    """A terminal shows it as it comes, as Markdown or as text; or what the view makes of it, once it has ended."""
    language: str = ""
    """In whose colours a terminal shows that result; empty: in those that its code names."""
    is_judged: bool = False
    """A reply can be none of it. One that did not come to its end is not judged, and shown as text."""
    has_images: bool = False
    """It can show the images that a reply names, where the person has them loaded."""


FORMATS = (
    Format(
        name="markdown",
        help="as Markdown: code in colours, formulas typeset",
        safety="HTML is shown as its text; what is made is cleaned by a list; images are links",
        view="g4f_magic.renderers.document:MarkdownView",
        in_terminal="markdown",
        has_images=True,
    ),
    Format(
        name="text",
        help="as it came, nothing interpreted",
        safety="it is text",
        view="g4f_magic.renderers.formats:TextView",
    ),
    Format(
        name="code",
        help="its code alone, which is offered as the next cell",
        safety="it runs when the person runs that cell; code with hidden signs is not offered",
        view="g4f_magic.renderers.formats:CodeView",
        in_terminal="result",
    ),
    Format(
        name="json",
        help="as a tree to unfold; what is not JSON fails the cell",
        safety="it is read as JSON, and shown as text",
        view="g4f_magic.renderers.tree:JsonView",
        in_terminal="result",
        language="json",
        is_judged=True,
    ),
    Format(
        name="html",
        help="as a page in a frame, its source folded under it",
        safety="elements and attributes of a list, in a frame where no script runs and nothing is loaded",
        view="g4f_magic.renderers.formats:FrameView",
    ),
)
"""In the order of the help; the first is the usual one."""

BY_NAME = {one.name: one for one in FORMATS}
