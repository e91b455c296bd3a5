"""OpenAI's own client, by the Responses API."""

from __future__ import annotations

import cases
import openai
from pydantic import BaseModel


class Weather(BaseModel):
    city: str
    degrees: int


TOOL = {"type": "function", **cases.TOOL["function"]}
WEATHER = [{"role": "user", "content": "Weather in Paris?"}]


def client(key: str = cases.KEY) -> openai.OpenAI:
    return openai.OpenAI(base_url=cases.BASE_URL, api_key=key, max_retries=0)


def create(said="Hello", key=cases.KEY, model=cases.MODEL, **given):
    return client(key).responses.create(model=model, input=said, **given)


def whole():
    response = create(max_output_tokens=64)
    return [response.output_text, response.model, response.usage.total_tokens]


def streamed():
    events = create(stream=True)
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


def counted():
    return [
        event.response.usage.total_tokens
        for event in create(stream=True)
        if event.type == "response.completed"
    ]


def wrong_key():
    create(key="wrong")


def wrong_model():
    create(model="gpt-4o")


def bad_request():
    create("Too long", stream=True)


def broken():
    last = list(create("Break", stream=True))[-1]
    raise RuntimeError(f"{last.type}: {last.response.error.message}")


def tools():
    asked = create(WEATHER, tools=[TOOL])
    call = asked.output[-1]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": cases.weather("Paris")}
    again = create([*WEATHER, *asked.output, result], tools=[TOOL])
    return [asked.status, call.arguments, again.output_text]


def tools_kept():
    asked = create(WEATHER, tools=[TOOL])
    result = {
        "type": "function_call_output",
        "call_id": asked.output[-1].call_id,
        "output": cases.weather("Paris"),
    }
    return create([result], tools=[TOOL], previous_response_id=asked.id).output_text


def tools_streamed():
    with client().responses.stream(model=cases.MODEL, input=WEATHER, tools=[TOOL]) as stream:
        return stream.get_final_response().output[-1].arguments


def structured():
    return (
        client()
        .responses.parse(model=cases.MODEL, input="Hello", text_format=Weather)
        .output_parsed.model_dump()
    )


def picture():
    content = [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": cases.PICTURE_URL, "detail": "auto"},
    ]
    return create([{"role": "user", "content": content}]).output_text


def thought():
    types = [event.type for event in create("Think", stream=True)]
    item = create("Think", reasoning={"summary": "auto"}).output[0]
    return ["response.reasoning_text.delta" in types, item.summary[0].text]


def limited():
    response = create("Long")
    return [response.status, response.incomplete_details.reason]


def stored():
    response = create()
    shown = client().responses.retrieve(response.id)
    client().responses.delete(response.id)
    try:
        create("More", previous_response_id=response.id)
    except openai.BadRequestError as exc:
        return [shown.output_text, exc.code]


def embedded():
    made = client().embeddings.create(model="theirs-embed", input=["a", "b"])
    return [[one.index, one.embedding] for one in made.data]


def refused():
    create(tools=[{"type": "web_search"}])


cases.run(
    *(
        whole,
        streamed,
        counted,
        wrong_key,
        wrong_model,
        bad_request,
        broken,
        tools,
        tools_kept,
        tools_streamed,
    ),
    *(structured, picture, thought, limited, stored, embedded, refused),
)
