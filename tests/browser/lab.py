"""A real Jupyter server, and a notebook of it open in a page of Chromium."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import aiohttp
import nbformat

from tests.patience import PATIENCE_SECONDS
from tests.serving import free_port

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Locator, Page, Request, ViewportSize

FrontEnd = Literal["lab", "notebook"]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_CONFIG = {
    "LabApp": {
        "extension_manager": "readonly",
        "news_url": None,
        "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
        "expose_app_in_browser": True,
    },
    "JupyterNotebookApp": {"expose_app_in_browser": True},
    "ServerApp": {"open_browser": False, "allow_root": True, "log_level": "WARN"},
}
PYTHON = os.environ.get("TESTED_JUPYTER", sys.executable)
"""The Python whose JupyterLab and Notebook are tried: `tests/lowest/front_ends.py` names that of the lowest versions."""
VIEW: ViewportSize = {"width": 1280, "height": 1000}
_PANEL = "window.jupyterapp.shell.currentWidget"


def chromium_path() -> str:
    """Return where Chromium is on this machine, empty where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), "")


def missing_parts() -> list[str]:
    """Return what of the browser tests' needs is not there."""
    missing = [name for name in ("playwright", "jupyterlab", "notebook") if find_spec(name) is None]
    return missing if chromium_path() else [*missing, "chromium"]


