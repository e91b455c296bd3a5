"""All that was sent with a prompt, for the person. No I/O."""

from __future__ import annotations

from g4f_magic.ask import Ask
from g4f_magic.renderers.escaping import escaped

MOST_SHOWN = 100_000
"""Characters of what was sent that stand in a notebook's output."""
_PRE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;max-height:24em;overflow:auto;text-align:left;"
    "font-size:inherit;margin:.3em 0"
)


def is_told(ask: Ask) -> bool:
    """Say whether more was sent than the person wrote, or something else."""
    return bool(ask.attachments or ask.tools) or ask.sent is not None


def whole(ask: Ask) -> str:
    """Return all that was sent of a question as text: the system prompt, the prompt, and what went along."""
    system = f"[system prompt]\n{ask.system}\n\n[prompt]\n" if ask.system else ""
    pictures = "".join(f"\n\n[picture: {one.name}]" for one in ask.attachments if one.is_picture)
    functions = f"\n\n[functions: {', '.join(ask.tools)}]" if ask.tools else ""
    return f"{system}{ask.whole_text}{pictures}{functions}"


def fold(ask: Ask) -> str:
    """Return the same as HTML, folded; empty where nothing but the prompt was sent."""
    if not is_told(ask):
        return ""
    text = whole(ask)
    if len(text) > MOST_SHOWN:
        text = f"{text[:MOST_SHOWN]}\n… ({len(text) - MOST_SHOWN:,} more characters: %chat show has them)"
    return f'<details><summary>What was sent</summary><pre style="{_PRE}">{escaped(text)}</pre></details>'
