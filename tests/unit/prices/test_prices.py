"""What services charge: found by address and model, unknown where it is not, never nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g4f_magic.errors import InputError
from g4f_magic.messages import Usage
from g4f_magic.prices import Catalogue, Rates, compact, forget, money, newest_prices, spent_of
from g4f_magic.providers import presets
from g4f_magic.settings import prices_file

MODELS = [{"id": f"m{n}", "match": {"equals": f"m{n}"}, "prices": {"input_mtok": 1, "output_mtok": 2}} for n in range(20)]  # fmt: skip


def published(**more: Any) -> list[dict[str, Any]]:
    model = {
        "id": "x",
        "match": {"starts_with": "x"},
        "prices": {"input_mtok": 1.5, "output_mtok": 6},
        **more,
    }
    return [{"id": "a", "api_pattern": r"https://a\.example", "models": [model, *MODELS]}]


def made(**more: Any) -> Catalogue:
    return Catalogue(compact(published(**more), date="2026-01-01", source="here"))


@pytest.mark.parametrize(
    ("preset", "model", "seller"),
    [("groq", "", "groq"), ("mistral", "", "mistral"), ("deepseek", "", "deepseek"), ("anthropic", "", "anthropic"),
     ("gemini", "", "google"), ("together", "", "together"), ("openrouter", "openai/gpt-4o-mini", "openrouter")],
)  # fmt: skip
def test_what_we_know_by_name_has_a_price(preset: str, model: str, seller: str) -> None:
    known = presets.built_in()[preset]
    assert newest_prices().seller(known.base_url) == seller
    rates = newest_prices().rates(seller, model or known.model)
    assert rates is not None
    assert (rates.dollars(1_000_000, 1_000_000) or 0) > 0


def test_the_shipped_prices_say_of_which_day_they_are() -> None:
    assert date.fromisoformat(newest_prices().date) >= date(2026, 11, 1)
    assert "genai-prices" in newest_prices().source
    assert (
        (Path(newest_prices.__code__.co_filename).parent / "LICENSE.genai-prices")
        .read_text()
        .startswith("The MIT")
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1", "https://models.example.org/v1", ""])
def test_an_unknown_service_has_no_price(url: str) -> None:
    assert newest_prices().seller(url) == ""
    assert spent_of("", "gpt-4o", Usage(10, 10)).dollars is None


def test_an_unknown_model_has_none_and_a_dated_one_that_of_its_name() -> None:
    assert newest_prices().rates("openai", "no-such-model") is None
    assert newest_prices().rates("openai", "gpt-4o-mini-20240718") == newest_prices().rates(
        "openai", "gpt-4o-mini"
    )


def test_what_is_only_half_known_is_unknown() -> None:
    rates = Rates((1.0,), None)
    assert rates.dollars(10, 1) is None
    assert rates.dollars(1_000_000, 0) == 1.0


@pytest.mark.parametrize(("tokens", "dollars"), [(1_000_000, 1.0), (2_000_000, 6.0)])
def test_long_prompts_may_cost_more(tokens: int, dollars: float) -> None:
    tiered = {"base": 1, "tiers": [{"start": 1_500_000, "price": 3}]}
    rates = made(prices={"input_mtok": tiered, "output_mtok": 0}).rates("a", "x")
    assert rates is not None
    assert rates.dollars(tokens, 0) == dollars


def test_a_price_holds_from_its_day_on() -> None:
    later = {"constraint": {"start_date": "2026-06-01"}, "prices": {"input_mtok": 9, "output_mtok": 9}}
    nightly = {"constraint": {"start_time": "00:00Z", "end_time": "09:00Z"}, "prices": {"input_mtok": 2}}
    found = made(prices=[{"prices": {"input_mtok": 1, "output_mtok": 1}}, nightly, later])
    for day, price in (("2026-05-31", 2), ("2026-06-01", 9)):
        rates = found.rates("a", "x", date.fromisoformat(day))
        assert rates is not None
        assert rates.prompt == (price,)


def test_what_the_service_counted_stands_in_place_of_estimates() -> None:
    counted = spent_of(
        "openai", "gpt-4o-mini", Usage(1_000_000, 1_000_000), prompt_tokens=5, completion_tokens=5
    )
    assert (counted.dollars, counted.is_estimated) == (pytest.approx(0.75), False)
    guessed = spent_of("openai", "gpt-4o-mini", None, prompt_tokens=1_000_000, completion_tokens=0)
    assert (guessed.dollars, guessed.is_estimated) == (pytest.approx(0.15), True)


@pytest.mark.parametrize("bad", [[], None, {"a": 1}, [{"id": "x", "api_pattern": "("}], "text", [1],
                                 published(prices={"input_mtok": -1}), published(match={"regex": "("})])  # fmt: skip
def test_what_is_no_list_of_prices_is_refused(bad: Any) -> None:
    with pytest.raises(InputError):
        compact(bad, date="2026-01-01", source="here")


def test_a_newer_copy_counts_and_a_broken_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    own = prices_file()
    own.parent.mkdir(parents=True)
    shipped = newest_prices().date
    for text, day in (
        (compact(published(), date="2999-01-01", source="here"), "2999-01-01"),
        (compact(published(), date="2000-01-01", source="here"), shipped),
        ("junk", shipped),
        ('{"format": 1}', shipped),
    ):
        own.write_text(text)
        forget()
        assert newest_prices().date == day
    forget()


@given(st.floats(0, 1e6, allow_nan=False))
def test_money_is_never_told_as_nothing_where_it_is_something(dollars: float) -> None:
    text = money(dollars)
    assert text.startswith(("$", "under $"))
    if dollars:
        assert float(text.replace("under ", "").strip("$").replace(",", "")) > 0
    if dollars > 0.00001:
        assert float(text[1:].replace(",", "")) == pytest.approx(dollars, rel=0.03)


@pytest.mark.parametrize(
    ("dollars", "text"),
    [(0, "$0"), (0.00123, "$0.00123"), (0.5, "$0.50"), (1234.5, "$1,234.50"), (1e-9, "under $0.000001")],
)
def test_money_in_words(dollars: float, text: str) -> None:
    assert money(dollars) == text
    assert money(dollars, is_estimated=True) == f"~{text}"


def test_only_what_is_asked_for_is_read() -> None:
    lines = compact(published(), date="2026-01-01", source="here").splitlines()
    assert json.loads(lines[0])["models"] == 21
    assert Catalogue("\n".join([lines[0], "not read"])).seller("https://a.example/v1") == "a"
