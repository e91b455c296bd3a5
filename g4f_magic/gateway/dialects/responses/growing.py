"""An item of a reply that comes in pieces: what is told of it, and what it is as a whole. No I/O."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from g4f_magic.messages import Citation

Event: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """Where the words of an item stand, and what its events are called."""

    item: str
    prefix: str
    part: str
    """The type of the part with the words."""
    field: str
    """The list of the item that holds the part."""
    index: str
    """The name of the part's place, which is always the first."""
    part_event: str
    text_event: str

    def part_of(self, text: str, annotations: Sequence[Any] = ()) -> dict[str, Any]:
        """Return the part with its words."""
        lists: dict[str, Any] = (
            {"annotations": [*annotations], "logprobs": []} if self.item == "message" else {}
        )
        return {"type": self.part, "text": text, **lists}

    def item_of(self, identity: str, status: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the item with its part, or before it has one."""
        lists: dict[str, Any] = {"role": "assistant"} if self.item == "message" else {"summary": []}
        return {"id": identity, "type": self.item, "status": status, **lists, self.field: parts}


TEXT = Form(
    *("message", "msg", "output_text", "content", "content_index"),
    *("response.content_part", "response.output_text"),
)
RAW = Form(
    *("reasoning", "rs", "reasoning_text", "content", "content_index"),
    *("response.content_part", "response.reasoning_text"),
)
"""Thoughts as the model has them."""
SUMMARY = Form(
    *("reasoning", "rs", "summary_text", "summary", "summary_index"),
    *("response.reasoning_summary_part", "response.reasoning_summary_text"),
)


def new_id(prefix: str) -> str:
    """Return an id of a response or an item."""
    return f"{prefix}_{secrets.token_hex(24)}"


class Growing:
    """One item; `output_index` is its place in the reply."""

    def __init__(self, form: Form, output_index: int) -> None:
        self.form = form
        self._id = new_id(form.prefix)
        self._output_index = output_index
        self._pieces: list[str] = []
        self._annotations: list[dict[str, Any]] = []
        self._part = {"item_id": self._id, "output_index": output_index, form.index: 0}
        self._logprobs: dict[str, Any] = {"logprobs": []} if form is TEXT else {}

    def begun(self) -> Iterator[Event]:
        """Yield that it is there."""
        yield self._of_item("added", self.form.item_of(self._id, "in_progress", []))
        yield self._of_part("added", self.form.part_of(""))

    def grown(self, text: str) -> Event:
        """Return the event of a piece."""
        self._pieces.append(text)
        return {"type": f"{self.form.text_event}.delta", **self._part, "delta": text, **self._logprobs}

    def cited(self, citations: Sequence[Citation]) -> Iterator[Event]:
        """Yield what the text is drawn from; where in it is not known, so that each stands at its end."""
        end = sum(map(len, self._pieces))
        for one in citations:
            annotation = {
                "type": "url_citation",
                "url": one.url,
                "title": one.title,
                "start_index": end,
                "end_index": end,
            }
            place = {"annotation_index": len(self._annotations), "annotation": annotation}
            self._annotations.append(annotation)
            yield {"type": "response.output_text.annotation.added", **self._part, **place}

    def ended(self, status: str) -> Iterator[Event]:
        """Yield how it is as a whole."""
        part = self._whole_part()
        yield {"type": f"{self.form.text_event}.done", **self._part, "text": part["text"], **self._logprobs}
        yield self._of_part("done", part)
        yield self._of_item("done", self.whole(status))

    def whole(self, status: str) -> dict[str, Any]:
        """Return it as it is now."""
        return self.form.item_of(self._id, status, [self._whole_part()])

    def _whole_part(self) -> dict[str, Any]:
        return self.form.part_of("".join(self._pieces), self._annotations)

    def _of_item(self, what: str, item: dict[str, Any]) -> Event:
        return {"type": f"response.output_item.{what}", "output_index": self._output_index, "item": item}

    def _of_part(self, what: str, part: dict[str, Any]) -> Event:
        return {"type": f"{self.form.part_event}.{what}", **self._part, "part": part}
