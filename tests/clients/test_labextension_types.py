"""The front-end part is plain JavaScript, whose types TypeScript checks."""

from __future__ import annotations

import subprocess

import pytest

from tests.clients.environment import HERE, NODE_FOLDER, missing


@pytest.mark.clients
@pytest.mark.skipif(bool(missing(NODE_FOLDER)), reason=missing(NODE_FOLDER))
def test_its_types_fit() -> None:
    compiler = NODE_FOLDER / "typescript" / "bin" / "tsc"
    settings = HERE / "labextension" / "tsconfig.json"
    ran = subprocess.run(
        ["node", str(compiler), "-p", str(settings)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
