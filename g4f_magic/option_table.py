"""The options of a chat cell, of the panel and of code: how each is written, read, offered and told. No I/O.

An option is one line here and one field of `Options`. The parser of a cell, its help, Tab, the fields of the panel, the
request, recordings, exported notebooks and docs/commands.md follow this table.
"""

from __future__ import annotations

from g4f_magic.format_table import BY_NAME
from g4f_magic.literals import params_of
from g4f_magic.options import (
    Option,
    PanelField,
    checked_address,
    checked_proxy,
    dollars_of,
    names_of,
    names_text,
    number_of,
    params_text,
    seconds_of,
    turns_and_tokens_of,
    turns_and_tokens_text,
    variable_of,
)

OPTIONS = (
    Option(
        names=("-p", "--provider"), fields=("provider",), help="who answers", value="NAME", offers="CHAIN"
    ),
    Option(
        names=("-m", "--model"),
        fields=("model",),
        help="which model of the provider",
        value="MODEL",
        offers="MODEL",
    ),
    Option(
        names=("-s", "--system"),
        fields=("system",),
        help="the system prompt: what the model is to be",
        value="TEXT",
        panel=PanelField("system", "System prompt", "For example: Be brief.", is_long=True),
    ),
    Option(
        names=("-t", "--temperature"),
        fields=("temperature",),
        help="randomness of the reply; 0 is the most predictable",
        value="NUMBER",
        read=float,
        panel=PanelField("temperature", "Temperature", "Empty: the service's own."),
    ),
    Option(
        names=("--max-tokens",),
        fields=("max_tokens",),
        help="the longest reply, in tokens",
        value="N",
        read=int,
        wanted="whole number",
        panel=PanelField("max_tokens", "Longest reply, in tokens", "Empty: the service's own."),
    ),
    Option(
        names=("--seed",),
        fields=("seed",),
        help="the same number gives the same reply again, where the service supports it",
        value="N",
        read=int,
        wanted="whole number",
        panel=PanelField("seed", "Seed", "A number for the same answer again. Empty: any."),
    ),
    Option(
        names=("--context",),
        fields=("context_turns", "context_tokens"),
        help="send at most N earlier turns along, or N tokens: 2000t",
        value="N",
        read=turns_and_tokens_of,
        write=turns_and_tokens_text,
        panel=PanelField(
            "context", "Earlier turns sent along", "6: six turns; 2000t: as many tokens. Empty: all."
        ),
    ),
    Option(
        names=("--param",),
        fields=("params",),
        help="another parameter of the service; repeatable",
        value="KEY=VALUE",
        read=params_of,
        write=params_text,
        is_repeated=True,
        panel=PanelField("more", "Further parameters, a line each", "For example: top_p=0.9", is_long=True),
    ),
    Option(
        names=("--base-url",),
        fields=("base_url",),
        help="another address of the service",
        value="URL",
        read=checked_address,
    ),
    Option(names=("--gateway",), fields=("is_local",), help="ask through the local gateway"),
    Option(
        names=("--proxy",),
        fields=("proxy",),
        help="an HTTP or SOCKS proxy, also to this machine; none: no proxy",
        value="URL",
        read=checked_proxy,
    ),
    Option(names=("--cookies",), fields=("cookies",), help="cookies exported from a browser", value="FILE"),
    Option(
        names=("--timeout",),
        fields=("timeout_seconds",),
        help="give up when nothing has come for this long",
        value="SECONDS",
        read=seconds_of,
        wanted="number of seconds above 0",
    ),
    Option(
        names=("-c", "--conversation"),
        fields=("conversation",),
        help="ask in another conversation of this notebook",
        value="NAME",
        offers="CONVERSATION",
    ),
    Option(
        names=("-w", "--with"),
        fields=("attached",),
        help="what goes along: a name, an expression, a file, @error, @out, @cells, @input; repeatable",
        value="WHAT",
        offers="WHAT",
        read=tuple,
        is_repeated=True,
    ),
    Option(
        names=("--dry-run",),
        fields=("is_dry_run",),
        help="show what would be sent, and send nothing",
        is_for_panel=False,
    ),
    Option(
        names=("--detail",),
        fields=("detail",),
        help="the resolution of pictures",
        value="DETAIL",
        choices=("low", "auto", "high"),
    ),
    Option(
        names=("--schema",),
        fields=("schema",),
        help='a typed reply: "label: good|bad, why: str", or the name of a class or of a JSON Schema',
        value="SCHEMA",
        offers="SCHEMA",
        is_for_panel=False,
    ),
    Option(
        names=("--schema-many",),
        fields=("is_schema_many",),
        help="a list of what --schema says",
        is_for_panel=False,
    ),
    Option(
        names=("--tools",),
        fields=("tools",),
        help="functions of the notebook that the model may ask for; each call is shown to you first",
        value="NAMES",
        read=names_of,
        write=names_text,
        offers="FUNCTION",
        panel=PanelField(
            "tools", "Functions that the model may ask for", "Their names: price, plot. Empty: none."
        ),
    ),
    Option(
        names=("--approve",),
        fields=("approve",),
        help="those of --tools that run without asking you",
        value="NAMES",
        read=names_of,
        write=", ".join,
        offers="FUNCTION",
        is_for_panel=False,
    ),
    Option(
        names=("--once",),
        fields=("is_once",),
        help="on its own: without the conversation, and not kept in it",
        is_for_panel=False,
    ),
    Option(
        names=("--budget",),
        fields=("budget",),
        help="refuse what may cost more than this, in dollars",
        value="DOLLARS",
        read=dollars_of,
        wanted="amount of dollars",
    ),
    Option(names=("--record",), fields=("mode",), help="record the reply beside the notebook", sets="record"),
    Option(
        names=("--replay",), fields=("mode",), help="show the recorded reply; nothing is sent", sets="replay"
    ),
    Option(
        names=("--pace",),
        fields=("pace",),
        help="how fast a recorded reply streams",
        value="PACE",
        choices=("real", "fast"),
    ),
    Option(names=("--record-errors",), fields=("record_errors",), help="with --record: record failures, too"),
    Option(
        names=("-o", "--out"),
        fields=("out",),
        help="keep the reply in this variable",
        value="NAME",
        read=variable_of,
        is_for_panel=False,
    ),
    Option(
        names=("--compare",),
        fields=("is_compared",),
        help="ask all that -p or -m names at once, a column each: -p groq,ollama",
        is_for_panel=False,
    ),
    Option(
        names=("--diff",),
        fields=("is_diff",),
        help="with --compare: show the words in which the others differ from the first",
        is_for_panel=False,
    ),
    Option(
        names=("--each",),
        fields=("each",),
        help="ask once for each row of a table or list: {{column}} is the row's own, {{item}} of a list",
        value="ROWS",
        offers="ROWS",
        is_for_panel=False,
    ),
    Option(
        names=("--first",),
        fields=("first",),
        help="with --each: the first N rows alone",
        value="N",
        read=number_of,
        wanted="whole number above 0",
        is_for_panel=False,
    ),
    Option(
        names=("--parallel",),
        fields=("parallel",),
        help="with --each: at most N requests at once; it finds its own level below that",
        value="N",
        read=number_of,
        wanted="whole number above 0",
        is_for_panel=False,
    ),
    Option(
        names=("--fresh",),
        fields=("is_fresh",),
        help="with --each: ask all anew, also what is answered already",
        is_for_panel=False,
    ),
    Option(
        names=("--keep-going",),
        fields=("keeps_going",),
        help="with --each: rows without an answer do not fail the cell",
        is_for_panel=False,
    ),
    Option(
        names=("--background",),
        fields=("is_background",),
        help="with --each: go on while other cells run; `await NAME` of --out gives the table",
        is_for_panel=False,
    ),
    Option(
        names=("-f", "--format"),
        fields=("format",),
        help="how the reply is shown",
        value="FORMAT",
        choices=tuple(BY_NAME),
        is_for_panel=False,
    ),
)
"""In the order of the help."""

PARAMETERS = {option.fields[0]: option for option in OPTIONS if option.is_parameter}
"""Those that are parameters of the service, by their names there."""
