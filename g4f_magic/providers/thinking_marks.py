"""The marks that models put around what they think aloud, as they are in use in November 2026. No I/O."""

from __future__ import annotations

import re
from typing import NamedTuple

_TAGS = (
    *("think", "thinking", "thought", "reasoning"),
    *("seed:think", "mm:think", "antml:thinking", "antthinking"),
)
"""Tags: DeepSeek, Qwen, GLM, MiniMax, Phi and most others; Gemini and EXAONE (`thought`); Seed-OSS; MiniMax-M3; Claude."""

_PAIRS = {
    "[think]": "[/think]",  # Magistral
    "◁think▷": "◁/think▷",  # Kimi
    "<|begin_of_thought|>": "<|end_of_thought|>",  # OpenThoughts, Sky-T1
    "<|start_thinking|>": "<|end_thinking|>",  # Command A and R7B
    "<|inner_prefix|>": "<|inner_suffix|>",  # Apertus
    "<|channel>thought\n": "<channel|>",  # Gemma 4
}
_BETWEEN = (
    *("<|start|>assistant", "<|message|>"),
    *("<|begin_of_solution|>", "<|start_response|>", "<|begin_of_box|>"),
)
"""What stands between the thoughts and the reply, and is neither."""

_HEAD = re.compile(
    r"<\|channel\|>\s{0,4}(?P<channel>analysis|commentary|final)\b[^<]{0,160}(?:<\|constrain\|>[^<]{0,60})?<\|message\|>"
)
_HEAD_BEGUN = re.compile(
    r"<\|channel\|>\s{0,4}(?P<channel>[a-z]*)(?P<rest>[^<a-z][^<]{0,160})?(?:<\|constrain\|>[^<]{0,60})?(?P<end><[^>]{0,12})?"
)
"""The head of a message of gpt-oss: its channel, whom it is for and in which form; the final one is the reply."""
_CHANNELS = ("analysis", "commentary", "final")
_HEAD_ENDS = ("<|end|>", "<|call|>", "<|return|>")
_NEXT_HEAD = ("<|start|>", "<|channel|>")
SPOKEN, SPOKEN_END = "analysis", "assistantfinal"
"""What is left of such heads where a server leaves tokens out."""

_TAG = re.compile(rf"<({'|'.join(_TAGS)})(?:\s[^<>]{{0,200}})?(/?)>", re.IGNORECASE)
_TAG_BEGUN = re.compile(r"<(?P<name>[a-z:]*)(?P<rest>\s[^<>]{0,200})?/?")
_ENDS = (*(f"</{tag}>" for tag in _TAGS), "[/think]", "◁/think▷", "<|end_thinking|>", "<|end_of_thought|>")
LONE_END = re.compile("|".join(map(re.escape, _ENDS)), re.IGNORECASE)
FIRST = "<[◁"
"""What a mark begins with."""
_LONGEST_END = max(map(len, _ENDS))
_LONGEST_HEAD = 260
LONGEST_TAG = 230
"""Characters of a tag with its attributes."""


class Mark(NamedTuple):
    """A mark at the beginning of a text."""

    kind: str
    """What it begins with."""
    length: int
    ends: tuple[str, ...] = ()
    """What ends the thoughts that it opens, in lower case; none: it opens none, and is no part of the reply."""
    before: tuple[str, ...] = ()
    """What follows the thoughts and ends them, too, but belongs to what comes then."""
    opening: str = ""
    """A pattern of what opens them once more inside; empty: nothing does."""


def mark_at(text: str) -> Mark | None:
    """Return the mark that `text` begins with."""
    if found := _TAG.match(text):
        name = found[1].lower()
        if found[2]:  # <think/>
            return Mark("<", found.end())
        opening = rf"<{re.escape(name)}(?:\s[^<>]{{0,200}})?/?>"
        return Mark("<", found.end(), (f"</{name}>",), opening=opening)
    lower = text[:_LONGEST_HEAD].lower()
    if found := _HEAD.match(lower):
        is_reply = found["channel"] == "final"
        return Mark("<|", found.end(), *(() if is_reply else (_HEAD_ENDS, _NEXT_HEAD)))
    for mark, end in _PAIRS.items():
        if lower.startswith(mark):
            return Mark(mark, len(mark), (end,))
    return next((Mark(mark, len(mark)) for mark in (*_ENDS, *_BETWEEN) if lower.startswith(mark)), None)


def may_open(text: str) -> bool:
    """Say whether `text` may be the beginning of a mark."""
    lower = text[: _LONGEST_HEAD + 1].lower()
    marks = (*_PAIRS, *_ENDS, *_BETWEEN, "<|channel|>")
    return is_tag_begun(lower) or _is_head_begun(lower) or any(mark.startswith(lower) for mark in marks)


def _is_head_begun(text: str) -> bool:
    """Say whether `text`, in lower case, may be the beginning of a head."""
    found = _HEAD_BEGUN.fullmatch(text) if len(text) <= _LONGEST_HEAD else None
    if found is None:
        return False
    end, name = found["end"] or "", found["channel"]
    is_named = name in _CHANNELS or (
        not found["rest"] and not end and any(one.startswith(name) for one in _CHANNELS)
    )
    return is_named and any(mark.startswith(end) for mark in ("<|constrain|>", "<|message|>"))


def is_tag_begun(text: str) -> bool:
    """Say whether `text`, in lower case, may be the beginning of an opening tag."""
    found = _TAG_BEGUN.fullmatch(text)
    if found is None:
        return False
    name = found["name"]
    is_closed = found["rest"] is not None or text.endswith("/")
    return name in _TAGS if is_closed else any(tag.startswith(name) for tag in _TAGS)


def begun_end(text: str) -> int:
    """Return where an end mark may begin at the end of `text`; its length where none does."""
    for start in range(max(0, len(text) - _LONGEST_END), len(text)):
        if text[start] in FIRST and any(end.startswith(text[start:].lower()) for end in _ENDS):
            return start
    return len(text)
