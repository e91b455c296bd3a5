"""What a panel and its pages share besides messages: the page itself, and the traits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from g4f_magic.renderers.code_blocks import theme_rules

_PAGE = Path(__file__).parent / "page"
_SCRIPTS = (
    *(
        "dom",
        "icons",
        "sheet",
        "code",
        "typeset",
        "diagrams",
        "insert",
        "waiting",
        "approving",
        "message",
        "editing",
        "transcript",
        "find",
    ),
    *("attach", "composer", "chooser", "talks", "settings", "menu", "resizing", "notices", "link", "panel"),
)
_STYLES = ("panel", "head", "transcript", "code", "composer")


class PanelTraits(anywidget.AnyWidget):
    """The widget without its doings. Those that begin with `_` are for the page alone."""

    _esm = "\n".join((_PAGE / f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    _css = "\n".join((_PAGE / f"{name}.css").read_text("utf-8") for name in _STYLES) + theme_rules(
        # On its ground the theme's own would be too faint to read.
        "[data-jp-theme-light] .g4f-panel pre",
        "color-mix(in srgb, {} 60%, var(--ink))",
    )

    provider = traitlets.Unicode(help="Who answers.").tag(sync=True)
    model = traitlets.Unicode(help="The provider's model; empty: its default.").tag(sync=True)
    conversation = traitlets.Unicode(help="The conversation that is shown.").tag(sync=True)
    parameters = traitlets.Dict(help="What stands in the fields behind the fold.").tag(sync=True)
    send_with = traitlets.Enum(
        ["enter", "ctrl+enter"], "enter", help="Which key sends; with Shift, Enter is a new line."
    ).tag(sync=True)
    height = traitlets.Unicode(
        "clamp(20em, 100vh - 20em, 60em)", help="The most height of the transcript, as CSS."
    ).tag(sync=True)
    is_busy = traitlets.Bool(False, help="A reply to this panel is under way.").tag(sync=True)
    value = traitlets.Unicode("", help="The last reply to this panel.")

    _providers: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _models = traitlets.Dict().tag(sync=True)
    _conversations: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _steps = traitlets.Dict({"undo": False, "redo": False}).tag(sync=True)
    _fields: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _comm_id = traitlets.Unicode().tag(sync=True)
    _cell = traitlets.Unicode().tag(sync=True)
    _is_beside = traitlets.Bool(False).tag(sync=True)
