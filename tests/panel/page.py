"""A page in Python: holds what a page holds, by the messages of the protocol alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Shown:
    """One entry as it is shown."""

    entry: dict[str, Any]
    blocks: list[str]
    tail: str
    code: int = 0

    @property
    def html(self) -> str:
        return "".join(self.blocks) + self.tail


@dataclass(slots=True)
class Page:
    """Applies messages, and notes where one did not fit."""

    name: str
    entries: dict[str, Shown] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    acks: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    chips: dict[str, str] = field(default_factory=dict)
    kept: dict[int, str] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    examples: list[dict[str, str]] = field(default_factory=list)
    approval: dict[str, Any] = field(default_factory=dict)
    older: list[str] = field(default_factory=list)
    left: int = 0
    misfits: int = 0
    is_greeted: bool = False
    characters: int = 0
    """Of all that was heard."""

    def hear(self, message: dict[str, Any]) -> None:
        self.characters += len(str(message))
        if message["kind"] not in ("piece", "settled", "change") or self.is_greeted:
            getattr(self, f"_{message['kind']}")(message)

    def _kept(self, message: dict[str, Any]) -> None:
        self.kept[message["number"]] = message["plain"]

    def _older(self, message: dict[str, Any]) -> None:
        self.older = message["turns"]

    def _waiting(self, message: dict[str, Any]) -> None:
        self.waiting = message["prompts"]

    def _examples(self, message: dict[str, Any]) -> None:
        self.examples = message["examples"]

    def _approve(self, message: dict[str, Any]) -> None:
        self.approval = message

    def _ack(self, message: dict[str, Any]) -> None:
        self.acks.append(message["key"])

    def _notice(self, message: dict[str, Any]) -> None:
        self.notices.append(message)

    def _attached(self, message: dict[str, Any]) -> None:
        self.chips[message["key"]] = f"{message['name']} · {message['about']}"

    def entry(self, index: int = -1) -> dict[str, Any]:
        """Return one entry, by its place."""
        return self.entries[self.order[index]].entry

    def _source(self, message: dict[str, Any]) -> None:
        self.sources.append(message["text"])

    def _all(self, message: dict[str, Any]) -> None:
        if message["page"] in ("", self.name):
            self.entries = {entry["id"]: _shown(entry) for entry in message["entries"]}
            self.order = list(self.entries)
            self.is_greeted = True
            self.left = message["left"]

    def _earlier(self, message: dict[str, Any]) -> None:
        if message["page"] == self.name:
            self.entries |= {entry["id"]: _shown(entry) for entry in message["entries"]}
            self.order = [*(entry["id"] for entry in message["entries"]), *self.order]
            self.left = message["left"]

    def _change(self, message: dict[str, Any]) -> None:
        for identity in message["removed"]:
            self.entries.pop(identity, None)
            self.order = [one for one in self.order if one != identity]
        for put in message["put"]:
            entry, after = put["entry"], put["after"]
            if after is not None and after not in self.order and entry["id"] not in self.order and self.order:
                continue
            self.entries[entry["id"]] = _shown(entry)
            if entry["id"] not in self.order:
                at = self.order.index(after) + 1 if after in self.order else 0
                self.order.insert(at, entry["id"])

    def _piece(self, message: dict[str, Any]) -> None:
        shown = self.entries.get(message["turn"])
        if shown is None or message["at"] != len(shown.blocks):
            self.misfits += 1
            return
        shown.blocks += message["blocks"]
        if message["blocks"]:
            shown.code = 0
        if "tail" in message:
            shown.tail, shown.code = message["tail"], 0
        elif "code" in message:
            if shown.code and shown.code != message["code_at"]:
                self.misfits += 1
                return
            shown.code = message["code_at"] + len(message["code"])

    def _settled(self, message: dict[str, Any]) -> None:
        shown = self.entries.get(message["entry"]["id"])
        if shown is None or message["at"] > len(shown.blocks):
            self.misfits += 1
            return
        shown.blocks[message["at"] :] = message["entry"]["blocks"]
        shown.entry, shown.tail = message["entry"], ""

    def texts(self) -> list[tuple[str, str, str]]:
        """Return prompt, status and HTML of all entries in their order."""
        entries = [self.entries[identity] for identity in self.order]
        return [(one.entry["prompt"], one.entry["status"], one.html) for one in entries]


def _shown(entry: dict[str, Any]) -> Shown:
    return Shown(entry, list(entry["blocks"]), entry["tail"])
