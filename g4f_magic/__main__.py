"""`python -m g4f_magic`."""

from __future__ import annotations

import sys

from g4f_magic.cli import main

sys.exit(main())
