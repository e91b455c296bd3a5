"""The offline guide: what is said where no model is connected. It is none, and says so. No I/O but its own pages."""

from g4f_magic.guide.answers import NOTHING_FOUND, answer_to

__all__ = ["NOTHING_FOUND", "answer_to"]
