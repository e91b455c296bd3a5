"""Kernels that a server offers beside its own: one without the package, and one of another language."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.browser.lab import Server

WITHOUT = "Python without the chat"
OTHER = "Another language"
_WITHOUT = """
import sys

from ipykernel.kernelapp import launch_new_instance


class Nowhere:
    @staticmethod
    def find_spec(name, *_):
        if name.partition(".")[0] == "g4f_magic":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Nowhere)
launch_new_instance()
"""
_OTHER = '''"""A kernel that notes in a file what it is told to run, and runs none of it."""

import sys

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class Other(Kernel):
    implementation = banner = "other"
    implementation_version = "1"
    language_info = {"name": "other", "mimetype": "text/plain", "file_extension": ".txt"}

    def do_execute(self, code, *_, **__):
        with open(sys.argv[1], "a") as log:
            log.write(code + "\\n")
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


IPKernelApp.launch_instance(kernel_class=Other, argv=sys.argv[2:])
'''


def offer(server: Server) -> Path:
    """Have the server offer them; return the file in which the other one notes what it runs."""
    folder = server.folder.parent / "data" / "kernels"
    log = server.folder.parent / "other.log"
    log.write_text("")
    script = server.folder.parent / "other_kernel.py"
    script.write_text(_OTHER)
    for name, label, language, program in (
        ("without", WITHOUT, "python", ["-c", _WITHOUT]),
        ("other", OTHER, "other", [str(script), str(log)]),
    ):
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, *program, "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": label, "language": language}
        (place / "kernel.json").write_text(json.dumps(spec))
    return log
