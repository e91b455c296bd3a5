"""How what goes along with a prompt stands in a message where that is more than text, and in a cassette. No I/O."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from g4f_magic.ask import Attachment

PICTURE = "sha256:"
"""How the address of a picture begins in a message that has not left yet: its digest follows."""


def parts_of(text: str, pictures: Sequence[Attachment]) -> list[dict[str, Any]]:
    """Return the content of the message that a question is with which pictures go along: its whole text, and these of them.

    Each stands as the address of its digest, which whoever sends it fills in.
    """
    parts = [{"type": "image_url", "image_url": {"url": PICTURE + one.digest}} for one in pictures]
    return [{"type": "text", "text": text}, *parts]


def listed(attachments: Iterable[Attachment], *, by_file: bool = False) -> list[list[str]]:
    """Return what goes along as a cassette holds it: name, kind, text, and of a picture the digest of its pixels.

    `by_file`: as it held them before, by the digest of the picture's file, which other versions pack otherwise.
    """
    return [
        [one.name, "image/*", one.text, one.pixels]
        if one.pixels and not by_file
        else [one.name, one.media_type, one.text, *([one.digest] if one.digest else [])]
        for one in attachments
        if one.origin != "inline"
    ]


def said_of(prompt: str, attached: Sequence[Any]) -> str:
    """Return what stands for a question among the exchanges of a conversation: its prompt, and what went along."""
    return f"{prompt}\0{json.dumps(attached)}" if attached else prompt


def digests_in(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the digests of the pictures that stand in messages by their address."""
    return [
        part["image_url"]["url"].removeprefix(PICTURE)
        for message in messages
        if isinstance(message["content"], list)
        for part in message["content"]
        if part.get("type") == "image_url"
    ]


def filled_in(
    messages: Sequence[Mapping[str, Any]], pictures: Mapping[str, tuple[str, bytes]]
) -> list[dict[str, Any]]:
    """Return messages whose pictures stand in them as data; `pictures` has kind and bytes by digest.

    One that is no longer there is left out: the text beside it says that it was.
    """
    from base64 import b64encode

    def part(one: dict[str, Any]) -> dict[str, Any] | None:
        digest = one["image_url"]["url"].removeprefix(PICTURE) if one.get("type") == "image_url" else ""
        if not digest:
            return one
        if digest not in pictures:
            return None
        media_type, content = pictures[digest]
        return {
            "type": "image_url",
            "image_url": {"url": f"data:{media_type};base64,{b64encode(content).decode()}"},
        }

    def content(value: Any) -> Any:
        return value if not isinstance(value, list) else [made for one in value if (made := part(one))]

    return [{**message, "content": content(message["content"])} for message in messages]
