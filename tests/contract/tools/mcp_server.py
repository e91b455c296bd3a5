"""A real MCP server over standard input and output, for the tests: a shop."""

from __future__ import annotations

import os
import sys
import time

try:
    from mcp.server.mcpserver import MCPServer as Server
except ImportError:  # mcp 1
    from mcp.server.fastmcp import FastMCP as Server  # type: ignore[no-redef, import-not-found, unused-ignore]

server = Server("shop")


@server.tool()
def price(item: str) -> str:
    """Look up a price."""
    if item == "gold":
        raise ValueError("no gold here")
    print("to the log", file=sys.stderr)
    return f"{item}: 3 {os.environ.get('CURRENCY', '')}"


@server.tool()
def sleeps() -> str:
    """Take long."""
    time.sleep(60)
    return "late"


if __name__ == "__main__":
    server.run()
