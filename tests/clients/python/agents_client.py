"""OpenAI's Agents SDK, which asks by the Responses API."""

from __future__ import annotations

import agents
import cases
import openai
from pydantic import BaseModel

agents.set_tracing_disabled(True)


class Weather(BaseModel):
    city: str
    degrees: int


weather = agents.function_tool(cases.weather)


def agent(key: str = cases.KEY, name: str = cases.MODEL, **given) -> agents.Agent:
    client = openai.AsyncOpenAI(base_url=cases.BASE_URL, api_key=key, max_retries=0)
    return agents.Agent("one", model=agents.OpenAIResponsesModel(name, client), **given)


async def run(said="Hello", **given):
    return await agents.Runner.run(agent(**given), said)


async def streamed_of(said="Hello", **given):
    running = agents.Runner.run_streamed(agent(**given), said)
    pieces = [
        event.data.delta
        async for event in running.stream_events()
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]
    return "".join(pieces)


async def whole():
    ran = await run(model_settings=agents.ModelSettings(max_tokens=64))
    # It does not tell which model answered.
    return [ran.final_output, cases.MODEL, ran.raw_responses[0].usage.total_tokens]


async def streamed():
    return await streamed_of()


async def wrong_key():
    await run(key="wrong")


async def wrong_model():
    await run(name="gpt-4o")


async def bad_request():
    await streamed_of("Too long")


async def broken():
    await streamed_of("Break")


async def tools():
    return (await run("Weather in Paris?", tools=[weather])).final_output


async def tools_streamed():
    return await streamed_of("Weather in Paris?", tools=[weather])


async def tools_kept():
    asked = await agents.Runner.run(
        agent(tools=[weather]), "Weather in Paris?", auto_previous_response_id=True
    )
    return asked.final_output


async def structured():
    return (await run(output_type=Weather)).final_output.model_dump()


async def picture():
    image = {"type": "input_image", "image_url": cases.PICTURE_URL, "detail": "auto"}
    return (
        await run([{"role": "user", "content": [{"type": "input_text", "text": "Look"}, image]}])
    ).final_output


cases.run(
    *(
        whole,
        streamed,
        wrong_key,
        wrong_model,
        bad_request,
        broken,
        tools,
        tools_streamed,
        tools_kept,
        structured,
    ),
    picture,
)
