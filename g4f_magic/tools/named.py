"""The functions that a question's options name, found and bounded as the settings say. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from g4f_magic.ask import Ask
from g4f_magic.errors import InputError
from g4f_magic.options import Options
from g4f_magic.settings import Settings
from g4f_magic.tools.approval import Approver, by_input
from g4f_magic.tools.toolbox import Bounds, toolbox_of


def tooled(
    ask: Ask,
    options: Options,
    settings: Settings,
    names: Mapping[str, Any],
    *,
    place: object,
    approve: Approver | None = None,
) -> Ask:
    """Return the question with the functions that the options name, in `names`; it is asked in the conversation `place`.

    Raises:
        InputError: one is not there, or cannot be described.
    """
    bounds = Bounds(
        settings.tool_rounds, settings.tool_repeats, settings.tool_seconds, settings.tool_characters
    )
    toolbox = toolbox_of(
        options.tools,
        names,
        approved=options.approve,
        bounds=bounds,
        share=settings.share,
        approve=approve or by_input,
        place=place,
    )
    if ask.schema is not None:
        raise InputError(
            "--tools and --schema do not go together",
            hint="Ask twice: first with --tools, then for the form.",
        )
    return replace(ask, tools=tuple(toolbox), toolbox=toolbox)
