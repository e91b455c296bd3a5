"""The steps of an answer while they come: text and thought as few objects, calls of functions and their results in order. No I/O."""

from __future__ import annotations

from g4f_magic.turn import Step, ToolCall, ToolResult, steps_of

_FEW = 1024


class TextBuffer:
    """Pieces of text, kept as few objects however many they are; `str` gives the whole."""

    def __init__(self) -> None:
        self.characters = 0
        self._blocks: list[str] = []
        self._pieces: list[str] = []

    def add(self, piece: str) -> None:
        """Take the next piece."""
        self.characters += len(piece)
        self._pieces.append(piece)
        if len(self._pieces) == _FEW:
            self._blocks.append("".join(self._pieces))
            self._pieces.clear()

    def __str__(self) -> str:
        return "".join((*self._blocks, *self._pieces))

    def __bool__(self) -> bool:
        return self.characters > 0


class AnswerSteps:
    """What has come of one answer."""

    def __init__(self) -> None:
        self.text = TextBuffer()
        """What was said since the last call, as `thought` is what was thought since then."""
        self.thought = TextBuffer()
        self._before: list[Step] = []
        self._characters = 0

    @property
    def characters(self) -> int:
        """Return how much was said and thought in all."""
        return self._characters + self.text.characters + self.thought.characters

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return all that has come, in its order."""
        now = steps_of(str(self.text), str(self.thought))
        return (*self._before, *now) if self._before else now

    def __bool__(self) -> bool:
        return bool(self._before or self.text or self.thought)

    def take(self, step: ToolCall | ToolResult) -> None:
        """Take a call, or its result: what is said after it is another step."""
        self._characters = self.characters
        self._before += (*steps_of(str(self.text), str(self.thought)), step)
        self.text, self.thought = TextBuffer(), TextBuffer()

    def rethink(self) -> None:
        """Take what was said since the last call for thought."""
        self.thought.add(str(self.text))
        self.text = TextBuffer()

    def drop_text(self) -> None:
        """Take back what was said since the last call."""
        self.text = TextBuffer()
