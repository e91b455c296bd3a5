"""The pages that a reply refers to, wherever a service puts them. No I/O.

Lists of addresses or of objects, beside the choices or in a message: `citations`, `search_results` (Perplexity),
`annotations` with `url_citation` (OpenAI, OpenRouter), `sources`, `web_search` (Zhipu), `search_info` (DashScope),
`groundingMetadata` (Gemini).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from g4f_magic.chunks import Citations
from g4f_magic.messages import Citation
from g4f_magic.secret import cut
from g4f_magic.visible import make_visible

MOST = 100
"""Citations of one reply; research services come near to that, and `[87]` is to find its page."""

_LONGEST_URL = 2_000
_LONGEST_TITLE = 200
_URL = re.compile(r"https?://(?![^/?#]*@)[^\s<>\"'`\\]+", re.IGNORECASE)
"""Without a user before the host, which would make an address look like another's."""
_MOST_DEPTH = 4

FIELDS = frozenset(
    {"citations", "search_results", "annotations", "sources", "web_search", "search_info", "references"}
    | {"groundingMetadata", "grounding_metadata", "groundingChunks", "grounding_chunks"}
)
"""Where services put them."""

_INSIDE = ("url_citation", "web", "citation", "source", *sorted(FIELDS), "results")
"""What an object that is no citation itself may hold one in, or a list of them."""


class Citing:
    """The pages that one reply refers to, in their order, each once."""

    def __init__(self) -> None:
        self._titles: dict[str, str] = {}

    def take(self, value: Mapping[str, Any]) -> None:
        """Take what an object of the stream has in any of `FIELDS`; most have nothing."""
        for name in FIELDS & value.keys():
            for url, title in _found(value[name], _MOST_DEPTH):
                if url in self._titles or len(self._titles) < MOST:
                    self._titles[url] = self._titles.get(url) or title

    def take_list(self, values: Any) -> None:
        """Take a list of them."""
        self.take({"citations": values})

    def chunks(self) -> Iterator[Citations]:
        """Yield them, where there are any."""
        if self._titles:
            yield Citations(tuple(Citation(url, title) for url, title in self._titles.items()))


def _found(value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield addresses and titles; what is no address of a page is passed over."""
    if isinstance(value, str):
        if len(value) <= _LONGEST_URL and _URL.fullmatch(value) and make_visible(value) == value:
            yield value, ""
    elif isinstance(value, list):
        for one in value[: 4 * MOST] if depth else ():
            yield from _found(one, depth - 1)
    elif isinstance(value, dict) and depth:
        url = next(
            (value[name] for name in ("url", "uri", "link", "href") if isinstance(value.get(name), str)), ""
        )
        if url:
            title = next((value[name] for name in ("title", "name") if isinstance(value.get(name), str)), "")
            for address, _ in _found(url, depth):
                yield address, _line(title)
            return
        for name in _INSIDE:
            if name in value:
                yield from _found(value[name], depth - 1)


def _line(title: str) -> str:
    line = " ".join(make_visible(title).split())
    return cut(line, _LONGEST_TITLE)
