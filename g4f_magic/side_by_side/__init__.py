"""One question to several models at once: which columns there are, and what differs between them.

In come the options of a line; out come a `Comparison` that can be run, words that differ, fields that agree.
"""
