"""OpenAI's own client, before a real model that it does not name."""

from __future__ import annotations

import cases
import openai
from pydantic import BaseModel


class Wet(BaseModel):
    is_wet: bool


def create(method="create", **given):
    client = openai.OpenAI(base_url=cases.BASE_URL, api_key=cases.KEY, max_retries=0)
    return getattr(client.chat.completions, method)(model="", messages=cases.HELLO, temperature=0, **given)


def whole():
    completion = create(max_tokens=4)
    choice = completion.choices[0]
    return [choice.message.content, choice.finish_reason, completion.usage.completion_tokens]


def streamed():
    chunks = list(create(max_completion_tokens=4, stream=True))
    return [len([chunk for chunk in chunks if chunk.choices[0].delta.content]), chunks[0].model]


def structured():
    return create("parse", response_format=Wet).choices[0].message.parsed.model_dump()


cases.run(whole, streamed, structured)
