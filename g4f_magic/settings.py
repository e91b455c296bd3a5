"""Every setting, its default and its environment variable. The only reader of `os.environ`, but for `secret`, which looks for
what it has to hide.

What counts, strongest first: an option of the cell, `%config ChatMagics.name = value`, the variable
`G4F_MAGIC_NAME`, `ipython_config.py`, the default.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Enum, Float, Int, TraitError, Unicode
from traitlets.config import Configurable

from g4f_magic.errors import InputError

if TYPE_CHECKING:  # `%load_ext` needs none of it
    from g4f_magic.secret import Address

FORCED_MODE, FORCED_CASSETTE = "G4F_MAGIC_FORCED_MODE", "G4F_MAGIC_FORCED_CASSETTE"
"""Variables that hold for all that asks in a process, whatever it sets itself; read with each question."""
FORCED_TOOLS = "G4F_MAGIC_RUN_TOOLS"
"""A variable that has a replay run the functions that were recorded, and compare what they give."""
AUTO = "auto"
"""The provider that stands for whoever is there: see `answering.auto`."""
BEFORE_AUTO = "koala"
"""The provider that a cell without a name meant before there was `auto`: recordings of then are keyed by it."""
_PREFIX = "G4F_MAGIC_"


class _AddressTrait(Unicode):  # type: ignore[type-arg]  # older traitlets are not generic
    """A URL whose password does not show, not in `%config ChatMagics` either."""

    def validate(self, obj: Any, value: Any) -> Address:
        from g4f_magic.secret import Address

        return Address(super().validate(obj, value))


class Settings(Configurable):
    """What a person can set, with the values in force."""

    provider = Unicode(
        AUTO,
        help=(
            "Who answers where a cell names nobody: auto (what you connected, else a model that is found on this "
            "machine), a provider, a chain of them, or the address of a server."
        ),
    ).tag(config=True)
    model = Unicode("", help="The model where a cell names none; empty: the provider's own default.").tag(
        config=True
    )
    system = Unicode("", help="The system prompt where a cell gives none.").tag(config=True)
    base_url = _AddressTrait(
        "",
        help=(
            "Another address for the provider that is set here; with auto, that of an OpenAI-compatible server. "
            "A cell that names another provider is not sent there."
        ),
    ).tag(config=True)
    proxy = _AddressTrait(
        "",
        help=(
            "An HTTP or SOCKS proxy, as a URL, for every host but this machine; none: no proxy; empty: what "
            "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say."
        ),
    ).tag(config=True)
    ca_file = Unicode(
        "",
        help=(
            "Certificates (PEM), a file or a folder, to trust besides the system's own or those that SSL_CERT_FILE, "
            "SSL_CERT_DIR, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE name: a company's. Checking is never off."
        ),
    ).tag(config=True)
    chains = Dict(
        value_trait=Unicode(),
        key_trait=Unicode(),
        help="Names for chains of providers that are asked in turn: {'work': 'groq,openai:gpt-4o-mini'}.",
    ).tag(config=True)
    cookies = Unicode(
        "", help="File or folder with cookies exported from a browser; empty: `cookies` in the data folder."
    ).tag(config=True)
    timeout_seconds = Float(
        None,
        allow_none=True,
        help="Give up when nothing has come for this many seconds; None: the provider's own limit.",
    ).tag(config=True)
    engine = Unicode(
        "auto",
        help=(
            "What answers in the local gateway: auto (a model that is found, else the guide), guide, "
            "local (a model file of this machine), upstream, or script."
        ),
    ).tag(config=True)
    upstream = _AddressTrait("", help="Base URL of the OpenAI-compatible server behind the gateway.").tag(
        config=True
    )
    upstream_model = Unicode("", help="The model to ask that server for; empty: the first that chats.").tag(
        config=True
    )
    models_folder = Unicode(
        "", help="A folder of model files (.gguf) for --provider local; it is looked in first."
    ).tag(config=True)
    local_models = Bool(
        True, help="Whether a model file of this machine may answer where nobody chose who does."
    ).tag(config=True)
    history = Unicode("", help="File that keeps the turns; `off`: memory alone; empty: the data folder.").tag(
        config=True
    )
    keep_days = Int(
        None,
        allow_none=True,
        min=1,
        help="For how many days turns are kept: older ones are deleted for good when a kernel first chats; None: for ever.",
    ).tag(config=True)
    mode = Enum(
        ["live", "record", "replay", "auto"],
        "live",
        help=(
            "Where replies come from: live; record (live, and written beside the notebook); replay (what was "
            "recorded, nothing is sent); auto (replayed where held, else live and recorded)."
        ),
    ).tag(config=True)
    cassette = Unicode(
        "", help="The file with the recorded replies; empty: NOTEBOOK.chat.jsonl beside the notebook."
    ).tag(config=True)
    pace = Enum(
        ["auto", "real", "fast"],
        "auto",
        help="How a recorded reply streams: real (in its own time), fast, or auto (fast where nobody watches).",
    ).tag(config=True)
    record_errors = Bool(False, help="Record failures, too.").tag(config=True)
    context_turns = Int(
        None, allow_none=True, help="Most turns of the conversation that are sent along; None: all."
    ).tag(config=True)
    context_tokens = Int(
        None, allow_none=True, help="Most tokens of the conversation that are sent along, roughly; None: all."
    ).tag(config=True)
    budget = Float(
        None,
        allow_none=True,
        min=0,
        help="The most dollars that this kernel may spend: what may cost more is refused before it is sent. None: no limit.",
    ).tag(config=True)
    ask_above = Int(
        1_000,
        min=0,
        help="With --each: above how many requests the person is asked before they are sent.",
    ).tag(config=True)
    ask_above_dollars = Float(
        1.0,
        min=0.0,
        help="With --each: above what the requests may cost, roughly, the person is asked before they are sent.",
    ).tag(config=True)
    tool_rounds = Int(
        8, min=1, help="With --tools: how many times a model is answered with results before the cell fails."
    ).tag(config=True)
    tool_repeats = Int(
        3, min=1, help="With --tools: how many times the same call runs for one question."
    ).tag(config=True)
    tool_seconds = Float(30.0, min=0.01, help="With --tools: how many seconds one call may take.").tag(
        config=True
    )
    tool_characters = Int(
        8_000, min=100, help="With --tools: how many characters of a result go back to the model."
    ).tag(config=True)
    longest_reply = Int(
        5_000_000,
        allow_none=True,
        min=1,
        help="After how many characters, the reasoning's included, a reply is ended and kept; None: no limit.",
    ).tag(config=True)
    frames_per_second = Float(15.0, min=1.0, max=30.0, help="How often a streaming reply is painted.").tag(
        config=True
    )
    preload = Bool(
        True, help="Import what the first chat needs once the kernel is idle, so that it answers at once."
    ).tag(config=True)
    panel = Enum(
        ["auto", "widget"],
        "auto",
        help=(
            "Whether the panel is a widget: auto (where a page is known to show it), or widget (always: for front ends "
            "that show widgets and do not tell which cell runs)."
        ),
    ).tag(config=True)
    remote_images = Bool(False, help="Load the images that a reply names, instead of linking to them.").tag(
        config=True
    )

    share = Enum(
        ["names", "schema", "sample", "all"],
        "sample",
        help=(
            "The most that is shared of what a prompt names or takes along: names (and types), schema (the structure, "
            "no value), sample (a few rows or items), or all. Nothing exceeds it; df|schema asks for less."
        ),
    ).tag(config=True)
    hint_on_error = Bool(
        False, help="Say under a cell that failed that `%chat explain` and `%chat fix` look at the error."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**_from_environment(type(self)), **kwargs})

    @property
    def default(self) -> tuple[str, str]:
        """Return who answers where a cell names nobody, and at which address; an address alone is an OpenAI-compatible server."""
        from g4f_magic.secret import Address

        named = self.provider.strip() or AUTO
        return ("openai", Address(named)) if "://" in named else (named, self.base_url)

    @property
    def history_file(self) -> Path | None:
        """Return the file that keeps the turns, or None for memory alone."""
        if self.history.lower() == "off":
            return None
        return home_path(self.history) if self.history else data_folder() / "history.sqlite"

    @property
    def mode_in_force(self) -> str:
        """Return where replies come from: what is said for the whole process counts before what is set here."""
        return environment(FORCED_MODE) or self.mode

    def mode_of(self, wanted: str) -> str:
        """Return where a reply is to come from that is `wanted` from there; empty: where replies come from.

        Raises:
            InputError: something would be sent while nothing is.
        """
        in_force = self.mode_in_force
        if in_force == "replay" and wanted not in ("", "replay"):
            raise InputError("the mode is replay: nothing is sent", hint="%chat mode live comes first.")
        return wanted or in_force

    @property
    def runs_tools(self) -> bool:
        """Say whether a replay runs functions again, to compare what they give: `check --run --run-tools` asks for that."""
        return bool(environment(FORCED_TOOLS))

    @property
    def cassette_path(self) -> Path | None:
        """Return the file with the recorded replies where the person names one, or one is named for the process."""
        if forced := environment(FORCED_CASSETTE):
            return Path(forced)
        return home_path(self.cassette).absolute() if self.cassette else None

    @property
    def ca_path(self) -> str | None:
        """Return the file of additional certificates to trust, if one is set."""
        return str(home_path(self.ca_file)) if self.ca_file else None

    @property
    def cookie_path(self) -> Path:
        """Return the file or folder where exported cookies are looked for."""
        return cookie_path(self.cookies) if self.cookies else data_folder() / "cookies"


def _from_environment(cls: type[Settings]) -> dict[str, Any]:
    """Return the settings that the environment gives.

    Raises:
        InputError: a variable's value does not fit.
    """
    found: dict[str, Any] = {}
    if not any(name.startswith(_PREFIX) for name in os.environ):
        return found
    for name, trait in Settings.class_traits(config=True).items():
        text = os.environ.get(_PREFIX + name.upper())
        if not text:  # a variable that is empty says nothing: so CI writes one that is not given
            continue
        try:
            found[name] = trait.from_string(text)
            if isinstance(trait, Enum):  # it takes any text for a value, until it is set
                trait.validate(None, found[name])
        except (TraitError, ValueError) as exc:
            variable = _PREFIX + name.upper()
            hint = (
                f"It is one of {', '.join(trait.values or ())}."
                if isinstance(trait, Enum)
                else str(trait.help)
            )
            raise InputError(f"{variable}={text!r} does not fit", hint=hint) from exc
    return found


def home_path(name: str) -> Path:
    """Return a path as the person wrote it, `~` filled in; that of a person who is not there stays as it is."""
    return Path(name if "\0" in name else os.path.expanduser(name))


def cookie_path(name: str) -> Path:
    """Return the path of a file or folder of exported cookies as the person wrote it."""
    return home_path(name)


def data_folder() -> Path:
    """Return the folder of this person's chats on this platform; it need not exist yet, nor can it for who has no home."""
    import platformdirs

    try:
        folder = platformdirs.user_data_dir("g4f_magic", appauthor=False)
    except RuntimeError:
        folder = "g4f_magic"
    return Path("/nonexistent", folder)  # never in a notebook's, where it would be whoever's made that one


def models_file() -> Path:
    """Return the file that keeps what models the services offer."""
    return data_folder() / "cache" / "models.json"


def ways_file() -> Path:
    """Return the file that keeps how services take the schema of a typed reply."""
    return data_folder() / "cache" / "schemas.json"


def prices_file() -> Path:
    """Return the file that keeps prices newer than those that are shipped."""
    return data_folder() / "cache" / "prices.jsonl"


def environment(name: str) -> str:
    """Return a variable that others define (`OPENAI_API_KEY`, `JPY_SESSION_NAME`), empty where it is not set."""
    return os.environ.get(name, "")
