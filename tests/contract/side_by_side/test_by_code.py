"""The same from Python code."""

from __future__ import annotations

import pytest

from g4f_magic import Chat
from g4f_magic.errors import InputError, ServiceError
from tests.contract.side_by_side.street import Street


async def test_code_gets_a_dict_of_those_that_answered(street: Street) -> None:
    await street.build("one", "I am one.")
    await street.build("broke", behaviour="402")
    chat = Chat(session=street.session)
    said = await chat.compare("Hello", ["one", "broke"])
    assert said == {"one": "I am one."}
    assert said["one"].provider == "one"
    assert [turn.reply for turn in chat.turns] == ["I am one."]


async def test_several_models_of_one_service(street: Street) -> None:
    await street.build("one", "I am one.", models=("a", "b"))
    said = await Chat("one", session=street.session).compare("Hello", models=["a", "b"])
    assert {name: reply.model for name, reply in said.items()} == {"one:a": "a", "one:b": "b"}


async def test_values_of_a_schema(street: Street) -> None:
    await street.build("one", '{"n": 1}')
    await street.build("two", '{"n": 2}')
    chat = Chat(session=street.session)
    said = await chat.compare("How many {{what}}?", ["one", "two"], schema="n: int", names={"what": "cats"})
    assert {name: dict(value) for name, value in said.items()} == {"one": {"n": 1}, "two": {"n": 2}}


async def test_it_fails_where_none_answers_and_where_there_is_nothing_to_compare(street: Street) -> None:
    await street.build("broke", behaviour="402")
    await street.build("shut", behaviour="401")
    with pytest.raises(ServiceError, match="none of 2"):
        await Chat(session=street.session).compare("Hello", ["broke", "shut"])
    with pytest.raises(InputError, match="two or more"):
        await Chat(session=street.session).compare("Hello", ["broke"])
