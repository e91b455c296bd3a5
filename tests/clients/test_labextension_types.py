"""The front-end part is plain JavaScript, whose types TypeScript checks."""

from __future__ import annotations

import subprocess

import pytest

from tests.environments import CLIENTS


@pytest.mark.clients
@pytest.mark.skipif(bool(CLIENTS.missing_node()), reason=CLIENTS.missing_node())
def test_its_types_fit() -> None:
    compiler = CLIENTS.node_modules / "typescript" / "bin" / "tsc"
    settings = CLIENTS.folder / "labextension" / "tsconfig.json"
    ran = subprocess.run(
        ["node", str(compiler), "-p", str(settings)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
