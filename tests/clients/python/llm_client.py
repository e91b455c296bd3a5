"""The command-line client `llm`, by its library, with a model of its own configuration."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import cases

FOLDER = tempfile.TemporaryDirectory()
os.environ["LLM_USER_PATH"] = FOLDER.name
Path(FOLDER.name, "extra-openai-models.yaml").write_text(
    "".join(
        f"- model_id: {name}\n  model_name: {name}\n  api_base: {cases.BASE_URL}\n  api_key_name: gateway\n"
        f"  supports_tools: true\n  supports_schema: true\n  responses: {str(cases.IS_RESPONSES).lower()}\n  vision: true\n"
        for name in (cases.MODEL, "gpt-9")
    )
)

import llm  # noqa: E402 - it reads its folder when it is imported


def ask(prompt="Hello", key=cases.KEY, name=cases.MODEL, stream=False, **given):
    return llm.get_model(name).prompt(prompt, key=key, stream=stream, **given)


def whole():
    reply = ask()
    return [reply.text(), reply.response_json["model"], reply.usage().input + reply.usage().output]


def streamed():
    return "".join(ask(stream=True))


def wrong_key():
    ask(key="wrong").text()


def wrong_model():
    ask(name="gpt-9").text()


def bad_request():
    ask("Too long").text()


def tools():
    return (
        llm.get_model(cases.MODEL)
        .chain("Weather in Paris?", tools=[cases.weather], key=cases.KEY, stream=False)
        .text()
    )


def tools_streamed():
    return llm.get_model(cases.MODEL).chain("Weather in Paris?", tools=[cases.weather], key=cases.KEY).text()


def structured():
    return ask(schema=cases.SCHEMA).text()


def picture():
    return ask("Look", attachments=[llm.Attachment(type="image/png", content=cases.PICTURE_BYTES)]).text()


cases.run(whole, streamed, wrong_key, wrong_model, bad_request, tools, tools_streamed, structured, picture)
