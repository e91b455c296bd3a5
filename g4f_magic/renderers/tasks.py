"""Task lists in Markdown, `- [ ] open` and `- [x] done`: a rule of the parser. Pure, no I/O.

A box is a sign and no `input`, which the plug-in of mdit-py-plugins makes: no form reaches a page.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore

_BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


def task_plugin(md: MarkdownIt) -> None:
    """Add the rule to `md`."""
    md.core.ruler.before("inline", "tasks", _tasks)


def _tasks(state: StateCore) -> None:
    """Show a box where the first paragraph of an item begins with one; nobody can tick it."""
    for item, paragraph, inline in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        box = _BOXES.get(inline.content[:4])
        if box and item.type == "list_item_open" and paragraph.type == "paragraph_open":
            inline.content = box + inline.content[4:]
            item.attrSet("style", "list-style-type:none")
