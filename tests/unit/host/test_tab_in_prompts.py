"""What Tab offers in a prompt, through IPython's own completer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from g4f_magic.extension import Extension


@pytest.fixture(scope="module")
def shell(own_parses: object) -> Iterator[InteractiveShell]:
    shell = InteractiveShell()
    shell.Completer.use_jedi = False  # it reads the types of all that Python has, for seconds
    shell.user_ns["customers"] = [1]
    extension = Extension(shell)
    yield shell
    extension.unload()


def offered(shell: InteractiveShell, code: str) -> list[str]:
    assert shell.Completer is not None
    with provisionalcompleter():
        return [one.text for one in shell.Completer.completions(code, len(code))]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("%%chat\nTell me what imp", []),
        ("%%chat\nTell me what ", []),
        ("%%chat -p koala\nIs cust", []),
        ("# a note\n#| tag\n\n%%chat\nIs cust", []),
        ("%%chat\nIs {{cust", ["customers"]),
        ("%%chat\nIs {{ cust", ["customers"]),
        ("%%chat\nIs {{customers|sa", ["customers|sample"]),
        ("%%chat\nIs {{nothing_such", []),
        ("%%chat\nIs {{customers}} cust", []),
        ("%%chat --prov", ["--provider"]),
    ],
)
def test_a_prompt_is_offered_names_in_braces_alone(
    shell: InteractiveShell, code: str, words: list[str]
) -> None:
    assert offered(shell, code) == words


@pytest.mark.parametrize("code", ["cust", "%%time\ncust", "%%chatty\ncust", "x = 1\n%%chat\ncust"])
def test_elsewhere_python_is_offered(shell: InteractiveShell, code: str) -> None:
    assert "customers" in offered(shell, code)
