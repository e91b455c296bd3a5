from __future__ import annotations

from hypothesis import settings

# No example is timed: on a busy machine a sound one takes long.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
