"""The table of `%chat` subcommands: what each entry of it makes true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic import registry
from g4f_magic.commands import is_waiting
from g4f_magic.commands.status import TOPICS, group_page, overview
from g4f_magic.errors import ChatError, InputError
from g4f_magic.session import Session
from g4f_magic.settings import Settings
from g4f_magic.subcommand import Given, Group, Subcommand, Takes
from tests.named import named

ALL = [command for group in registry.groups() for command in group]
BY_NAME = pytest.mark.parametrize("command", ALL, ids=lambda command: command.name or "alone")


def test_each_is_found_by_its_name() -> None:
    for command in ALL:
        with named(command.name):
            assert registry.find(f"{command.name} ") == (command, [])


def test_the_help_has_a_line_for_each() -> None:
    for command in ALL:
        with named(command.name):
            assert f"| `{command.usage}` | {command.help} |" in "\n".join(map(group_page, TOPICS))
            assert command.name.count(" ") or f"`{command.name or '%chat'}`" in overview()


def test_each_group_belongs_to_a_word_of_the_help() -> None:
    assert {group.topic for group in registry.groups()} == TOPICS.keys()


def test_each_says_more_of_itself() -> None:
    for command in ALL:
        with named(command.name):
            assert command.details.endswith(".")
            assert "session" not in command.details


def test_what_each_takes_is_written_as_it_is_shown() -> None:
    for command in ALL:
        with named(command.name):
            assert command.usage.startswith("%chat")
            assert "  " not in command.usage


@BY_NAME
@given(words=st.lists(st.text() | st.sampled_from(["--all", "-n", "3", "--yes", "start", "koala"])))
def test_any_words_are_read_or_refused_in_our_words(command: Subcommand, words: list[str]) -> None:
    try:
        command.takes.read(command.name, words)
    except ChatError as exc:
        assert str(exc)
        assert exc.hint


def test_words_and_options_arrive_in_any_order() -> None:
    takes = Takes("TURN [REVISION] [-n N] [--all]")
    assert takes.read("x", ["-n", "5", "1", "--all", "-2"]) == Given(("1", "-2"), {"-n": "5", "--all": ""})
    given = takes.read("x", ["1", "-n", "5"])
    assert (given.word(), given.word(1), given.number("-n"), "--all" in given) == ("1", "", 5, False)


def test_a_comment_behind_a_subcommand_is_no_word_of_it() -> None:
    assert Takes("[live|record]").read("mode", ["record", "#", "run", "it", "once"]) == Given(("record",))
    assert Takes("WORDS...").read("search", ["issue", "#", "12"]).words == ("issue", "#", "12")


@pytest.mark.parametrize(
    ("takes", "words", "message", "hint"),
    [
        ("NAME", [], "%chat x wants more: NAME", "Write %chat x NAME."),
        ("NAME", ["a", "b"], "too many words", "Write %chat x NAME."),
        ("", ["a"], "too many words", "Write %chat x."),
        ("WORDS...", [], "%chat x wants more: WORDS", "Write %chat x WORDS."),
        ("[start|stop|status]", ["begin"], "does not know 'begin'", "Write %chat x start, stop or status."),
        ("[--all] [-n N]", ["--al"], "no option '--al'", "It has --all, -n."),
        ("", ["--al=l"], "no option '--al'", "It has none."),
        ("[-n N]", ["-n", "many"], "-n many: not a number", "Write -n 5."),
        ("[--to FILE]", ["--to"], "--to has no value", "Write %chat x [--to FILE]."),
        ("[NAME]", [""], "an empty word", "Write %chat x [NAME]."),
        ("[NAME]", ["--api-key=abc"], "a key must not stand in the notebook", "login"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_way_out(
    takes: str, words: list[str], message: str, hint: str
) -> None:
    with pytest.raises(InputError) as caught:
        Takes(takes).read("x", words)
    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert "abc" not in str(caught.value) + caught.value.hint


def test_all_that_follows_is_left_as_it_stands() -> None:
    assert Takes("WORDS...").read("search", ["-x", "--yes", "a b"]).words == ("-x", "--yes", "a b")


def test_an_entry_that_cannot_be_read_is_a_fault_of_its_author() -> None:
    with pytest.raises(ValueError, match="cannot take"):
        Takes("[NAME=VALUE]")


def test_a_name_of_two_words_is_a_subcommand_of_its_own() -> None:
    assert registry.find("cassette check now")[0].name == "cassette check"
    assert registry.find("cassette talk.jsonl") == (registry.subcommands()["cassette"], ["talk.jsonl"])


def test_an_alias_is_the_same_subcommand() -> None:
    group = Group("Tests")

    @group.entry("first", "one", aliases=("other",))
    async def first(session: object, given: Given) -> None:
        """Do nothing."""

    (command,) = group
    assert (command.name, command.aliases, command.details) == ("first", ("other",), "Do nothing.")


@pytest.mark.parametrize(
    ("line", "waits"),
    [("gateway", True), ("login koala", True), ("use koala", False), ("", False), ("'open", False)],
)
def test_only_what_asks_somebody_waits(line: str, waits: bool) -> None:
    assert is_waiting(line) is waits


def test_one_that_is_nearly_right_names_the_right_one() -> None:
    with pytest.raises(InputError) as caught:
        registry.find("histroy")
    assert caught.value.hint.startswith("Did you mean history? %chat help shows all.")


@pytest.mark.parametrize("line", ["hello, how are you?", "what's that?", '"hello'])
def test_who_asks_behind_it_is_told_of_ask(line: str) -> None:
    with pytest.raises(InputError, match="no subcommand") as caught:
        registry.find(line)
    assert "%ask and your question" in caught.value.hint


def test_an_open_quote_after_a_subcommand_is_told() -> None:
    with pytest.raises(InputError, match="quote"):
        registry.find("use 'koala")


def test_a_key_on_the_line_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        registry.find("sk-proj-0123456789abcdefghijklmnop")
    assert "0123456789" not in str(caught.value) + caught.value.hint


def test_half_of_a_name_of_two_words_is_told_the_other_half() -> None:
    with pytest.raises(InputError, match="%chat local does not say what") as caught:
        registry.find("local")
    assert "%chat local pull" in caught.value.hint


@pytest.mark.parametrize("name", ["local", "local pull", "cassette", "fork"])
async def test_the_help_of_one_shows_how_it_is_written(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    help_ = registry.subcommands()["help"]
    await help_.run(Session(Settings(history="off")), Given(tuple(name.split())))
    shown = capsys.readouterr().out
    assert f"%chat {name}" in shown
    assert ("cassette prune" in shown) is (name == "cassette")
