"""Chat with language models as a native part of Jupyter notebooks and IPython."""

from g4f_magic.launch import leave_folder

leave_folder()  # before anything is imported that a folder may hold, and so without `from __future__`

from importlib import import_module
from typing import TYPE_CHECKING, Any

from g4f_magic.version import __version__

if TYPE_CHECKING:
    from g4f_magic.chat import Chat as Chat
    from g4f_magic.describing.own import describe as describe
    from g4f_magic.errors import ChatError as ChatError
    from g4f_magic.extension import Extension
    from g4f_magic.in_marimo import marimo_chat as marimo_chat
    from g4f_magic.panel import ChatPanel as ChatPanel
    from g4f_magic.providers.plugins import provider as provider
    from g4f_magic.reply import ReplyText as ReplyText
    from g4f_magic.tools.marks import tool as tool

# Loaded at their first use: `%load_ext` stays light.
_PUBLIC = {
    "Chat": "g4f_magic.chat",
    "ChatPanel": "g4f_magic.panel",
    "ReplyText": "g4f_magic.reply",
    "describe": "g4f_magic.describing.own",
    "ChatError": "g4f_magic.errors",
    "marimo_chat": "g4f_magic.in_marimo",
    "provider": "g4f_magic.providers.plugins",
    "tool": "g4f_magic.tools.marks",
}
__all__ = [
    "Chat",
    "ChatError",
    "ChatPanel",
    "ReplyText",
    "__version__",
    "describe",
    "marimo_chat",
    "provider",
    "tool",
]

_extensions: "dict[int, Extension]" = {}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def load_ipython_extension(shell: Any) -> None:
    """Register `%%chat` and `%chat` in an IPython shell."""
    from g4f_magic.extension import Extension

    if id(shell) not in _extensions:
        _extensions[id(shell)] = Extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take `%%chat` and `%chat` out of an IPython shell, and put back what was there."""
    extension = _extensions.pop(id(shell), None)
    if extension is not None:
        extension.unload()
