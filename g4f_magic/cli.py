"""The command line: each subcommand is one function that adds its options, and one that runs it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TypeAlias

from g4f_magic import __version__
from g4f_magic.errors import ChatError
from g4f_magic.settings import Settings
from g4f_magic.visible import make_visible

Parsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for an error, 2 for wrong options."""
    parser = argparse.ArgumentParser(
        prog="g4f_magic", description="Chat with language models as a native part of notebooks."
    )
    parser.add_argument("--version", action="version", version=f"g4f_magic {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except ChatError as exc:
        print(f"{type(exc).__name__}: {exc}", *filter(None, [exc.hint]), sep="\n", file=sys.stderr)
        return 1


def add_serve(commands: Parsers) -> None:
    """Add `serve`."""
    parser = commands.add_parser(
        "serve",
        help="run the gateway by itself",
        description="Speak the providers' protocols and OpenAI's on this machine, until Ctrl-C.",
    )
    parser.add_argument("--port", type=_port, default=0, help="the port (default: any free one)")
    parser.add_argument("--host", default="127.0.0.1", help="the address (default: %(default)s)")
    parser.add_argument("--token", help="what keeps others out (default: a random one)")
    parser.add_argument("--engine", help="what answers: auto, guide, upstream or script")
    parser.add_argument("--upstream", metavar="URL", help="base URL of an OpenAI-compatible server")
    parser.add_argument("--model", help="the model to ask there (default: its first)")
    parser.set_defaults(run=lambda options: asyncio.run(_serve(options)))


async def _serve(options: argparse.Namespace) -> int:
    from g4f_magic.gateway import Gateway, choose_engine

    given = {"engine": options.engine, "upstream": options.upstream, "upstream_model": options.model}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if options.upstream and options.engine is None:
        settings.engine = "upstream"
    engine = await choose_engine(settings)
    gateway = Gateway(engine, host=options.host, port=options.port, token=options.token)
    stop = _on_signals()
    async with gateway:
        if not gateway.is_loopback:
            print(
                f"Warning: {options.host} is not a loopback address. Whoever can reach this machine and "
                "knows the token can use the gateway; nothing is encrypted.",
                file=sys.stderr,
            )
        print(make_visible(_usage_of(gateway.base_url, gateway.token, engine.label)), flush=True)
        await stop.wait()
    print("Stopped.", flush=True)
    return 0


def _on_signals() -> asyncio.Event:
    """Return an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


def _usage_of(base_url: str, token: str, label: str) -> str:
    origin = base_url.rpartition("/")[0]
    return (
        f"Gateway: {base_url}\n"
        f"Answers: {label}\n\n"
        f"In a notebook:    %%chat --provider koala --base-url {base_url}\n"
        f"OpenAI's clients: base URL {origin}/v1, API key {token}\n"
        f'curl:             curl {base_url}/v1/chat/completions -H "Content-Type: application/json" '
        '-d \'{"model": "", "messages": [{"role": "user", "content": "Hello"}]}\'\n\n'
        "Ctrl-C stops it."
    )


def add_check(commands: Parsers) -> None:
    """Add `check`."""
    parser = commands.add_parser(
        "check",
        help="say whether notebooks' recordings hold",
        description="Say whether the recorded replies of notebooks answer their chat cells; exit status 1 if not.",
    )
    parser.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="an .ipynb file")
    parser.add_argument(
        "--run", dest="is_run", action="store_true", help="run them in replay, and compare what they show"
    )
    parser.add_argument("--cassette", metavar="FILE", help="the recordings (default: beside the notebook)")

    def run(options: argparse.Namespace) -> int:
        from g4f_magic.check.report import check

        return check(options.notebooks, cassette=options.cassette, is_run=options.is_run)

    parser.set_defaults(run=run)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port: 0 to 65535")
    return number


def add_doctor(commands: Parsers) -> None:
    """Add `doctor`."""
    parser = commands.add_parser(
        "doctor",
        help="look at the set-up",
        description="Show each provider with its key, whether it is reached, and what to do. Nothing secret is shown.",
    )
    parser.add_argument("--online", action="store_true", help="ask the services outside, too")
    parser.set_defaults(run=lambda options: asyncio.run(_examine(is_online=options.online)))


async def _examine(*, is_online: bool) -> int:
    from g4f_magic.commands.doctor import to_markdown
    from g4f_magic.commands.output import write
    from g4f_magic.doctor import examine
    from g4f_magic.session import Session

    session = Session()
    try:
        write(to_markdown(await examine(session, is_online=is_online)))
    finally:
        await session.aclose()
    return 0


COMMANDS: tuple[Callable[[Parsers], None], ...] = (add_serve, add_check, add_doctor)
"""What adds a subcommand, in the order of the help."""
