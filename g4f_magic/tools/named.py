"""The functions that a question's options name, found and bounded as the settings say. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

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


def with_tools(
    options: Options, tools: Sequence[Any], approve: Sequence[str], names: Mapping[str, Any]
) -> Options:
    """Return the options with functions of one question; those that are named and stand in `names` are these."""
    more = Options(tools=cast("tuple[Any, ...]", tools), approve=cast("tuple[str, ...]", approve))
    wanted = (*options.tools, *more.tools)
    found = tuple(names.get(one, one) if isinstance(one, str) else one for one in wanted)
    return replace(options, tools=found, approve=(*options.approve, *more.approve))
