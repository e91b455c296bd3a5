"""Runs cells in JupyterLite's own kernel, inside of Pyodide, and gives what each showed: as its page would hear it."""

import json
from typing import Any

import pyodide_kernel

kernel, shell = pyodide_kernel.kernel_instance, pyodide_kernel.ipython_shell
shell.send_comm = lambda *_, **__: None


async def run(number: int, code: str) -> dict[str, Any]:
    shown: dict[str, dict[str, Any]] = {}
    said: list[str] = []

    def show(data: dict[str, Any], metadata: object, transient: dict[str, Any] | None) -> None:
        shown[(transient or {}).get("display_id", str(len(shown)))] = data

    shell.display_pub.display_data_callback = show
    shell.display_pub.update_display_data_callback = show
    for stream in (pyodide_kernel.stdout_stream, pyodide_kernel.stderr_stream):
        stream.publish_stream_callback = lambda _, text: said.append(text)
    request = {"header": {"msg_id": str(number)}, "content": {"code": code, "allow_stdin": True}}
    kernel._parent_header = {**request, "metadata": {"cellId": f"cell-{number}"}}
    result = await kernel.run(code)
    return {
        "status": result["status"],
        "error": result.get("traceback", []),
        "shown": list(shown.values()),
        "said": "".join(said),
    }


async def run_all(cells: list[str]) -> str:
    return json.dumps([await run(number, code) for number, code in enumerate(cells)])
