"""The line under a reply that says what it is, and the same as metadata. No I/O."""

from __future__ import annotations

from typing import Any

from g4f_magic.messages import Turn
from g4f_magic.visible import make_visible

FORMAT_VERSION = 1
"""Of the metadata that a chat cell's output carries under the key `g4f_magic`."""

_ENDINGS = {"open": "under way", "stopped": "stopped", "broken": "broken off", "failed": "failed"}


def provenance(turn: Turn) -> str:
    """Return the line, for example `— koala · gpt-4o-mini · via local gateway (guide) · live · 1.2 s`."""
    parts = [turn.provider, turn.model, f"via {turn.via}" if turn.via else "", *_endings(turn)]
    if turn.seconds is not None and turn.source == "live":  # a replay's own time tells nothing
        parts.append(f"{turn.seconds:.1f} s" if turn.seconds >= 0.1 else "under 0.1 s")
    if turn.omitted_turns:
        parts.append(f"without {turn.omitted_turns} earlier turn{'s' * (turn.omitted_turns != 1)}")
    if turn.skipped_lines:
        parts.append(f"{turn.skipped_lines} line{'s' * (turn.skipped_lines != 1)} passed over")
    return make_visible("— " + " · ".join(part for part in parts if part)).replace("\n", " ")


def _endings(turn: Turn) -> list[str]:
    """Return in words whether it is live, and how it ended where that was not its proper end."""
    words: list[str] = [turn.source] if turn.status in ("done", "open") or turn.source == "replayed" else []
    if turn.status in _ENDINGS:
        words.append(_ENDINGS[turn.status])
    if turn.status == "done" and turn.finish == "length":
        words.append("cut at the length limit")
    return words


def origin(turn: Turn) -> dict[str, Any]:
    """Return what the metadata of a part says before the turn has ended."""
    return {"format": FORMAT_VERSION, "provider": turn.provider, "model": turn.model, "via": turn.via}


def metadata(turn: Turn) -> dict[str, Any]:
    """Return what the output's metadata says of a turn: nothing secret, nothing that was said."""
    usage = turn.usage
    return {
        **origin(turn),
        "source": turn.source,
        "status": turn.status,
        "finish": turn.finish,
        "seconds": None if turn.seconds is None else round(turn.seconds, 3),
        "characters": len(turn.reply),
        "usage": None
        if usage is None
        else {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens},
        "context_messages": turn.context_messages,
        "omitted_turns": turn.omitted_turns,
        "skipped_lines": turn.skipped_lines,
    }
