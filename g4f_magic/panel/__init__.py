"""The chat panel: a widget on the same conversations as the cells.

The kernel renders and decides; the page shows, and says what the person does (see `protocol`).
"""

from g4f_magic.panel.widget import ChatPanel

__all__ = ["ChatPanel"]
