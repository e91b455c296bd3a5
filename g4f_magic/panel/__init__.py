"""The chat panel: a widget on the same conversations as the cells.

In come requests of its pages and what happens in the conversation; out come messages of the kinds in `protocol`, with
cleaned HTML alone. The kernel renders and decides; the page shows, and says what the person does.
"""

from g4f_magic.panel.widget import ChatPanel

__all__ = ["ChatPanel"]
