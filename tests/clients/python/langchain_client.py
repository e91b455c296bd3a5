"""LangChain's model for OpenAI's protocol."""

from __future__ import annotations

import cases
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Weather(BaseModel):
    """The weather."""

    city: str
    degrees: int


weather = tool(cases.weather)


def model(key: str = cases.KEY, name: str = cases.MODEL, **given) -> ChatOpenAI:
    return ChatOpenAI(
        base_url=cases.BASE_URL,
        api_key=key,
        model=name,
        max_retries=0,
        use_responses_api=cases.IS_RESPONSES,
        **given,
    )


def whole():
    said = model(max_tokens=64).invoke("Hello")
    return [said.text, said.response_metadata["model_name"], said.usage_metadata["total_tokens"]]


def streamed():
    return "".join(chunk.text for chunk in model().stream("Hello"))


def wrong_key():
    model("wrong").invoke("Hello")


def wrong_model():
    model(name="gpt-4o").invoke("Hello")


def bad_request():
    list(model().stream("Too long"))


def tools():
    bound = model().bind_tools([weather])
    question = HumanMessage("Weather in Paris?")
    asked = bound.invoke([question])
    call = asked.tool_calls[0]
    told = ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
    return [
        len(asked.tool_calls),
        call["args"],
        bound.invoke([question, asked, told]).text,
    ]


def tools_streamed():
    whole = None
    for chunk in model().bind_tools([weather]).stream("Weather in Paris?"):
        whole = chunk if whole is None else whole + chunk
    return whole.tool_calls[0]["args"]


def structured():
    return model().with_structured_output(Weather).invoke("Hello").model_dump()


def picture():
    return model().invoke([HumanMessage(cases.LOOK[0]["content"])]).text


cases.run(whole, streamed, wrong_key, wrong_model, bad_request, tools, tools_streamed, structured, picture)
