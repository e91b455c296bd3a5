"""What kernel and page say to each other: custom messages of the widget, as types. Both sides follow this file.

Everything that is not a trait goes this way. A page holds no truth: it shows entries, it can ask for all of
them again at any time (`hello`), and it does so when a piece does not fit what it holds. So a page that is
reloaded, or a second one, comes back complete, and no text travels twice.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Do = Literal[
    "hello",  # a page is there: `page` names it
    "earlier",  # it wants the entries before `turn`
    "send",  # ask `text`; where a reply is under way, it waits for that
    "unqueue",  # `text` is the key of a `send` that waits: it is not to be asked
    "stop",
    "regenerate",  # ask the prompt of `turn` again, in its place
    "edit",  # ask `text` in place of `turn`
    "delete",  # take `turn` out of the conversation
    "source",  # give the Markdown of the reply of `turn`
    "sent",  # give all that was sent with the prompt of `turn`
    "attach",  # hold for a later `send` what `text` names, or the file `name` with its `data` in base64
    "attachable",  # give the names that can be attached, as JSON
    "revision",  # show the answer of `turn` that is `step` before or after the one that stands
    "undo",
    "redo",
    "find",  # give the ids of the turns that hold `text`, oldest first, as JSON
    "switch",  # to the conversation `text`; without a name, to a new one
    "rename",  # the conversation `name` to `text`
    "forget",  # the conversation `text`, for good
    "empty",  # the conversation that is shown
    "choose",  # `values`: what the person chose, by the names of `Choices`
    "models",  # list the provider's models
    "answer",  # the word `text` on the call whose `approve` has the key `name`
    "functions",  # give the functions of the notebook that a model could ask for, as JSON
    "variable",  # put the code `text` into the variable `name`
    "export",  # write a file of the kind `text`
]


class PageRequest(TypedDict):
    """What a page wants. One that comes twice with the same `key` is done once, and acknowledged each time."""

    do: Do
    key: str
    page: NotRequired[str]
    turn: NotRequired[str]
    text: NotRequired[str]
    name: NotRequired[str]
    step: NotRequired[int]
    values: NotRequired[dict[str, Any]]
    data: NotRequired[str]
    attached: NotRequired[list[str]]
    """With `send`: the keys of the requests that attached what goes along."""


class TurnEntry(TypedDict):
    """A turn as a page shows it. All HTML is cleaned; `prompt` and `error` are plain text."""

    id: str
    key: str
    """The request it comes from; empty where it does not come from a panel."""
    who: str
    """Who answers, as a person calls it."""
    model: str
    """The model that answers, where that is known."""
    at: float
    """When it was asked, in seconds since 1970."""
    prompt: str
    blocks: list[str]
    """The finished blocks of the reply."""
    tail: str
    """What is still open; empty once it is settled."""
    reasoning: list[str]
    calls: str
    """The functions that were asked for, folded, with what they gave; empty where there are none."""
    links: str
    """What the reply refers to: a list; empty where there is nothing."""
    status: str
    line: str
    """What it is: provider, model, way, duration."""
    error: str
    hint: str
    """What to do about the error."""
    is_told: bool
    """Whether more was sent than the prompt as it stands: `sent` gives it."""
    revision: int
    """Which of the answers at its place it is, counted from 1."""
    revisions: int


class Ack(TypedDict):
    """The kernel has heard a request."""

    kind: Literal["ack"]
    key: str


class TurnEntries(TypedDict):
    """The newest entries (`all`), or those before the ones that a page holds (`earlier`), for that page alone."""

    kind: Literal["all", "earlier"]
    page: str
    entries: list[TurnEntry]
    left: int
    """How many more there are before them."""


class Put(TypedDict):
    """An entry, and the one that it stands behind; None: it is the first of all."""

    after: str | None
    entry: TurnEntry


class EntriesChange(TypedDict):
    """What became different since the last message of this kind or of `all`."""

    kind: Literal["change"]
    removed: list[str]
    put: list[Put]


class OlderTurns(TypedDict):
    """All turns whose answers are older than what they build on: something above them has changed since."""

    kind: Literal["older"]
    turns: list[str]


class ReplyPiece(TypedDict):
    """The next piece of a reply that is under way."""

    kind: Literal["piece"]
    turn: str
    at: int
    """How many blocks went before these. A page that holds another number has missed something."""
    blocks: list[str]
    tail: NotRequired[str]
    """Takes the place of the tail."""
    code: NotRequired[str]
    """Goes to the end of the code that the tail shows."""
    code_at: NotRequired[int]
    """How many characters of such code went before."""
    thinking: NotRequired[str]
    """The last words of the reasoning, as plain text."""
    calls: NotRequired[str]
    """The functions that were asked for so far, in place of those that were told before."""
    note: NotRequired[str]
    """What happens meanwhile: "waiting 4 s before trying again"."""
    note_seconds: NotRequired[float]
    """How long that is to last; 0 where nobody knows."""


class Approval(TypedDict):
    """A call that waits for the person's word, as the Python that would run; with an empty key none does."""

    kind: Literal["approve"]
    key: str
    name: str
    code: str


class ReplySettled(TypedDict):
    """A reply has ended. Its blocks are given only where earlier ones have changed with its end."""

    kind: Literal["settled"]
    entry: dict[str, Any]
    at: int
    """How many blocks went before those of the entry: 0 gives all of them anew."""


class PageNotice(TypedDict):
    """Something to tell. A request that failed gives back what was written, so that it is not lost."""

    kind: Literal["notice"]
    key: str
    is_error: bool
    stays: bool
    """It concerns more than the last thing that was done: it stands until the person has read it."""
    text: str
    hint: str


class WaitingPrompt(TypedDict):
    """A question that waits for the reply before it."""

    key: str
    prompt: str
    attached: list[str]
    """What goes along, by its names."""


class PromptsWaiting(TypedDict):
    """All that wait, in their order."""

    kind: Literal["waiting"]
    prompts: list[WaitingPrompt]
    next: str
    """The key of the one that waited until now and is asked next; empty where none is."""


class Example(TypedDict):
    """A question that could be asked of the notebook as it is."""

    text: str
    attach: str
    """What is to go along, as `attach` names it; empty: nothing."""


class ExamplesHere(TypedDict):
    """What could be asked, for a conversation that is empty."""

    kind: Literal["examples"]
    examples: list[Example]


class ReplySource(TypedDict):
    """The Markdown of a reply, to be copied."""

    kind: Literal["source"]
    key: str
    text: str


class ChipAttached(TypedDict):
    """What a page attached is there, and what it is."""

    kind: Literal["attached"]
    key: str
    name: str
    about: str


class KeptOutput(TypedDict):
    """What one of the static outputs shows now: for pages that were loaded after these were made.

    A front end finds an output by its display id, and a page that is loaded anew knows no such ids.
    """

    kind: Literal["kept"]
    number: int
    html: str
    plain: str


Said = (
    KeptOutput
    | Ack
    | TurnEntries
    | EntriesChange
    | OlderTurns
    | ReplyPiece
    | ReplySettled
    | PageNotice
    | ReplySource
    | PromptsWaiting
    | ExamplesHere
    | ChipAttached
    | Approval
)


def notice(key: str, text: str, hint: str = "", *, is_error: bool = False, stays: bool = False) -> PageNotice:
    """Return the message that tells something."""
    return {"kind": "notice", "key": key, "is_error": is_error, "stays": stays, "text": text, "hint": hint}
