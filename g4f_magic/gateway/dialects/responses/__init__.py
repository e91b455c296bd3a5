"""OpenAI's Responses API: what it asks becomes a chat completion's request, and a reply's chunks become its typed events.

`items` reads the input, `tools` what a model may call, `request` all else; `output` tells the reply; `kept` are the
responses that others go on from. No I/O.
"""

from __future__ import annotations

from g4f_magic.gateway.dialects.responses.dialect import ResponsesDialect
from g4f_magic.gateway.dialects.responses.kept import KeptResponses

__all__ = ["KeptResponses", "ResponsesDialect"]
