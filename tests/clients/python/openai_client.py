"""OpenAI's own client."""

from __future__ import annotations

import cases
import openai
from pydantic import BaseModel


class Weather(BaseModel):
    city: str
    degrees: int


def client(key: str = cases.KEY) -> openai.OpenAI:
    return openai.OpenAI(base_url=cases.BASE_URL, api_key=key, max_retries=0)


def whole():
    completion = client().chat.completions.create(model=cases.MODEL, messages=cases.HELLO)
    return [completion.choices[0].message.content, completion.model, completion.usage.total_tokens]


def streamed():
    chunks = client().chat.completions.create(model=cases.MODEL, messages=cases.HELLO, stream=True)
    # As most programs do it: each chunk has a choice.
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks)


def counted():
    options = {"include_usage": True}
    chunks = client().chat.completions.create(
        model=cases.MODEL, messages=cases.HELLO, stream=True, stream_options=options
    )
    return [chunk.usage.total_tokens for chunk in chunks if chunk.usage]


def wrong_key():
    client("wrong").chat.completions.create(model=cases.MODEL, messages=cases.HELLO)


def wrong_model():
    client().chat.completions.create(model="gpt-4o", messages=cases.HELLO)


def wrong_path():
    client().completions.create(model=cases.MODEL, prompt="Hello")


def bad_request():
    client().chat.completions.create(
        model=cases.MODEL, messages=[{"role": "user", "content": "Too long"}], stream=True
    )


def broken():
    messages = [{"role": "user", "content": "Break"}]
    for _ in client().chat.completions.create(model=cases.MODEL, messages=messages, stream=True):
        pass


def tools():
    messages = [{"role": "user", "content": "Weather in Paris?"}]
    create = client().chat.completions.create
    asked = create(model=cases.MODEL, messages=messages, tools=[cases.TOOL]).choices[0]
    call = asked.message.tool_calls[0]
    result = {"role": "tool", "tool_call_id": call.id, "content": cases.weather("Paris")}
    again = create(model=cases.MODEL, messages=[*messages, asked.message, result], tools=[cases.TOOL])
    return [asked.finish_reason, call.function.arguments, again.choices[0].message.content]


def tools_streamed():
    messages = [{"role": "user", "content": "Weather in Paris?"}]
    with client().chat.completions.stream(model=cases.MODEL, messages=messages, tools=[cases.TOOL]) as stream:
        final = stream.get_final_completion()
    return final.choices[0].message.tool_calls[0].function.arguments


def structured():
    parsed = client().chat.completions.parse(model=cases.MODEL, messages=cases.HELLO, response_format=Weather)
    return parsed.choices[0].message.parsed.model_dump()


def picture():
    return client().chat.completions.create(model=cases.MODEL, messages=cases.LOOK).choices[0].message.content


def choices():
    completion = client().chat.completions.create(
        model=cases.MODEL, messages=cases.HELLO, n=2, logprobs=True, top_logprobs=1
    )
    return [[one.index, one.message.content, len(one.logprobs.content)] for one in completion.choices]


def models():
    one = client().models.retrieve(cases.MODEL)
    return [[model.id for model in client().models.list()], one.id]


async def asynchronously():
    one = openai.AsyncOpenAI(base_url=cases.BASE_URL, api_key=cases.KEY, max_retries=0)
    chunks = await one.chat.completions.create(model=cases.MODEL, messages=cases.HELLO, stream=True)
    return "".join([chunk.choices[0].delta.content or "" async for chunk in chunks])


cases.run(
    *(whole, streamed, counted, wrong_key, wrong_model, wrong_path, bad_request, broken, tools),
    *(tools_streamed, structured, picture, choices, models, asynchronously),
)
