"""LiteLLM, which asks any service by OpenAI's protocol."""

from __future__ import annotations

import cases
import litellm
from pydantic import BaseModel

litellm.suppress_debug_info = True


class Weather(BaseModel):
    city: str
    degrees: int


def ask(messages=cases.HELLO, key=cases.KEY, model=cases.MODEL, **given):
    return litellm.completion(
        model=f"openai/responses/{model}" if cases.IS_RESPONSES else f"openai/{model}",
        messages=messages,
        api_base=cases.BASE_URL,
        api_key=key,
        max_retries=0,
        **given,
    )


def whole():
    said = ask(max_tokens=64)
    return [said.choices[0].message.content, said.model, said.usage.total_tokens]


def streamed():
    return "".join(chunk.choices[0].delta.content or "" for chunk in ask(stream=True))


def wrong_key():
    ask(key="wrong")


def wrong_model():
    ask(model="gpt-4o")


def bad_request():
    ask([{"role": "user", "content": "Too long"}])


def tools():
    messages = [{"role": "user", "content": "Weather in Paris?"}]
    asked = ask(messages, tools=[cases.TOOL]).choices[0]
    call = asked.message.tool_calls[0]
    told = {"role": "tool", "tool_call_id": call.id, "content": cases.weather("Paris")}
    again = ask([*messages, asked.message.model_dump(), told], tools=[cases.TOOL])
    return [asked.finish_reason, call.function.arguments, again.choices[0].message.content]


def tools_streamed():
    messages = [{"role": "user", "content": "Weather in Paris?"}]
    chunks = list(ask(messages, tools=[cases.TOOL], stream=True))
    return litellm.stream_chunk_builder(chunks).choices[0].message.tool_calls[0].function.arguments


def structured():
    return Weather.model_validate_json(ask(response_format=Weather).choices[0].message.content).model_dump()


def picture():
    return ask(cases.LOOK).choices[0].message.content


cases.run(whole, streamed, wrong_key, wrong_model, bad_request, tools, tools_streamed, structured, picture)
