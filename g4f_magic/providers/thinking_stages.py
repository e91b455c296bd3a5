"""The stages of a reply in which thoughts may stand: each yields what it knows, and says which comes after it. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, NamedTuple, Protocol

from g4f_magic.chunks import Chunk, Reasoning, Rethought, Text
from g4f_magic.providers import stop_marks
from g4f_magic.providers.lone_end import begins_line, ends_thoughts
from g4f_magic.providers.thinking_marks import (
    FIRST,
    LONE_END,
    LONGEST_TAG,
    SPOKEN,
    SPOKEN_END,
    Mark,
    begun_end,
    is_tag_begun,
    mark_at,
    may_open,
)

_MOST_BLANK = 4_096
_MOST_WATCHED = 400_000
"""Characters of text after which a lone end mark is no longer looked for."""


class Stage(Protocol):
    """One part of a reply."""

    following: Next | None
    """What comes after it, once it is over."""

    def passes(self, text: str) -> bool:
        """Take a text in which nothing may be of a mark, and say whether it is one; else `feed` has to be asked."""
        return False

    def feed(self, text: str) -> Iterator[Chunk]:
        """Yield what is known of `text` and of what was held before it."""

    def close(self) -> Iterator[Chunk]:
        """Yield what was held."""


class Next(NamedTuple):
    """The next stage, None where nothing is looked for any more, and the text that it begins with."""

    stage: Stage | None
    text: str


class Opening(Stage):
    """The beginning: blank, or what may become an opening mark."""

    def __init__(self, *, has_thought: bool = False) -> None:
        self.following: Next | None = None
        self._held = ""
        self._has_thought = has_thought

    def feed(self, text: str) -> Iterator[Chunk]:
        self._held += text
        begun = self._held.lstrip()
        if begun:
            self.following = _opened(begun)
        may_open_more = may_open(begun) or (not self._has_thought and SPOKEN.startswith(begun))
        if self.following is None and not may_open_more and (begun or len(self._held) >= _MOST_BLANK):
            if begun.startswith(SPOKEN) and not self._has_thought:
                self.following = Next(_Spoken(), self._shown(begun))
                return iter(())
            self.following = Next(self._reply(), self._shown(begun))
        return iter(())

    def close(self) -> Iterator[Chunk]:
        if shown := self._shown(self._held.lstrip()):
            yield Text(shown)

    def _reply(self) -> Stage:
        return _Reply() if self._has_thought else _Watching()

    def _shown(self, begun: str) -> str:
        """Return the text with what is blank before it; after thoughts without the empty lines."""
        blank = self._held[: len(self._held) - len(begun)]
        if self._has_thought:
            blank = blank.rpartition("\n")[2] if "\n" in blank and begun else ""
        return blank + begun


class _Inside(Stage):
    """Thoughts, up to their end."""

    def __init__(self, mark: Mark) -> None:
        self.following: Next | None = None
        self._ends = (*mark.ends, *mark.before)
        self._has_opening = bool(mark.opening)
        patterns = [f"(?P<end>{'|'.join(map(re.escape, mark.ends))})"]
        if mark.before:
            patterns.append(f"(?P<next>{'|'.join(map(re.escape, mark.before))})")
        if mark.opening:
            patterns += [f"(?P<opening>{mark.opening})", f"(?P<other>{LONE_END.pattern})"]
        self._marks = re.compile("|".join(patterns), re.IGNORECASE)
        self._longest = LONGEST_TAG if mark.opening else max(map(len, self._ends))
        self._depth = 1
        self._held = ""
        self._is_begun = False
        self._after_end: list[str] | None = None
        """What came since an inner end, or one of another name, in case that the right one never comes."""

    def feed(self, text: str) -> Iterator[Chunk]:
        self._held += text
        while found := self._marks.search(self._held):
            kind, whole = found.lastgroup, self._held
            if kind == "other":
                yield from self._thought(whole[: found.end()])
                self._held, self._after_end = whole[found.end() :], []
                continue
            yield from self._thought(whole[: found.start()])
            self._held = whole[found.end() :]
            if kind == "opening":
                # Twice at the very beginning: by the template, and by the model.
                self._depth += self._is_begun and not found[0].endswith("/>")
                continue
            self._depth -= 1
            if not self._depth:
                rest = whole[found.start() :] if kind == "next" else self._held
                self.following = Next(Opening(has_thought=True), rest)
                return
            self._after_end = []
        held = self._begun_mark()
        known, self._held = self._held[:held], self._held[held:]
        yield from self._thought(known)

    def close(self) -> Iterator[Chunk]:
        yield from self._thought(self._held)
        if self._after_end is not None and (text := "".join(self._after_end).strip()):
            yield Text(text)  # it opened more than it ended: the words after the last end are the reply

    def _thought(self, text: str) -> Iterator[Chunk]:
        text = text if self._is_begun else text.lstrip()
        if text:
            self._is_begun = True
            if self._after_end is not None:
                self._after_end.append(text)
            yield Reasoning(text)

    def _begun_mark(self) -> int:
        """Return where a mark may begin at the end of what is held; its length where none does."""
        text = self._held.lower()
        for start in range(max(0, len(text) - self._longest), len(text)):
            if text[start] in FIRST:
                part = text[start:]
                if any(end.startswith(part) for end in self._ends):
                    return start
                if self._has_opening and (is_tag_begun(part) or begun_end(part) == 0):
                    return start
        return len(text)


class _Spoken(Stage):
    """Text that begins as the thoughts of gpt-oss do where its tokens were left out: a word in it may say that it was."""

    def __init__(self) -> None:
        self.following: Next | None = None
        self._held = ""

    def feed(self, text: str) -> Iterator[Chunk]:
        text = self._held + text
        before, mark, after = text.partition(SPOKEN_END)
        if mark:
            yield from self._text(before)
            yield Rethought()
            self.following = Next(Opening(has_thought=True), after)
            return
        sizes = range(min(len(SPOKEN_END), len(text)), 0, -1)
        held = next((size for size in sizes if SPOKEN_END.startswith(text[len(text) - size :])), 0)
        self._held = text[len(text) - held :]
        yield from self._text(text[: len(text) - held])

    def close(self) -> Iterator[Chunk]:
        yield from self._text(self._held)

    def _text(self, text: str) -> Iterator[Chunk]:
        if text:
            yield Text(text)


class _Reply(Stage):
    """The reply after thoughts: a mark at its very end, which ends what the model says, is no part of it."""

    has_thought: ClassVar[bool] = True

    def __init__(self) -> None:
        self.following: Next | None = None
        self._before: list[str] = []
        self._size = 0
        self._held = ""
        self._known = 0

    def passes(self, text: str) -> bool:
        if self._held or self._size > _MOST_WATCHED or stop_marks.may_hold(text):
            return False
        self._before.append(text)
        self._size += len(text)
        return True

    def feed(self, text: str) -> Iterator[Chunk]:
        yield from self._hold(self._held + text)

    def close(self) -> Iterator[Chunk]:
        if self._held and not stop_marks.ends_reply(self._before, self._held, has_thought=self.has_thought):
            yield Text(self._held)

    def _hold(self, text: str, start: int | None = None) -> Iterator[Chunk]:
        """Yield what is known of `text`; what stands behind `start` waits anyway."""
        begun, self._known = stop_marks.begun(text, self._known)
        if start is not None and start < begun:
            begun, self._known = start, 0
        self._held = text[begun:]
        yield from self._pass(text[:begun])

    def _pass(self, text: str) -> Iterator[Chunk]:
        if text:
            self._before.append(text)
            self._size += len(text)
            yield Text(text)
        if self._size > _MOST_WATCHED:
            self.following = Next(None, self._held)


class _Watching(_Reply):
    """Text, in which an end mark alone would say that it was thinking until there."""

    has_thought = False

    def passes(self, text: str) -> bool:
        return "◁" not in text and super().passes(text)

    def feed(self, text: str) -> Iterator[Chunk]:
        text, self._held = self._held + text, ""
        at, end = self._known, len(text)
        while found := LONE_END.search(text, at):
            if found.end() == end and not begins_line(self._before, text[: found.start()]):
                break  # what follows decides
            if ends_thoughts(self._before, text, found):
                yield from self._pass(text[: found.start()])
                yield Rethought()
                self.following = Next(Opening(has_thought=True), text[found.end() :])
                return
            at = found.end()
        yield from self._hold(text, found.start() if found else at + begun_end(text[at:]))

    def close(self) -> Iterator[Chunk]:
        found = LONE_END.fullmatch(self._held)
        if found and ends_thoughts(self._before, self._held, found):
            yield Rethought()
            return
        yield from super().close()


def _opened(text: str) -> Next | None:
    """Return what a mark at the beginning of `text` opens, and what stands behind it."""
    mark = mark_at(text)
    if mark is None:
        return None
    stage = _Inside(mark) if mark.ends else Opening(has_thought=True)
    return Next(stage, text[mark.length :])
