"""Conversations as files: exporting turns for people and for programs, and importing them again.

In come turns, or a `.json`, `.jsonl` or `.ipynb` that others may have written; out come a file in which nothing acts
wherever it is shown, or turns whose every field was checked. Nothing is stored here: that is the history's.
"""
