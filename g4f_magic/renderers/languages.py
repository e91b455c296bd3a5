"""The languages whose code is coloured: those whose lexers a test fuzzes. No I/O.

Pygments knows some five hundred; some of its lexers take minutes for a line of blanks. What is not listed is plain.
"""

from __future__ import annotations

LANGUAGES: dict[str, str] = {
    "python": "py python3 py3 ipython ipython3 sage",
    "pycon": "python-console",
    "pytb": "traceback py3tb",
    "javascript": "js jsx node mjs",
    "typescript": "ts tsx",
    "json": "jsonc ipynb",
    "bash": "sh shell zsh ksh",
    "console": "shell-session terminal",
    "html": "",
    "xml": "svg",
    "css": "",
    "scss": "",
    "sql": "",
    "c": "h",
    "cpp": "c++ cxx hpp",
    "java": "",
    "kotlin": "kt",
    "go": "golang",
    "rust": "rs",
    "ruby": "rb",
    "php": "",
    "perl": "pl",
    "lua": "",
    "r": "",
    "julia": "jl",
    "matlab": "",
    "swift": "",
    "yaml": "yml",
    "toml": "",
    "ini": "cfg",
    "diff": "patch",
    "docker": "dockerfile",
    "make": "makefile",
    "powershell": "ps1 pwsh",
    "haskell": "hs",
    "cmake": "",
    "tex": "latex",
    "markdown": "md",
    "graphql": "",
    "dart": "",
    "elixir": "ex",
    "clojure": "clj",
    "fortran": "f90",
    "protobuf": "proto",
}
"""Pygments' names, each with the others that are written for it."""

SLOW = frozenset(("c", "cpp", "java", "matlab"))
"""Those whose lexers take long for as little as a thousand characters, unless what they look at is bounded."""

LINEAR = frozenset(("json",))
"""Those whose lexers read each character once, without an expression."""

_NAMES = {name: language for language, others in LANGUAGES.items() for name in (language, *others.split())}


def known_language(name: str) -> str:
    """Return Pygments' name of a language, by what stands after a fence in any case; empty where it stays plain."""
    return _NAMES.get(name.lower(), "")
