"""The secrets of hosted notebook services: found by the name of a variable, and what goes wrong in two lines."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType, SimpleNamespace

import pytest

from g4f_magic.errors import MissingAuthError
from g4f_magic.host.secret_stores import SecretStore, store_of

KEY = "gsk_0123456789abcdefghij"


class SecretNotFoundError(Exception):
    pass


class NotebookAccessError(Exception):
    pass


class TimeoutException(Exception):  # noqa: N818 - Colab's own name
    pass


class BackendError(Exception):
    pass


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], str]], SecretStore]:
    """Colab's package as far as secrets go: its `userdata` gives what it is told."""

    def install(get: Callable[[str], str]) -> SecretStore:
        module = ModuleType("google.colab.userdata")
        module.get = get  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
        monkeypatch.setitem(sys.modules, "google.colab.userdata", module)
        store = store_of({})
        assert store is not None
        return store

    return install


def test_no_service_means_no_store() -> None:
    assert store_of({}) is None


def test_colab_gives_the_secret_of_that_name(colab: Callable[..., SecretStore]) -> None:
    store = colab({"GROQ_API_KEY": f" {KEY}\n"}.__getitem__)
    assert store.get("GROQ_API_KEY") == KEY


def _raising(error: Exception) -> Callable[[str], str]:
    def get(name: str) -> str:
        raise error

    return get


def test_a_secret_that_is_not_there_is_no_error(colab: Callable[..., SecretStore]) -> None:
    assert colab(_raising(SecretNotFoundError())).get("GROQ_API_KEY") == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotebookAccessError(), "this notebook may not read it"),
        (TimeoutException(), "did not answer when GROQ_API_KEY was asked for"),
        (RuntimeError(f"something with {KEY}"), "could not be read for GROQ_API_KEY (RuntimeError)"),
    ],
)
def test_what_goes_wrong_is_two_lines(colab: Callable[..., SecretStore], error: Exception, said: str) -> None:
    with pytest.raises(MissingAuthError) as caught:
        colab(_raising(error)).get("GROQ_API_KEY")
    assert said in str(caught.value)
    assert caught.value.hint
    assert caught.value.__context__ is None  # whatever the service says stays out of tracebacks
    assert KEY not in repr(caught.value)


def test_kaggle_gives_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("kaggle_secrets")
    module.UserSecretsClient = lambda: SimpleNamespace(get_secret={"GROQ_API_KEY": KEY}.get)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kaggle_secrets", module)
    monkeypatch.setenv("KAGGLE_KERNEL_RUN_TYPE", "Interactive")
    store = store_of({})
    assert store is not None
    assert (store.get("GROQ_API_KEY"), store.get("OPENAI_API_KEY")) == (KEY, "")


def test_databricks_gives_those_of_our_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def get(scope: str, key: str) -> str:
        asked.append((scope, key))
        if key != "GROQ_API_KEY":
            raise RuntimeError("Secret does not exist with scope: g4f_magic and key: " + key)
        return KEY

    names = {"dbutils": SimpleNamespace(secrets=SimpleNamespace(get=get))}
    assert store_of(names) is None  # a name that looks like it, elsewhere
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "16.4")
    store = store_of(names)
    assert store is not None
    assert (store.get("GROQ_API_KEY"), store.get("OPENAI_API_KEY")) == (KEY, "")
    assert asked[0] == ("g4f_magic", "GROQ_API_KEY")
