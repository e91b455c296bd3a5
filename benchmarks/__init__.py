"""Measurements to run by hand; no test depends on a time."""