@dataclass(frozen=True, slots=True)
class Server:
    """A running Jupyter server, which serves JupyterLab and Notebook 7 alike."""

    url: str
    token: str
    folder: Path

    def write(self, name: str, *cells: str, **metadata: Any) -> Path:
        """Make a notebook of these code cells."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {
            "name": "python3",
            "display_name": "Python 3",
            "language": "python",
        }
        book.metadata.update(metadata)
        path = self.folder / name
        nbformat.write(book, path)
        return path

    def address(self, name: str, front_end: FrontEnd) -> str:
        """Return the address of a notebook in a front end."""
        place = {"lab": "lab/tree", "notebook": "notebooks"}[front_end]
        return f"{self.url}/{place}/{name}?token={self.token}&reset"

    async def shut_kernels_down(self) -> None:
        """End every kernel."""
        headers = {"Authorization": f"token {self.token}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            async with http.get(f"{self.url}/api/sessions") as response:
                sessions = await response.json()
            for session in sessions:
                async with http.delete(f"{self.url}/api/sessions/{session['id']}"):
                    pass


@asynccontextmanager
async def jupyter(folder: Path, *, without: str = "", **environment: str) -> AsyncGenerator[Server]:
    """Start a Jupyter server on a free port of the loopback; `folder` holds all that it reads and writes.

    The extension `without` is disabled in its pages.
    """
    places = {name: folder / name.lower() for name in ("CONFIG", "DATA", "RUNTIME", "NOTEBOOKS", "SETTINGS")}
    for place in places.values():
        place.mkdir(parents=True)
    (places["CONFIG"] / "jupyter_server_config.json").write_text(json.dumps(_CONFIG))
    if without:
        (places["CONFIG"] / "labconfig").mkdir()
        disabled = json.dumps({"disabledExtensions": {without: True}})
        (places["CONFIG"] / "labconfig" / "page_config.json").write_text(disabled)
    quiet = places["SETTINGS"] / "@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    port = free_port()
    token = "for-tests"
    env = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(places["CONFIG"]),
        "JUPYTER_DATA_DIR": str(places["DATA"]),
        "JUPYTER_RUNTIME_DIR": str(places["RUNTIME"]),
        "JUPYTERLAB_SETTINGS_DIR": str(places["SETTINGS"]),
        "JUPYTERLAB_WORKSPACES_DIR": str(places["SETTINGS"] / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        **environment,
    }
    options = (f"--ServerApp.port={port}", f"--IdentityProvider.token={token}")
    with (folder / "server.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(PYTHON, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={places['NOTEBOOKS']}"),
            env=env,
            stdout=log,
            stderr=log,
        )
        server = Server(f"http://127.0.0.1:{port}", token, places["NOTEBOOKS"])
        try:
            await _answers(server, process, folder / "server.log")
            yield server
        finally:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 60)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answers(server: Server, process: asyncio.subprocess.Process, log: Path) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(int(PATIENCE_SECONDS / 0.1)):
            if process.returncode is not None:
                break
            try:
                async with http.get(f"{server.url}/api", timeout=aiohttp.ClientTimeout(2)) as response:
                    response.raise_for_status()
                return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.1)
    raise RuntimeError(f"the Jupyter server did not start:\n{log.read_text()[-3000:]}")


class Book:
    """A notebook in a page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("request", self._take)
        page.on("requestfailed", self._take_back)

    def _take(self, request: Request) -> None:
        self.requests.append(request.url)

    def _take_back(self, request: Request) -> None:
        """Forget a request that the browser itself refused to send."""
        if request.failure in ("csp", "origin"):
            self.requests.remove(request.url)

    async def open(self, *, kernel: bool = True) -> None:
        """Load the page and wait until the kernel is ready for a cell."""
        await self.page.goto(self.address)
        await self._is_shown()
        if kernel:
            await self.idle()

    async def open_here(self, name: str) -> None:
        """Open the notebook in a JupyterLab that is loaded, and wait until the kernel is ready for a cell."""
        await self.command("docmanager:open", path=name)
        await self._is_shown()
        await self.idle()

    async def _is_shown(self) -> None:
        await self.page.wait_for_function(
            f"""() => {{
                const book = window.jupyterapp && {_PANEL}?.content;
                return book?.model?.cells.length > 0 && book.widgets.length === book.model.cells.length;
            }}"""
        )

    async def clear(self) -> None:
        """Close the notebook without saving it and what stands beside it, and let the page go."""
        self.page.remove_listener("request", self._take)
        self.page.remove_listener("requestfailed", self._take_back)
        await self.page.evaluate(
            "() => { const { shell } = window.jupyterapp; shell.collapseRight();"
            " [...shell.widgets('main')].forEach(widget => widget.dispose()); }"
        )

    async def idle(self) -> None:
        """Wait until the kernel has nothing to do and no cell waits for it."""
        await self.page.wait_for_function(
            f"""() => {_PANEL}.sessionContext.session?.kernel?.status === 'idle'
                && !{_PANEL}.content.widgets.some(cell => cell.model.executionState === 'running')"""
        )

    async def is_idle(self) -> bool:
        return bool(await self.page.evaluate(f"{_PANEL}.sessionContext.session?.kernel?.status === 'idle'"))

    async def command(self, name: str, **arguments: Any) -> None:
        """Run a command of the front end and wait for its end."""
        await self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)",
            [name, arguments],
        )

    def cell(self, index: int) -> Locator:
        """Return the cell's element."""
        return self.page.locator(f'.jp-Notebook [data-windowed-list-index="{index}"].jp-Cell')

    def output(self, index: int) -> Locator:
        """Return the element that holds the cell's outputs."""
        return self.cell(index).locator(".jp-OutputArea-output")

    async def start(self, index: int) -> None:
        """Run a cell as a person does: click into it, press Shift and Enter."""
        await self.cell(index).locator(".cm-content").click()
        await self.page.keyboard.press("Shift+Enter")

    async def run(self, index: int) -> None:
        """Run a cell and wait for its end."""
        before = await self.count(index)
        await self.start(index)
        await self.page.wait_for_function(
            f"([index, before]) => {{ const n = {_PANEL}.content.widgets[index].model.executionCount;"
            " return n !== null && n !== before; }",
            arg=[index, before],
        )
        await self.idle()

    async def run_all(self) -> None:
        """Run all cells and wait for the last one's end."""
        await self.command("notebook:run-all-cells")
        await self.idle()

    async def count(self, index: int) -> int | None:
        count: int | None = await self.page.evaluate(
            f"index => {_PANEL}.content.widgets[index].model.executionCount", index
        )
        return count

    async def text(self, index: int) -> str:
        """Return what a person reads in the cell's outputs."""
        return "\n".join(await self.output(index).all_inner_texts())

    async def texts(self) -> list[str]:
        """Return the text in the outputs of each cell that is in the page."""
        texts: list[str] = await self.page.evaluate(
            f"() => {_PANEL}.content.widgets.map(cell => cell.outputArea.node.textContent)"
        )
        return texts

    async def says(self, index: int, words: str) -> None:
        """Wait until these words stand in the cell's outputs."""
        await self.output(index).filter(has_text=words).first.wait_for()

    async def outputs(self, index: int) -> list[dict[str, Any]]:
        """Return the cell's outputs as they would be saved."""
        outputs: list[dict[str, Any]] = await self.page.evaluate(
            f"index => {_PANEL}.content.widgets[index].model.outputs.toJSON()", index
        )
        return outputs

    async def kernel_says(self, expression: str, code: str = "") -> str:
        """Return how the kernel shows the value of a Python expression, after `code`, and leave no trace of it."""
        said: str = await self.page.evaluate(
            f"""async ([it, code]) => {{
                const asked = {{code, user_expressions: {{it}}, silent: true, store_history: false}};
                const kernel = {_PANEL}.sessionContext.session.kernel;
                const {{content: reply}} = await kernel.requestExecute(asked, false).done;
                const shown = reply.user_expressions?.it;
                if (!shown?.data) throw Error(JSON.stringify(shown ?? reply));
                return shown.data['text/plain'];
            }}""",
            [expression, code],
        )
        return said

    async def stop(self) -> None:
        """Press the Stop button."""
        await self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    async def restart_and_run_all(self) -> None:
        """Do what the menu calls so, and say yes to its question."""
        await self.agree("notebook:restart-run-all")
        await self.idle()

    async def agree(self, command: str) -> None:
        """Run a command that asks a question, and say yes to it."""
        running = asyncio.ensure_future(self.command(command))
        await self.page.locator(".jp-Dialog .jp-mod-accept").click()
        await running

    async def save(self) -> None:
        """Save the notebook."""
        await self.command("docmanager:save")

    async def unwindow(self) -> None:
        """Keep all cells in the page, not only those in view."""
        await self.page.evaluate(
            f"() => {{ const book = {_PANEL}.content;"
            " book.notebookConfig = {...book.notebookConfig, windowingMode: 'none'}; }"
        )

    async def leaf_through(self) -> None:
        """Bring each cell into view, one after the other, as a person does who reads the notebook."""
        await self.page.evaluate(
            f"""async () => {{
                const book = {_PANEL}.content;
                for (let index = 0; index < book.widgets.length; index += 6) {{
                    await book.scrollToItem(index, 'start');
                    await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
                }}
                await book.scrollToItem(book.widgets.length - 1);
            }}"""
        )

    async def settled(self) -> None:
        """Wait until the page has painted twice and has no task waiting."""
        await self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => "
            "requestIdleCallback(done, {timeout: 2000}))))"
        )


