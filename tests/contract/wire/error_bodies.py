"""What services send where they do not answer: facts from their documents and from public reports, retold.

Each line of `error_bodies.jsonl` is a case: its name, the status, the name of the cause that it is, words that must be
shown, a part of the hint, and the body (a text, or what is sent as JSON).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from g4f_magic.causes import Cause

FILE = Path(__file__).with_name("error_bodies.jsonl")


class Case(NamedTuple):
    status: int
    body: Any
    cause: Cause | None
    words: str
    hint: str = ""

    @property
    def sent(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


def openai(
    message: str, code: str | None = None, kind: str = "invalid_request_error", param: str | None = None
) -> Any:
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


CASES: dict[str, Case] = {
    case["name"]: Case(
        case["status"],
        case["body"],
        Cause[case["cause"]] if case["cause"] else None,
        case["words"],
        case["hint"],
    )
    for case in map(json.loads, FILE.read_text(encoding="utf-8").split("\n")[:-1])
}
