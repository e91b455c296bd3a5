"""One question for each row of a table: thousands of them, each alone, kept as they are answered.

In come rows of any kind and a prompt that names their columns; out goes a table of the same kind with what was answered.
Each row's question is an `Ask` and whoever answers it is the `Answerer` of a single chat; around that stand a store of
answers that outlives the process, a pace that finds its own level, and a table that is right however the run ended.
"""

from __future__ import annotations

from g4f_magic.many.answer import Answer
from g4f_magic.many.job import Job, Wish
from g4f_magic.many.row_reply import RowReply

__all__ = ["Answer", "Job", "RowReply", "Wish"]
