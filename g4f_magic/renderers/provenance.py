"""The line under a reply that says what it is, and the same for programs. No I/O.

Where it came from and the way it took always come first, in words of ours; names, which others choose, come after
them, bounded and, where they are more than a plain name, quoted: none can pass for another part of the line.
"""

from __future__ import annotations

import re
from typing import Any

from g4f_magic import names
from g4f_magic.costing import spent_words
from g4f_magic.endings import Ending, ending_of, words_of
from g4f_magic.in_short import in_short
from g4f_magic.settings import AUTO
from g4f_magic.turn import STATUS_WORDS, Turn
from g4f_magic.visible import make_visible, numbered

LONGEST_NAME = 80
"""Characters of a name that are shown."""

REASONED = "— until here it was reasoning"
"""Said where what was printed cannot be taken back."""

GUIDES = ("offline guide", "no model is connected")
"""What the line says in place of a way and names where the offline guide answered."""

_GATEWAY = "via local gateway"
_UNFIT = "does not fit the schema"
_OURS = frozenset({"live", "replayed", "imported", *STATUS_WORDS.values(), _UNFIT, "via"})
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)", re.MULTILINE)
_PLAIN = re.compile(r"[\w./:@+,()\[\]~#-]+")
_IMITATIONS = str.maketrans(dict.fromkeys('·•∙⋅⸱・･‧᛫‐—–―“”„‟"', "-"))
"""What looks like the signs that part our line, or like the quotes around a name."""


def provenance(
    turn: Turn, *, tells_of_code: bool = False, first_seconds: float | None = None, names_who: bool = True
) -> str:
    """Return the line: `— live · groq · openai/gpt-oss-120b · after 3 turns · 245 tokens · 1.2 s`; the guide's names no model.

    With `tells_of_code` it says of a reply with code how that comes into the next cell, with `first_seconds` after how
    long its first word came. Without `names_who` it stands where service and model are named already.
    """
    if turn.is_of_guide:
        parts = [*(word for word in _endings(turn) if word != "live"), *GUIDES]
    else:
        parts = [*_endings(turn), *_answering(turn, names_who=names_who)]
    parts += _carried(turn)
    parts += spent_words(turn)
    if turn.seconds is not None and turn.source == "live":  # a replay's own time tells nothing
        if first_seconds is not None:
            parts.append(f"first word {in_seconds(min(first_seconds, turn.seconds))}")
        parts.append(in_seconds(turn.seconds))
    parts += in_short(turn.ask)
    if turn.repaired:
        parts.append("asked twice: the first answer did not fit")
    if tells_of_code and turn.status == "done" and not turn.is_of_guide:
        marks = len(_FENCE.findall(turn.reply))  # a block has two
        parts.append("code: %chat code N" if marks > 2 else "code: %chat code" if marks else "")
    if turn.unshown:
        parts.append(f"not shown: {_way(', '.join(turn.unshown))}")
    if turn.skipped_lines:
        parts.append(f"{numbered(turn.skipped_lines, 'line')} passed over")
    return "— " + " · ".join(part for part in parts if part)


def in_seconds(seconds: float) -> str:
    """Return a time in words: `1.2 s`."""
    return f"{seconds:.1f} s" if seconds >= 0.1 else "under 0.1 s"


def _answering(turn: Turn, *, names_who: bool) -> list[str]:
    """Return in words the way to who answered, and its name; of a server that only speaks a protocol, the model's alone."""
    via = f"via {_way(turn.via)}" if turn.via else ""
    models = " → ".join(map(shown_name, turn.shown_models))
    is_gateway = via.startswith(_GATEWAY) and not via.startswith(f"{_GATEWAY} (script)")
    is_protocol = turn.provider == "openai" and via and models and not is_gateway
    if not names_who and not (is_gateway and not turn.model):
        return [via]
    if turn.source == "imported" == turn.provider or is_protocol:
        return [via, models]
    if is_gateway and not turn.model:
        return [via, f"{shown_name(turn.provider)}'s protocol", models]
    provider = "" if turn.provider == AUTO else shown_name(turn.provider)  # nobody was found yet
    return [via, provider, models]


def shown_name(name: str, longest: int = LONGEST_NAME) -> str:
    """Return a name from outside as it stands in a line of ours: on one line, bounded, quoted where it is not plain."""
    text = " ".join(make_visible(name[: longest + 1]).split())
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    if not text or (_PLAIN.fullmatch(text) and text.lower() not in _OURS):
        return text
    return f"“{text.translate(_IMITATIONS)}”"


def _way(via: str) -> str:
    text = " ".join(make_visible(via[:301]).split()).translate(_IMITATIONS)
    return text if len(text) <= 300 else f"{text[:299]}…"


def _endings(turn: Turn) -> list[str]:
    """Return in words whether it is live, and how it ended where that was not its proper end."""
    words: list[str] = [turn.source] if turn.status in ("done", "open") or turn.source != "live" else []
    if _was_never_asked(turn):
        words.append("stopped before it was asked")
    elif turn.status in STATUS_WORDS:
        words.append(_UNFIT if turn.is_unfit else STATUS_WORDS[turn.status])
    if turn.status == "done" and turn.finish and (ending := words_of(turn.finish)):
        is_known = ending_of(turn.finish) is not Ending.UNKNOWN
        words.append(ending if is_known else f"ended with {shown_name(turn.finish)}")
    return words


def _was_never_asked(turn: Turn) -> bool:
    is_unsent = not turn.context_messages and turn.seconds is None
    return turn.status == "stopped" and is_unsent and turn.source != "imported"


def _carried(turn: Turn) -> list[str]:
    """Return in words how much of the conversation was sent along, and how much was not."""
    words = [f"after {numbered(turn.carried_turns, 'turn')}"] if turn.carried_turns else []
    if turn.guide_turns:
        words.append(f"without {numbered(turn.guide_turns, 'turn')} of the guide")
    if turn.omitted_turns:
        words.append(f"without {numbered(turn.omitted_turns, 'earlier turn')}")
    return words


def origin(turn: Turn) -> dict[str, Any]:
    """Return what a part says of itself before the turn has ended."""
    told = {"provider": turn.provider, "model": turn.model, "via": turn.via}
    return {key: names.shown(name) for key, name in told.items()}


def about(turn: Turn) -> dict[str, Any]:
    """Return what an output says of its turn: nothing secret, nothing that was said."""
    usage = turn.usage
    return {
        **origin(turn),
        "source": turn.source,
        "status": turn.status,
        "finish": turn.finish,
        "seconds": None if turn.seconds is None else round(turn.seconds, 3),
        "characters": len(turn.reply),
        "usage": None if usage is None else usage.to_json(),
        "context_messages": turn.context_messages,
        "context_turns": turn.carried_turns,
        "guide_turns": turn.guide_turns,
        "omitted_turns": turn.omitted_turns,
        "skipped_lines": turn.skipped_lines,
        "answering_model": names.shown(turn.answering_model),
        "citations": [list(one) for one in turn.citations],
        "unshown": list(turn.unshown),
        "attached": [names.shown(one.name) for one in turn.ask.attachments],
    }
