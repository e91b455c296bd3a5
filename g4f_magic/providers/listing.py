"""What a server says of the models that it lists: whether they chat, take pictures, and are loaded. No I/O.

Source: the answers to `/models` of Mistral, Together, OpenRouter, LM Studio, llama.cpp, vLLM, Ollama, Azure, GitHub, Groq,
Fireworks, Cohere, Copilot, Xinference and LiteLLM, each with a field of its own for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from g4f_magic.providers import vision

_CHATTING = frozenset(
    [
        "chat",
        "completion",
        "completions",
        "chatcompletion",
        "chatcompletions",
        "completionchat",
        "llm",
        "vlm",
        "textgeneration",
        "generate",
        "generatecontent",
        "conversational",
        "imagetexttotext",
        "v1chatcompletions",
        "openai",
        "text2text",
        "chatbot",
        "multimodal",
    ]
)
_NOT_CHATTING = frozenset(
    [
        "embedding",
        "embeddings",
        "embed",
        "embedder",
        "textembedding",
        "textembeddings",
        "featureextraction",
        "rerank",
        "reranker",
        "reranking",
        "image",
        "images",
        "texttoimage",
        "imagegeneration",
        "audio",
        "speech",
        "tts",
        "texttospeech",
        "stt",
        "transcription",
        "audiotranscription",
        "audiospeech",
        "automaticspeechrecognition",
        "moderation",
        "moderations",
        "video",
        "texttovideo",
        "classification",
        "classify",
        "score",
        "reward",
        "embedcontent",
        "sentencesimilarity",
    ]
)
_HOLDERS = ("data", "models", "result", "results", "items")
_NAMES = ("id", "model_name", "name", "model", "key")
_NO_NAME = re.compile(r"://|^[0-9a-f]{8}-[0-9a-f-]{27}$", re.IGNORECASE)
_GONE = frozenset({"shutdown", "retired", "offline", "disabled", "deleted", "archived"})
_TYPES = ("type", "task", "modeltype", "mode", "pipelinetag", "subtype")
_LISTS = (
    "capabilities",
    "tags",
    "endpoints",
    "supportedendpoints",
    "supportedendpointtypes",
    "supportedgenerationmethods",
    "modelability",
)
_OUTPUTS = ("outputmodalities", "supportedoutputmodalities")
_ENCODERS = ("bert", "roberta", "clip", "t5encoder")
"""Families of models that read and do not write."""


@dataclass(frozen=True, slots=True)
class Offered:
    """One model that a server lists."""

    name: str
    chats: bool | None = None
    """Whether the server says that it chats; None: it says nothing of that."""
    is_loaded: bool = False
    sees: bool | None = None
    """Whether the server says that it takes pictures; None: it says nothing of that."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a server tells of a model's taking pictures."""

    sees: bool | None = None
    """None: it does not say."""
    others: tuple[str, ...] = ()
    """Models of the same server that do, as far as it says."""


def offered_in(answer: Any) -> list[Offered]:
    """Return the models in a decoded list, in its order; entries without a name are passed over.

    Raises:
        KeyError, TypeError: it is none.
    """
    entries = _entries(answer)
    named = [({} if isinstance(entry, str) else entry, _name_in(entry)) for entry in entries]
    found = {(one := offered(entry, name)).name: one for entry, name in named if name}
    if entries and not found:
        raise KeyError("id")
    # llama.cpp describes the same models once more, in a list of Ollama's form.
    for entry in _described(answer):
        told = offered(entry, str(entry.get("model") or entry.get("name")))
        if told.name in found:
            one = found[told.name]
            sees = vision.of_whole_list(entry.get("capabilities")) if one.sees is None else one.sees
            found[told.name] = replace(told if one.chats is None else one, sees=sees)
    return list(found.values())


def _entries(answer: Any) -> list[Any]:
    """Return the list itself: all of the answer, or what stands in one of its fields."""
    if isinstance(answer, list):
        return answer
    held = next((answer[name] for name in _HOLDERS if isinstance(answer.get(name), list | dict)), None)
    if held is None:
        raise KeyError("data")
    return _entries(held)


