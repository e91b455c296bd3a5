"""Another version is installed while a kernel runs this one: `%pip install --upgrade` in a cell."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import g4f_magic
from tests.kernel.kernels import Kernel, kernel

pytestmark = pytest.mark.heavy

NUMBER = """
from pathlib import Path
import g4f_magic
version = Path(g4f_magic.__file__).with_name("version.py")
version.write_text(version.read_text().replace('__version__ = "', '__version__ = "9.'))
"""
"""Of what is loaded, all is as it was."""

UPGRADE = (
    """
import sys
from pathlib import Path
import g4f_magic
root = Path(g4f_magic.__file__).parent
for file in root.rglob("*.py"):
    name = ".".join(("g4f_magic", *file.relative_to(root).with_suffix("").parts))
    if name not in sys.modules and file.name != "__init__.py":
        file.write_text("from g4f_magic.errors import OfTheNewVersion")
"""
    + NUMBER
)


@pytest.fixture
async def installed(tmp_path: Path) -> AsyncIterator[Kernel]:
    """A kernel that runs a package of its own, which said something already."""
    here = Path(g4f_magic.__file__).parent
    shutil.copytree(here, tmp_path / "site" / "g4f_magic", ignore=shutil.ignore_patterns("__pycache__"))
    async with kernel() as one:
        await one.ok(f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})")
        await one.ok("%load_ext g4f_magic")
        await one.ok("%%chat\nHello")
        yield one


async def test_it_is_told_once_and_what_runs_goes_on(installed: Kernel) -> None:
    await installed.ok(NUMBER)
    ran = await installed.ok("%%chat\nHello again")
    assert f"g4f_magic 9.{g4f_magic.__version__} is installed by now" in ran.plain
    assert "restart it" in ran.plain
    ran = await installed.ok("%%chat\nAnd again")
    assert "Note:" not in ran.plain


async def test_what_needs_a_module_of_the_other_version_says_to_restart(installed: Kernel) -> None:
    await installed.ok(UPGRADE)
    ran = await installed.run('%%chat --each "[1, 2]"\nSay {{item}}')
    assert "was installed while this kernel runs" in ran.error[0]
    assert ran.error[1:] == ["Restart the kernel."]


async def test_what_needs_a_module_that_was_taken_away_says_to_restart(installed: Kernel) -> None:
    await installed.ok("import shutil\n" + UPGRADE + "shutil.rmtree(root)")
    ran = await installed.run('%%chat --each "[1, 2]"\nSay {{item}}')
    assert "was taken away while this kernel runs it" in ran.error[0]
