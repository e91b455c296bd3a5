"""Which of the models on this machine is run: the one that is named, or the first that can chat and fits here."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from g4f_magic.causes import Cause, Diagnosis
from g4f_magic.errors import InputError
from g4f_magic.local import finding, gguf
from g4f_magic.local.gguf import Model
from g4f_magic.local.memory import available_bytes, context_tokens
from g4f_magic.local.refusals import not_installed, too_large


def chosen(wanted: str, models_folder: str = "", folder: Path | None = None) -> Model:
    """Return the model that a name or a path (from `folder` on) means; of an empty one, the first that can be asked here.

    Raises:
        InputError: there is none such, several, or it is none to chat with.
    """
    models = finding.found(models_folder)
    if not wanted:
        return _first(models)
    found = finding.resolve(wanted, models, folder)
    return checked(gguf.read(found.path, found.name))


def is_installed() -> bool:
    """Say whether llama.cpp is there; it is not imported."""
    return find_spec("xllamacpp") is not None


def ready(wanted: str, models_folder: str = "", folder: Path | None = None) -> Model:
    """Return what would answer, once it is sure that it could.

    Raises:
        InputError: llama.cpp is not installed, or as `chosen`.
    """
    if is_installed():
        return chosen(wanted, models_folder, folder)
    if finding.is_path(
        wanted
    ):  # that there is no such file is told before anything is to be installed for it
        finding.resolve(wanted, (), folder)
    raise not_installed()


def checked(model: Model) -> Model:
    """Return a model that chats.

    Raises:
        InputError: it does not.
    """
    if model.is_for_vectors:
        raise InputError(
            f"{model.name} turns texts into vectors: it has nothing to say",
            hint="Take another model: %chat models local lists them.",
            diagnosis=Diagnosis(cause=Cause.NOT_FOR_CHAT),
        )
    if not model.has_template:
        raise InputError(
            f"{model.name} has no chat template: it is a base model, made to continue a text",
            hint="Take one whose name has 'instruct', 'chat' or 'it' in it: %chat models local lists them.",
            diagnosis=Diagnosis(cause=Cause.NOT_FOR_CHAT),
        )
    return model


def _first(models: list[finding.FoundModel]) -> Model:
    """Return the first that is whole, chats, and fits into the memory; where there is none, tell what is wrong with the first."""
    if not models:
        raise finding.none_found()
    free = available_bytes()
    wrong: list[InputError] = []
    for one in models:
        try:
            model = checked(gguf.read(one.path, one.name))
        except InputError as exc:
            wrong.append(exc)
            continue
        if context_tokens(model, free):
            return model
        wrong.append(too_large(model, free))
    raise wrong[0]
