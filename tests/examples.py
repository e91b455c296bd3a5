"""How much is tried: a share each time, all of it in CI with `--hypothesis-profile=many`."""

from __future__ import annotations

import os
from typing import Any

os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"  # one of them imports Trio, whole
from hypothesis import HealthCheck, settings

MANY = 100
"""Examples of a property that says no number, with the profile "many"; the others are in proportion."""
_FEW = 10


def register_profiles() -> None:
    """Make "few" the profile where none is named. No example is timed: on a busy machine a sound one takes long."""
    for name, count in (("few", _FEW), ("many", MANY)):
        settings.register_profile(
            name, max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        )
    settings.load_profile("few")


def share(many: int) -> int:
    """Return how many of `many` this run tries: all of them with the profile "many"."""
    return max(1, many * settings.default.max_examples // MANY)


def examples(many: int, **more: Any) -> settings:
    """Return the settings of a property that is tried with so many examples with the profile "many"."""
    return settings(max_examples=share(many), **more)
