"""The model that answers, by the name that a service gives it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from g4f_magic.chunks import Named
from g4f_magic.secret import cut
from g4f_magic.visible import make_visible

MODEL_HEADER = "X-G4F-Model"
"""In it the package's own gateway tells who answers, as most protocols have no place for that; percent-encoded."""
_LONGEST_NAME = 120
_MOST_READ = 8_192
_FILES = (".gguf", ".safetensors", ".bin", ".onnx", ".mlx")


def shown_name(model: Any) -> str:
    """Return a model's name as it can be shown, on one line; empty where it is none."""
    if not isinstance(model, str):
        return ""
    name = " ".join(make_visible(model[:_MOST_READ]).split())
    is_path = name.startswith(("/", "./", "~")) or "\\" in name or name.lower().endswith(_FILES)
    if is_path:  # a server's own path is nothing to show
        name = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return cut(name, _LONGEST_NAME)


def named_in(headers: Mapping[str, str], body: Mapping[str, Any]) -> Iterator[Named]:
    """Yield the name in a reply's headers, where it is another than the one that the request asked for."""
    asked = body.get("model")
    asked = asked.get("id") if isinstance(asked, Mapping) else asked
    given = unquote(headers.get(MODEL_HEADER, ""))
    if (name := shown_name(given)) and asked not in (name, given):
        yield Named(name)
