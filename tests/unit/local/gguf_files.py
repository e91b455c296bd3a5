"""GGUF files made by hand: a header, and no weights."""

from __future__ import annotations

import struct
from pathlib import Path

Value = int | float | bool | str | list[str] | list[int]


def written(path: Path, values: dict[str, Value], tensors: dict[str, tuple[int, ...]] | None = None) -> Path:
    tensors = tensors or {}
    data = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(values))
    for name, value in values.items():
        data += _string(name) + _value(value)
    for name, dimensions in tensors.items():
        data += _string(name) + struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
        data += struct.pack("<IQ", 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _string(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", 7, value)
        case int():
            return struct.pack("<II", 4, value)
        case float():
            return struct.pack("<If", 6, value)
        case str():
            return struct.pack("<I", 8) + _string(value)
        case [str(), *_]:
            return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_string, value))  # type: ignore[arg-type]
        case _:
            return struct.pack(f"<IIQ{len(value)}I", 9, 4, len(value), *value)


LLAMA: dict[str, Value] = {
    "general.architecture": "llama",
    "general.name": "Little Llama",
    "llama.context_length": 8192,
    "llama.block_count": 30,
    "llama.embedding_length": 576,
    "llama.attention.head_count": 9,
    "llama.attention.head_count_kv": 3,
    "tokenizer.ggml.tokens": ["a", "b", "c"],
    "tokenizer.ggml.token_type": list(range(1000)),
    "tokenizer.chat_template": "{{ messages }}",
}