@dataclass(frozen=True, slots=True)
class Desk:
    """A server and a browser, which open notebooks."""

    server: Server
    context: BrowserContext
    _free: list[Page] = field(default_factory=list)
    """Pages of JupyterLab with no notebook in them: loading one takes longer than most tests."""

    @asynccontextmanager
    async def open(
        self, front_end: FrontEnd, name: str, *cells: str, kernel: bool = True, fresh: bool = False
    ) -> AsyncGenerator[Book]:
        """Open a notebook, made of `cells` if any are given, in a page of its own.

        With `fresh` that page shows nothing else before or after. Pages that are shared have a browser context of their
        own: a second one of the same would have to load again, as it finds its workspace in use.
        """
        if cells:
            self.server.write(name, *cells)
        can_be_shared = front_end == "lab" and kernel and not fresh
        is_loaded = can_be_shared and bool(self._free)
        apart = self.context.browser if can_be_shared else None
        if is_loaded:
            page = self._free.pop()
        else:
            page = await (apart.new_page(viewport=VIEW) if apart else self.context.new_page())
        book = Book(page, self.server.address(name, front_end))
        try:
            await (book.open_here(name) if is_loaded else book.open(kernel=kernel))
            yield book
            if can_be_shared:
                await book.clear()
                self._free.append(book.page)
        finally:
            if book.page not in self._free:
                await book.page.close(run_before_unload=False)
            await self.server.shut_kernels_down()


@asynccontextmanager
async def chromium(**options: Any) -> AsyncGenerator[BrowserContext]:
    """Start the system's Chromium; `options` are those of a browser context."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        try:
            yield await browser.new_context(viewport=VIEW, **options)
        finally:
            await browser.close()
