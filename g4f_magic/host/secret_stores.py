"""The secrets that a hosted notebook service keeps for a person: Colab's, Kaggle's, Databricks'.

One is asked for by its name alone, when a service that wants it is asked. It may take seconds, and the page may ask the
person meanwhile whether this notebook may have it.

Source: what `google.colab.userdata`, `kaggle_secrets` and `dbutils.secrets` give and raise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from g4f_magic.errors import MissingAuthError
from g4f_magic.settings import environment

DATABRICKS_SCOPE = "g4f_magic"
"""The scope of Databricks' secrets that keys are looked for in."""
_ABSENT = frozenset({"SecretNotFoundError", "NotFoundError", "BackendError", "IllegalArgumentException"})
"""Classes of errors that say that there is no such secret, or that it was not given to this notebook."""
_NOT_ALLOWED = frozenset({"NotebookAccessError", "PermissionDenied"})
_SLOW = frozenset({"TimeoutException", "TimeoutError"})


@dataclass(frozen=True, slots=True)
class SecretStore:
    """The secrets of one service."""

    name: str
    """As a sentence names it."""
    how: str
    """How a person puts `{name}` there."""
    _get: Callable[[str], object]

    def get(self, name: str) -> str:
        """Return the secret of that name, empty where there is none. It may take seconds.

        Raises:
            MissingAuthError: it could not be had: this notebook may not have it, or nobody answered.
        """
        try:
            value = self._get(name)
        except Exception as exc:  # each service has errors of its own, and none of them is imported
            kinds = {kind.__name__ for kind in type(exc).__mro__}
            if kinds & _ABSENT or "does not exist" in str(exc):
                return ""
            failure = self._failure(name, kinds, type(exc).__name__)
        else:
            return value.strip() if isinstance(value, str) else ""
        raise failure

    def _failure(self, name: str, kinds: set[str], kind: str) -> MissingAuthError:
        if kinds & _NOT_ALLOWED:
            return MissingAuthError(
                f"{self.name} hold {name}, and this notebook may not read it",
                hint=f"Turn on its notebook access there ({self.how.format(name=name)}), and run the cell again.",
            )
        if kinds & _SLOW:
            return MissingAuthError(
                f"{self.name} did not answer when {name} was asked for",
                hint="The page may be waiting for your answer: allow it there, and run the cell again.",
            )
        return MissingAuthError(
            f"{self.name} could not be read for {name} ({kind})",
            hint=f"Is the notebook online? Else set it by hand: os.environ['{name}'] = getpass.getpass()",
        )


def store_of(names: Mapping[str, Any]) -> SecretStore | None:
    """Return the secrets of the service that this kernel runs in, if it is one; `names` are the person's."""
    if "google.colab" in sys.modules:
        return SecretStore("Colab's secrets", "the key sign at the left, Add new secret {name}", _of_colab)
    if environment("KAGGLE_KERNEL_RUN_TYPE"):
        return SecretStore("Kaggle's secrets", "Add-ons, Secrets, Add secret {name}", _of_kaggle)
    secrets = getattr(names.get("dbutils"), "secrets", None)
    if environment("DATABRICKS_RUNTIME_VERSION") and secrets is not None:
        how = f"databricks secrets put-secret {DATABRICKS_SCOPE} {{name}}"
        return SecretStore("Databricks' secrets", how, lambda name: secrets.get(DATABRICKS_SCOPE, name))
    return None


def _of_colab(name: str) -> object:
    found: object = import_module("google.colab.userdata").get(name)
    return found


def _of_kaggle(name: str) -> object:
    found: object = import_module("kaggle_secrets").UserSecretsClient().get_secret(name)
    return found
