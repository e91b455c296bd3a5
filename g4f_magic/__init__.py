"""Chat with language models as a native part of Jupyter notebooks and IPython."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from g4f_magic.chat import Chat as Chat
    from g4f_magic.errors import ChatError as ChatError
    from g4f_magic.magics import Extension
    from g4f_magic.messages import ReplyText as ReplyText
    from g4f_magic.panel import ChatPanel as ChatPanel
    from g4f_magic.providers.plugins import provider as provider

__version__ = "0.1.0"

# Loaded at their first use: `%load_ext` stays light.
_PUBLIC = {
    "Chat": "g4f_magic.chat",
    "ChatPanel": "g4f_magic.panel",
    "ReplyText": "g4f_magic.messages",
    "ChatError": "g4f_magic.errors",
    "provider": "g4f_magic.providers.plugins",
}
__all__ = ["Chat", "ChatError", "ChatPanel", "ReplyText", "__version__", "provider"]

_extensions: dict[int, Extension] = {}


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PUBLIC[name]), name)


def load_ipython_extension(shell: Any) -> None:
    """Register `%%chat` and `%chat` in an IPython shell."""
    from g4f_magic.magics import Extension

    if id(shell) not in _extensions:
        _extensions[id(shell)] = Extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take `%%chat` and `%chat` out of an IPython shell, and put back what was there."""
    extension = _extensions.pop(id(shell), None)
    if extension is not None:
        extension.unload()
