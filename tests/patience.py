"""How long a test waits for what has to happen: so long that only what never comes is missed, however slow the machine."""

from __future__ import annotations

PATIENCE_SECONDS = 180.0
"""Of one wait. A test that passes never waits so long; pytest's own limit (`timeout` in pyproject.toml) is longer."""
