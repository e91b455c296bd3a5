"""The marks with which models end what they say, and whether one at the very end of a reply is no part of it. No I/O.

A server whose chat template or list of stop words does not fit its model passes the mark on as text. It stands right
behind the last word, behind a sentence, or on a line of its own, once or over and over. Where the reply may mean it,
in code, in a list, behind a blank within a sentence, or as one of several marks of which it speaks, it is text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from g4f_magic.providers.lone_end import SENTENCE_ENDS, is_in_code

_MARKS = (
    *("</s>", "<eos>", "<eot>", "<end_of_turn>", "<end_of_utterance>"),
    *("<turn|>", "<|turn>", "[e~["),
)
"""Llama 2 and Mistral; Gemma; Idefics; Gemma 4; MiniMax-M2. All others have the form of `<|im_end|>`."""
_FORM = r"<\|[a-z][\w.:-]{0,40}\|>|<｜[^\s<>|｜]{1,40}｜>"
"""ChatML, Llama 3, Phi, GLM, Command and most others; DeepSeek's with full-width bars."""
_MARK = rf"(?:{_FORM}|{'|'.join(map(re.escape, _MARKS))})"
_BEGINNINGS = sorted({mark[:size] for mark in _MARKS for size in range(1, len(mark))}, key=len, reverse=True)
_BEGUN = (
    rf"(?:<\|(?:[a-z][\w.:-]{{0,40}}\|?)?|<｜[^\s<>|｜]{{0,40}}｜?|{'|'.join(map(re.escape, _BEGINNINGS))})"
)
_RUN = re.compile(rf"(?P<marks>(?:{_MARK}\s*)*)(?:{_BEGUN})?", re.IGNORECASE)
_MORE = re.compile(rf"\s*{_RUN.pattern}", re.IGNORECASE)
_WHOLE_RUN = re.compile(rf"(?:{_MARK}\s*)+", re.IGNORECASE)
_SPOKEN_OF = re.compile(rf"{_MARK}|<s[\s>]|<(?:start|end)_of_turn>", re.IGNORECASE)
_FIRST = re.compile(r"[<\[]")
_MOST_HELD = 1_024
_OPENERS = frozenset("=:([{,\\/")
"""What stands right before something that is quoted, given or listed."""
_QUOTES = frozenset("\"'“‘«")
_IN_LIST = re.compile(r"\s*(?:\d+[.)]|[-*+•>|#]+)\s*")


def may_hold(text: str) -> bool:
    """Say whether there may be a mark in `text`, or a part of one."""
    return "<" in text or "[" in text


def begun(text: str, known: int = 0) -> tuple[int, int]:
    """Return where, at the end of `text`, nothing stands but marks, blanks between them and the beginning of one.

    And up to where whole marks stand, from there on: it is `known` of what is held when more has come.
    """
    if len(text) <= _MOST_HELD and (found := (_MORE if known else _RUN).fullmatch(text, known)):
        return 0, found.end("marks")
    for first in _FIRST.finditer(text, max(known, len(text) - _MOST_HELD)):
        if found := _RUN.fullmatch(text, first.start()):
            return first.start(), found.end("marks") - first.start()
    return len(text), 0


def ends_reply(said: Sequence[str], held: str, *, has_thought: bool) -> bool:
    """Say whether `held`, behind all that was `said`, is nothing but marks that leaked, and no part of the reply."""
    if not _WHOLE_RUN.fullmatch(held):
        return False
    text = "".join(said)
    if not text.strip():
        return has_thought  # alone it may be the answer to a question about it
    return _stands_at_an_end(text) and not _SPOKEN_OF.search(text) and not is_in_code(text)


def _stands_at_an_end(text: str) -> bool:
    line = text.rpartition("\n")[2]
    shown = text.rstrip()
    if line and _IN_LIST.fullmatch(line):
        return False
    if shown != text:
        return shown[-1] in SENTENCE_ENDS or (not line.strip() and shown[-1] not in _OPENERS)
    is_quoted = text[-1] in _QUOTES and not text[-2:-1].strip()
    return text[-1] not in _OPENERS and not is_quoted
