"""Which model answers where none is named: by what a server says of its models, else by their names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.providers.chooser import MOST_TRIED, candidates, looks_like_chat, ranked
from g4f_magic.providers.listing import Offered, offered_in
from tests.named import named

CHATTING = [
    "llama3.2:latest",
    "qwen2.5:7b-instruct",
    "gemma-3-4b-it",
    "mistral-small-latest",
    "deepseek-r1:8b",
    "phi-4",
    "gpt-4o-mini",
    "gpt-4.1",
    "o3-mini",
    "chatgpt-4o-latest",
    "claude-haiku-4-5",
    "gemini-2.5-flash",
    "llava:13b",
    "moonshotai/Kimi-K2-Instruct",
    "openai/gpt-oss-120b",
    "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    "nomic-ai/gpt4all-falcon",
    "Qwen/Qwen2.5-VL-72B-Instruct",
    "command-r-plus",
    "grok-4",
    "e5-chat",
    "bge-chat",
    "flux-chat-7b",
    "smollm2",
    "tinyllama",
    "granite3.3:8b",
    "hermes-3",
    "internlm2-chat-20b",
    "amazon.nova-lite-v1:0",
    "swan-7b",
    "qwen-mt-plus",
    "chatglm3-6b",
    "compound-beta",
    "mixtral-8x7b-32768",
    "llama-3.1-8b-instant",
    "sonar-pro",
    "deepseek-chat",
    "codestral-latest",
    "magistral-medium",
    "yi-34b-chat",
    "aya-expanse",
    "stablelm-zephyr",
    "clippy-7b",
    "fluxion-7b",
    "guardiola-9b",
    "adalm-7b",
]
OTHERS = [
    "nomic-embed-text:latest",
    "text-embedding-3-large",
    "text-embedding-ada-002",
    "mxbai-embed-large",
    "all-minilm",
    "bge-m3",
    "bge-large-en-v1.5",
    "intfloat/multilingual-e5-large-instruct",
    "gte-Qwen2-7B-instruct",
    "embeddinggemma",
    "snowflake-arctic-embed2",
    "jina-embeddings-v3",
    "granite-embedding:30m",
    "paraphrase-multilingual",
    "BAAI/bge-reranker-v2-m3",
    "rerank-english-v3.0",
    "whisper-1",
    "whisper-large-v3-turbo",
    "distil-whisper-large-v3-en",
    "tts-1-hd",
    "gpt-4o-mini-tts",
    "playai-tts",
    "dall-e-3",
    "dall-e-2",
    "stable-diffusion-xl",
    "FLUX.1-schnell",
    "black-forest-labs/FLUX.1-dev",
    "gpt-image-1",
    "chatgpt-image-latest",
    "imagen-4.0-generate-001",
    "veo-3.0",
    "omni-moderation-latest",
    "text-moderation-stable",
    "llama-guard3",
    "meta-llama/llama-prompt-guard-2-86m",
    "clip-vit-large",
    "sora-2",
    "gpt-4o-realtime-preview",
    "gpt-realtime",
    "gpt-audio",
    "gpt-4o-audio-preview",
    "gpt-4o-transcribe",
    "davinci-002",
    "babbage-002",
    "gpt-3.5-turbo-instruct",
    "gemini-embedding-001",
    "gemini-2.5-flash-image",
    "gemini-2.5-flash-preview-tts",
    "gemini-2.0-flash-live-001",
    "aqa",
    "o3-deep-research",
    "shieldgemma:2b",
    "canopylabs/orpheus-v1-english",
    "text-embedding-nomic-embed-text-v1.5",
    "kokoro",
    "sentence-t5-embedding",
    "mistral-embed",
    "mistral-moderation-latest",
    "mistral-ocr-latest",
    "wan2.5-t2v-preview",
    "wanx2.1-t2i-turbo",
    "cosyvoice-v2",
    "paraformer-v2",
    "cogview-4",
    "cogvideox-3",
    "MiniMax-Hailuo-02",
    "music-1.5",
    "FunAudioLLM/SenseVoiceSmall",
    "Kwai-Kolors/Kolors",
    "amazon.nova-canvas-v1:0",
    "google/chirp-2",
    "nvidia/nemoretriever-parse",
]


def test_a_name_of_a_chat_model_is_one() -> None:
    for name in CHATTING:
        with named(name):
            assert looks_like_chat(name)


def test_a_name_of_a_model_for_another_task_is_none() -> None:
    for name in OTHERS:
        with named(name):
            assert not looks_like_chat(name)


def listed(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": list(entries)}


TOLD: dict[str, Any] = {
    "mistral": listed(
        {"id": "no", "capabilities": {"completion_chat": False, "completion_fim": True}},
        {"id": "yes", "capabilities": {"completion_chat": True, "vision": False}},
    ),
    "together": [
        {"id": "no", "type": "image"},
        {"id": "nor", "type": "moderation"},
        {"id": "yes", "type": "chat"},
    ],
    "openrouter": listed(
        {"id": "no", "architecture": {"modality": "text->image", "output_modalities": ["image"]}},
        {"id": "yes", "architecture": {"modality": "text+image->text", "output_modalities": ["text"]}},
    ),
    "an older openrouter": listed(
        {"id": "no", "architecture": {"modality": "text->image"}},
        {"id": "yes", "architecture": {"modality": "text->text"}},
    ),
    "lm studio": listed({"id": "no", "type": "embeddings", "state": "loaded"}, {"id": "yes", "type": "vlm"}),
    "llama.cpp": {
        "models": [
            {"model": "no", "capabilities": ["embedding"]},
            {"model": "yes", "capabilities": ["completion"]},
        ],
        "data": [{"id": "no", "meta": {"n_params": 1}}, {"id": "yes", "meta": {"n_params": 1}}],
    },
    "azure": listed(
        {"id": "no", "capabilities": {"chat_completion": False, "embeddings": True}},
        {"id": "yes", "capabilities": {"chat_completion": True, "embeddings": False}},
    ),
    "github": [{"id": "no", "task": "embeddings"}, {"id": "yes", "task": "chat-completion"}],
    "copilot": listed(
        {"id": "no", "capabilities": {"type": "embeddings"}}, {"id": "yes", "capabilities": {"type": "chat"}}
    ),
    "fireworks": listed({"id": "no", "supports_chat": False}, {"id": "yes", "supports_chat": True}),
    "cohere": {
        "data": [
            {"id": "no", "endpoints": ["embed", "classify"]},
            {"id": "yes", "endpoints": ["generate", "chat"]},
        ]
    },
    "new-api": listed(
        {"id": "no", "supported_endpoint_types": ["embeddings"]},
        {"id": "yes", "supported_endpoint_types": ["openai"]},
    ),
    "xinference": listed({"id": "no", "model_type": "rerank"}, {"id": "yes", "model_type": "LLM"}),
    "groq": listed({"id": "no", "active": False}, {"id": "yes", "active": True}),
    "gemini": {"data": [{"id": "models/no-embedding"}, {"id": "models/yes"}]},
    "names and nothing else": ["no-embed", "yes"],
    "Ollama's own list": {
        "models": [
            {"name": "no", "model": "no", "details": {"family": "nomic-bert"}},
            {"name": "yes", "model": "yes", "details": {"family": "llama"}},
        ]
    },
    "Gemini's own list": {
        "models": [
            {"name": "models/no", "supportedGenerationMethods": ["embedContent"]},
            {"name": "models/yes", "supportedGenerationMethods": ["generateContent"]},
        ]
    },
    "litellm's models with what is known of them": {
        "data": [
            {"model_name": "no", "model_info": {"id": "a", "mode": "embedding"}},
            {"model_name": "yes", "model_info": {"id": "b", "mode": "chat"}},
        ]
    },
    "workers ai": {
        "success": True,
        "result": [
            {"id": "0f1c0e4a-83b6-4fd6-9c3c-d2a7a2fd1f4e", "name": "no", "task": {"name": "Text Embeddings"}},
            {
                "id": "429b9e8b-d99e-44de-91ad-706cf8183658",
                "name": "yes",
                "task": {"name": "Text Generation"},
            },
        ],
    },
    "an older github": [
        {"id": "azureml://registries/x/versions/1", "name": "no", "task": "embeddings"},
        {"id": "azureml://registries/y/versions/1", "name": "yes", "task": "chat-completion"},
    ],
    "gigachat": listed({"id": "no", "type": "embedder"}, {"id": "yes", "type": "chat"}),
    "deepinfra": listed(
        {"id": "no", "metadata": {"tags": ["embed"]}}, {"id": "yes", "metadata": {"tags": ["chat"]}}
    ),
    "volcengine": listed({"id": "no", "status": "Shutdown"}, {"id": "yes", "status": "Running"}),
    "a list within": {"data": {"models": [{"id": "no-embed"}, {"id": "yes"}]}},
    "entries without a name": {
        "data": [None, {"id": None}, {"id": ""}, 7, {"id": "no-embed"}, {"id": "yes"}]
    },
    "names alone": listed(
        {"id": "no-embed", "object": "model"}, {"id": "yes", "object": "model", "type": "model"}
    ),
    "what the server says, though the name says otherwise": listed(
        {"id": "no", "type": "embedding"}, {"id": "dall-e-whisper", "type": "chat"}
    ),
}


@pytest.mark.parametrize("server", TOLD)
def test_what_a_server_says_of_its_models_counts(server: str) -> None:
    offered = offered_in(TOLD[server])
    found = candidates(offered, "")
    assert found in (["yes"], ["dall-e-whisper"])
    assert ranked(offered)[1] == [one.name for one in offered if one.name not in found]


def test_loaded_ones_come_first_and_base_models_last() -> None:
    offered = [
        Offered("llama-base"),
        Offered("qwen"),
        Offered("smollm"),
        Offered("phi", is_loaded=True),
        Offered("qwen-instruct"),
    ]
    assert ranked(offered)[0] == ["phi", "smollm", "qwen-instruct", "llama-base", "qwen"]


def test_the_servers_order_stands_among_equals() -> None:
    assert ranked([Offered("b"), Offered("a"), Offered("c")])[0] == ["b", "a", "c"]


def test_the_services_default_is_asked_first_where_it_is_offered() -> None:
    offered = [Offered("a"), Offered("gpt-4o-mini")]
    assert candidates(offered, "", default="gpt-4o-mini") == ["gpt-4o-mini", "a"]
    assert candidates(offered, "", default="other") == ["a", "gpt-4o-mini"]


def test_a_name_alone_does_not_lock_out_the_only_model() -> None:
    assert candidates([Offered("my-e5-tune")], "") == ["my-e5-tune"]
    assert candidates([Offered("my-e5-tune", chats=False)], "") == []


@pytest.mark.parametrize(
    "listed", [{"data": 5}, {"data": [{}]}, {}, "x", [[]], {"data": {"message": "no"}}, {"data": [None, 7]}]
)
def test_what_is_no_list_is_none(listed: Any) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        offered_in(listed)


ENTRY = st.dictionaries(
    st.sampled_from(
        [
            "type",
            "task",
            "capabilities",
            "architecture",
            "details",
            "status",
            "state",
            "endpoints",
            "active",
            "modality",
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=8) | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    ),
)


@given(st.lists(ENTRY, max_size=6))
def test_whatever_stands_in_an_entry_every_model_is_kept(entries: list[dict[str, Any]]) -> None:
    offered = offered_in(listed(*({**entry, "id": f"m{n}"} for n, entry in enumerate(entries))))
    chatting, others = ranked(offered)
    assert sorted([*chatting, *others]) == sorted(one.name for one in offered)
    assert len(candidates(offered, "")) <= MOST_TRIED


@pytest.mark.parametrize("name", ["a" * 100_000, "-" * 100_000, "e5-" * 50_000])
def test_a_long_name_costs_no_more_than_its_length(name: str) -> None:
    assert looks_like_chat(name) in (True, False)
