"""What an output of ours says of itself, for who reads the saved notebook: who answered, how it ended. No I/O.

And what a notebook says of itself: its own id, which a page of JupyterLab or Notebook 7 writes into its metadata.

That it is one of ours stands in its metadata, the same from its first paint on: VS Code puts a cell's outputs together
anew, from a list that is behind, where an update brings other metadata, and then loses some. What is known only in the end
stands in an attribute of the frame around the reply. Nothing of a reply can make one: what a service sent is cleaned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

KEY = "g4f_magic"
FORMAT_VERSION = 2
"""In the first one all of it was metadata; so it is in a notebook that was exported."""
MARK: Mapping[str, object] = {KEY: {"format": FORMAT_VERSION}}
"""The metadata of each output of a chat cell."""
OWN = "notebook"
"""Under our key in a notebook's metadata: its own id."""
_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_LONGEST = 1_000_000
_FRAME = re.compile(r"<div data-g4f-magic='([^']*)'>")


def opened(about: Mapping[str, object]) -> str:
    """Return the tag that opens a frame; what is nothing is left out of it."""
    told = {name: value for name, value in about.items() if value}
    if not told:
        return "<div>"
    text = escape(json.dumps(told, separators=(",", ":")), quote=False).replace("'", "&#39;")
    return f"<div data-g4f-magic='{text}'>"


def label_of(output: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what an output of a saved notebook says of itself; None where it is none of ours."""
    metadata, data = output.get("metadata"), output.get("data")
    found = metadata.get(KEY) if isinstance(metadata, dict) else None
    if not isinstance(found, dict) or not isinstance(data, dict):
        return None
    html = data.get("text/html")
    lines = html if isinstance(html, list) else [html]
    frame = _FRAME.search("".join(line for line in lines if isinstance(line, str))[:_LONGEST])
    if frame is None:
        return found
    try:
        told = json.loads(unescape(frame[1]))
    except (ValueError, RecursionError):
        return found
    return {**found, **told} if isinstance(told, dict) else found


def own_id(metadata: object) -> str:
    """Return the id that a notebook's metadata holds; empty where there is none, or what stands there is none of ours."""
    ours = metadata.get(KEY) if isinstance(metadata, dict) else None
    found = ours.get(OWN) if isinstance(ours, dict) else None
    return found if isinstance(found, str) and _ID.fullmatch(found) else ""


def unlabelled(html: str) -> str:
    """Return HTML without what its frames say, to compare what is shown."""
    return _FRAME.sub("<div>", html)
