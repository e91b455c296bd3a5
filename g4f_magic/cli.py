"""The command line: each subcommand is one function that adds its options, and one that runs it."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from g4f_magic import __version__
from g4f_magic.errors import ChatError
from g4f_magic.secret import redact
from g4f_magic.settings import Settings
from g4f_magic.visible import make_visible

if TYPE_CHECKING:
    from g4f_magic.providers.openai import OpenAI
    from g4f_magic.secret import Secret

_STOPPED = 130
"""What a shell makes of SIGINT."""

Parsers: TypeAlias = "argparse._SubParsersAction[_Parser]"


class _Parser(argparse.ArgumentParser):
    """Repeats in its errors what was given, which may be the names of files in somebody else's folder."""

    def error(self, message: str) -> NoReturn:
        """End the program with the usage and the message, on one line of signs that no terminal obeys."""
        super().error(" ".join(make_visible(redact(message)).split()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 1 for an error, 2 for wrong options, 130 where it was stopped."""
    _write_anything()
    parser = _Parser(prog="g4f-magic", description="Chat with language models as a native part of notebooks.")
    parser.add_argument("--version", action="version", version=f"g4f_magic {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in COMMANDS:
        add(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except ChatError as exc:
        return _failed(f"{type(exc).__name__}: {exc}", exc.hint)
    except KeyboardInterrupt:
        return _failed("Stopped.", code=_STOPPED)
    except BrokenPipeError:  # whoever read the output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python complains when it flushes
        return 1
    except OSError as exc:
        about = f" ({exc.filename})" if exc.filename else ""
        return _failed(f"{exc.strerror or exc}{about}", "Look at the file, folder or port that was named.")
    except Exception as exc:  # a fault of ours: said in two lines, and whole in development mode
        if sys.flags.dev_mode:
            raise
        return _failed(
            f"{type(exc).__name__}: {exc}",
            "This is a fault of g4f_magic; please report it. `python -X dev -m g4f_magic ...` shows where.",
        )


def _failed(what: str, hint: str = "", *, code: int = 1) -> int:
    print(*(make_visible(redact(line)) for line in (what, hint) if line), sep="\n", file=sys.stderr)
    return code


def _write_anything() -> None:
    """Let texts out that the terminal's encoding does not have, names of files among them, as escapes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


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
    parser.add_argument("--engine", help="what answers: auto, guide, local, upstream or script")
    parser.add_argument("--upstream", metavar="URL", help="base URL of an OpenAI-compatible server")
    parser.add_argument(
        "--model", help="the model to ask there where none is named (default: the first that it lists)"
    )
    parser.add_argument(
        "--alias",
        type=_alias,
        action="append",
        default=[],
        metavar="NAME=MODEL",
        help="a further name of a model; may be repeated",
    )
    parser.set_defaults(run=lambda options: asyncio.run(_serve(options)))


async def _serve(options: argparse.Namespace) -> int:
    from g4f_magic.gateway import Gateway, choose_engine

    given = {"engine": options.engine, "upstream": options.upstream, "upstream_model": options.model}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    if options.upstream and options.engine is None:
        settings.engine = "upstream"
    engine = await choose_engine(settings, key_of=_key_of)
    gateway = Gateway(
        engine, host=options.host, port=options.port, token=options.token, aliases=dict(options.alias)
    )
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


async def _key_of(provider: type[OpenAI], name: str) -> Secret | None:
    """Return the key that belongs where a provider is asked, from the environment or the keyring: no file here is read."""
    from g4f_magic.answering import keys
    from g4f_magic.answering.sign_in import destination_of

    key = await keys.look_up(name, provider.key_variables, None, destination_of(provider, name))
    return key.secret if key else None


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
    parser.add_argument(
        "notebooks", nargs="+", metavar="NOTEBOOK", help="an .ipynb file, or a text notebook (jupytext)"
    )
    parser.add_argument(
        "--run",
        dest="is_run",
        action="store_true",
        help="run them, all their code, in replay; compare what they show",
    )
    parser.add_argument(
        "--run-tools",
        dest="is_running_tools",
        action="store_true",
        help="with --run: run the functions of --tools again, too; fail where they give something else",
    )
    parser.add_argument("--cassette", metavar="FILE", help="the recordings (default: beside the notebook)")

    def run(options: argparse.Namespace) -> int:
        from g4f_magic.check.report import check

        if options.is_running_tools and not options.is_run:
            parser.error("--run-tools belongs to --run")
        return check(
            options.notebooks,
            cassette=options.cassette,
            is_run=options.is_run,
            is_running_tools=options.is_running_tools,
        )

    parser.set_defaults(run=run)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: 0 to 65535")
    return number


def _alias(text: str) -> tuple[str, str]:
    name, is_given, model = text.partition("=")
    if not (name and is_given and model):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=MODEL")
    return name, model


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


def add_autoload(commands: Parsers) -> None:
    """Add `autoload`."""
    parser = commands.add_parser(
        "autoload",
        help="load the extension in every notebook",
        description="Load the extension in every IPython and every notebook, without %load_ext. `off` ends that.",
    )
    parser.add_argument("state", nargs="?", choices=("on", "off"), default="on", help="on (default) or off")
    parser.add_argument("--profile", default="default", help="the IPython profile (default: %(default)s)")
    parser.set_defaults(run=_autoload)


def _autoload(options: argparse.Namespace) -> int:
    from g4f_magic import autoload

    if options.state == "off":
        was_on = autoload.turn_off(options.profile)
        print("Off: notebooks need %load_ext g4f_magic again." if was_on else "It was not on.")
        return 0
    file = autoload.turn_on(options.profile)
    print(make_visible(f"On: each new IPython and notebook loads g4f_magic ({file})."))
    print("`python -m g4f_magic autoload off` takes it out.")
    return 0


def add_try(commands: Parsers) -> None:
    """Add `try`."""
    parser = commands.add_parser(
        "try",
        help="open the first notebook, with a small model",
        description="Open JupyterLab with the first notebook; where no model is found, a small one is installed first.",
    )
    parser.add_argument("notebook", nargs="?", default="", help="another notebook to open")
    parser.add_argument("--no-browser", dest="opens", action="store_false", help="only say the address")

    def run(options: argparse.Namespace) -> int:
        from g4f_magic import trying

        return trying.begin(options.notebook, opens=options.opens)

    parser.set_defaults(run=run)


COMMANDS: tuple[Callable[[Parsers], None], ...] = (
    add_try,
    add_serve,
    add_check,
    add_doctor,
    add_autoload,
)
"""What adds a subcommand, in the order of the help."""
