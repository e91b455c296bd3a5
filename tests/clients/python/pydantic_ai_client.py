"""Pydantic AI's agent on OpenAI's chat completions."""

from __future__ import annotations

import cases
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


class Weather(BaseModel):
    city: str
    degrees: int


def agent(key: str = cases.KEY, name: str = cases.MODEL, **given) -> Agent:
    provider = OpenAIProvider(base_url=cases.BASE_URL, api_key=key)
    model = OpenAIResponsesModel if cases.IS_RESPONSES else OpenAIChatModel
    return Agent(model(name, provider=provider), **given)


async def whole():
    ran = await agent().run("Hello", model_settings={"max_tokens": 64})
    return [ran.output, ran.response.model_name, ran.usage.total_tokens]


async def streamed():
    async with agent().run_stream("Hello") as stream:
        return "".join([piece async for piece in stream.stream_text(delta=True)])


async def wrong_key():
    await agent("wrong").run("Hello")


async def wrong_model():
    await agent(name="gpt-4o").run("Hello")


async def bad_request():
    await agent().run("Too long")


async def tools():
    asked = agent(tools=[cases.weather])
    return (await asked.run("Weather in Paris?")).output


async def tools_streamed():
    async with agent(tools=[cases.weather]).run_stream("Weather in Paris?") as stream:
        return await stream.get_output()


async def structured():
    return (await agent(output_type=NativeOutput(Weather)).run("Hello")).output.model_dump()


async def picture():
    return (await agent().run(["Look", BinaryContent(cases.PICTURE_BYTES, media_type="image/png")])).output


cases.run(whole, streamed, wrong_key, wrong_model, bad_request, tools, tools_streamed, structured, picture)
