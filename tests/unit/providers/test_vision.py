"""What servers say of whether their models take pictures."""

from __future__ import annotations

from typing import Any

import pytest

from g4f_magic.providers import vision
from g4f_magic.providers.listing import offered_in

SEEING: dict[str, dict[str, Any]] = {
    "openrouter": {"architecture": {"input_modalities": ["text", "image"], "modality": "text+image->text"}},
    "an older openrouter": {"architecture": {"modality": "text+image->text"}},
    "github": {"supported_input_modalities": ["text", "image", "audio"]},
    "mistral": {"capabilities": {"completion_chat": True, "vision": True}},
    "fireworks": {"supports_image_input": True},
    "moonshot": {"supports_image_in": True},
    "pollinations": {"vision": True},
    "copilot": {"capabilities": {"type": "chat", "supports": {"vision": True}}},
    "anthropic": {"capabilities": {"image_input": {"supported": True}}},
    "xinference": {"model_ability": ["chat", "vision"]},
    "lm studio": {"type": "vlm"},
    "hugging face": {"pipeline_tag": "image-text-to-text"},
    "ollama's tags": {"details": {"families": ["llama", "clip"]}},
    "llama.cpp's props": {"modalities": {"vision": True, "audio": False}},
}
BLIND: dict[str, dict[str, Any]] = {
    "openrouter": {"architecture": {"input_modalities": ["text"], "modality": "text->text"}},
    "an older openrouter": {"architecture": {"modality": "text->text"}},
    "github": {"supported_input_modalities": ["text"]},
    "mistral": {"capabilities": {"completion_chat": True, "vision": False}},
    "fireworks": {"supports_image_input": False},
    "anthropic": {"capabilities": {"image_input": {"supported": False}}},
    "llama.cpp's props": {"modalities": {"vision": False, "audio": False}},
    "llama.cpp": {"architecture": {"input_modalities": ["text"], "output_modalities": ["text"]}},
}
SILENT: list[dict[str, Any]] = [
    {},
    {"object": "model", "owned_by": "vllm"},
    {"capabilities": ["chat"]},
    {"capabilities": {"type": "chat", "supports": {"tool_calls": True}}},
    {"type": "chat"},
    {"type": "llm"},
    {"architecture": {"input_modalities": []}},
    {"architecture": {"modality": "text"}},
    {"supported_input_modalities": ["image"]},
    {"vision": "yes", "architecture": "llama", "capabilities": None, "details": {"families": None}},
    {"output_modalities": ["image"]},
]


@pytest.mark.parametrize("server", SEEING)
def test_a_model_that_sees_is_told(server: str) -> None:
    assert vision.told(SEEING[server]) is True


@pytest.mark.parametrize("server", BLIND)
def test_a_model_that_does_not_see_is_told(server: str) -> None:
    assert vision.told(BLIND[server]) is False


@pytest.mark.parametrize("entry", SILENT)
def test_what_is_not_said_is_not_known(entry: dict[str, Any]) -> None:
    assert vision.told(entry) is None


@pytest.mark.parametrize(
    ("capabilities", "sees"),
    [
        (["completion", "vision"], True),
        (["completion", "multimodal"], True),
        (["completion", "tools"], False),
        (["embedding"], None),
        ([], None),
        (None, None),
    ],
)
def test_a_whole_list_of_capabilities_says_no_by_what_it_lacks(
    capabilities: object, sees: bool | None
) -> None:
    assert vision.of_whole_list(capabilities) is sees


def test_llama_cpps_second_list_says_it_too() -> None:
    data = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    models = [
        {"model": "a", "capabilities": ["completion"]},
        {"model": "b", "capabilities": ["completion", "multimodal"]},
    ]
    assert [one.sees for one in offered_in({"data": data, "models": models})] == [False, True, None]
