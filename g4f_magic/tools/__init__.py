"""Functions of the person's own that a model may ask for: described, approved, run within bounds, and their results told.

In come names of the notebook, or functions; out come what a model is told of each (a JSON Schema of its parameters), and
for each call that a model asks for what goes back to it. Nothing runs because a model names it: only what the person
named is there, and each call is shown to the person first, unless they said otherwise.
"""

from g4f_magic.tools.approval import Approver
from g4f_magic.tools.marks import tool
from g4f_magic.tools.toolbox import Bounds, Toolbox, toolbox_of

__all__ = ["Approver", "Bounds", "Toolbox", "tool", "toolbox_of"]