def _name_in(entry: Any) -> str:
    """Return the name by which a model is asked; empty where there is none."""
    if not isinstance(entry, dict):
        return entry if isinstance(entry, str) else ""
    names = [str(entry[field]) for field in _NAMES if type(entry.get(field)) in (str, int) and entry[field]]
    # An address within a registry, or a number in a database, stands beside the name.
    plain = [name for name in names if " " not in name and not _NO_NAME.search(name)]
    return next(iter(plain or names), "")


def offered(entry: dict[str, Any], name: str) -> Offered:
    """Return one model by what stands in its entry."""
    values: dict[str, Any] = {}
    for inner in (entry.get("metadata"), entry.get("model_info"), entry):
        if isinstance(inner, dict):
            values |= {_plain(key): value for key, value in list(inner.items())[:64]}
    return Offered(name.removeprefix("models/"), _chats(values), _is_loaded(values), vision.told(entry))


def _described(answer: Any) -> Iterator[dict[str, Any]]:
    models = answer.get("models") if isinstance(answer, dict) else None
    yield from (one for one in models if isinstance(one, dict)) if isinstance(models, list) else ()


def _chats(values: dict[str, Any]) -> bool | None:
    """Return what the first field says that says anything."""
    if values.get("active") is False or values.get("archived") is True:
        return False
    if isinstance(status := values.get("status"), str) and status.lower() in _GONE:
        return False
    for says in (_by_capabilities, _by_outputs, _by_type, _by_family):
        if (found := says(values)) is not None:
            return found
    return None


def _by_capabilities(values: dict[str, Any]) -> bool | None:
    if isinstance(flag := values.get("supportschat"), bool):
        return flag
    for name in _LISTS:
        given = values.get(name)
        if isinstance(given, list) and (found := _of_words(given)) is not None:
            return found
        if isinstance(given, dict):
            flags = [_plain(key) for key, one in given.items() if one is True]
            named = [_plain(key) for key, one in given.items() if isinstance(one, bool)]
            if not _CHATTING.isdisjoint(named):
                return not _CHATTING.isdisjoint(flags)
            if isinstance(kind := given.get("type"), str):
                return _of_words([kind])
    return None


def _by_outputs(values: dict[str, Any]) -> bool | None:
    inner = values.get("architecture")
    architecture = {_plain(key): one for key, one in inner.items()} if isinstance(inner, dict) else {}
    for name in _OUTPUTS:
        for place in (values, architecture):
            if isinstance(given := place.get(name), list) and given:
                return "text" in given
    for place in (values, architecture):
        if isinstance(modality := place.get("modality"), str) and "->" in modality:
            return "text" in modality.partition("->")[2]
    return None


def _by_type(values: dict[str, Any]) -> bool | None:
    given = [values.get(name) for name in _TYPES]
    return _of_words([one.get("name") if isinstance(one, dict) else one for one in given])


def _by_family(values: dict[str, Any]) -> bool | None:
    details = values.get("details")
    if not isinstance(details, dict):
        return None
    families = details.get("families")
    named = [details.get("family"), *(families if isinstance(families, list) else ())]
    known = [_plain(name) for name in named if isinstance(name, str) and name]
    is_encoder = bool(known) and all(any(sign in name for sign in _ENCODERS) for name in known)
    return False if is_encoder else None


def _of_words(words: list[Any]) -> bool | None:
    known = {_plain(word) for word in words if isinstance(word, str)}
    if not known.isdisjoint(_CHATTING):
        return True
    return None if known.isdisjoint(_NOT_CHATTING) else False


def _is_loaded(values: dict[str, Any]) -> bool:
    status = values.get("status")
    state = status.get("value") if isinstance(status, dict) else values.get("state", status)
    return state == "loaded" or values.get("loaded") is True


def _plain(name: Any) -> str:
    return "".join(sign for sign in str(name)[:80].lower() if sign.isalnum())
