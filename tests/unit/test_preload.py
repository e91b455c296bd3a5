"""What is imported ahead: modules that there are, and none that loading the extension needs."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

from g4f_magic.preload import MODULES


def test_each_module_is_there() -> None:
    assert [name for name in MODULES if find_spec(name) is None] == []


def test_loading_alone_imports_none_of_the_heavy_ones() -> None:
    code = (
        "import g4f_magic.preload, sys; print(sorted({'aiohttp', 'markdown_it', 'nh3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
