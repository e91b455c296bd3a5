from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from g4f_magic.gateway import Gateway
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from tests.browser.bare import BarePage, BarePanel, bare_page
from tests.browser.lab import Desk, FrontEnd, chromium, jupyter, missing_parts
from tests.browser.panel import Panel
from tests.browser.stage import Stage

HERE = Path(__file__).parent
IN_BOTH = (
    "test_a_reply_grows_while_it_streams_and_ends_static",
    "test_the_stop_button_keeps_what_was_said",
    "test_a_saved_conversation_reads_the_same_without_a_kernel",
    "test_nothing_in_a_reply_runs_or_reaches_out",
    "test_a_question_streams_into_the_panel",
    "test_a_diagram_is_drawn_where_it_stands",
    "test_a_diagram_is_drawn_with_its_source_at_hand",
    "test_the_saved_conversation_is_there_without_a_kernel_and_in_the_export",
)
"""What is tried in Notebook 7 too each time; the rest of it there is left to `-m slow`, as both share their parts."""
# One server and one Chromium serve all tests here, so all run on one loop.
_LOOP = pytest.mark.asyncio(loop_scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = missing_parts()
    for item in items:
        if HERE not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if "[notebook]" in item.name and item.function.__name__ not in IN_BOTH:  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.slow)
        item.add_marker(_LOOP, append=False)
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def theatre() -> AsyncIterator[Gateway]:
    async with Gateway(Stage()) as gateway:
        yield gateway


@pytest_asyncio.fixture(loop_scope="session")
async def stage(theatre: Gateway) -> Stage:
    engine = theatre.engine
    assert isinstance(engine, Stage)
    engine.clear()
    return engine


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(theatre: Gateway, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    folder = tmp_path_factory.mktemp("jupyter")
    environment = {
        "G4F_MAGIC_HISTORY": str(folder / "history.sqlite"),
        "G4F_MAGIC_BASE_URL": theatre.base_url,
        "G4F_MAGIC_PROVIDER": "koala",
        "G4F_MAGIC_ENGINE": "script",
    }
    async with jupyter(folder, **environment) as server, chromium() as context:
        yield Desk(server, context)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def bare() -> AsyncIterator[BarePage]:
    """One page for all panels of a module that need no front end."""
    async with chromium() as context, bare_page(context) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def session(theatre: Gateway, tmp_path: Path) -> AsyncIterator[Session]:
    history = str(tmp_path / "history.sqlite")
    session = Session(Settings(history=history, base_url=theatre.base_url, provider="koala"), notebook="book")
    yield session
    await session.aclose()


@pytest_asyncio.fixture(loop_scope="session")
async def shown(bare: BarePage, session: Session, stage: Stage) -> AsyncIterator[tuple[BarePanel, Panel]]:
    """A panel in the bare page: the kernel's side, and what a person sees."""
    async with bare.shows(session) as both:
        yield both


@pytest.fixture(params=["lab", "notebook"])
def front_end(request: pytest.FixtureRequest) -> FrontEnd:
    return request.param  # type: ignore[no-any-return]
