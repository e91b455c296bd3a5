"""A reply to measure with: Markdown as a model writes it, the same at every call."""

from __future__ import annotations

import random

TEXT = (
    "the model answers with words that a person reads while they arrive and each of them costs some time to paint "
    "so a long reply wants to be shown in parts that stay where they are once nothing can change them any more"
)
WORDS = TEXT.split()


def markdown(size: int) -> str:
    """Return Markdown of exactly `size` characters: prose for the most part, lists, tables, code, some math."""
    chance = random.Random(7)
    blocks: list[str] = []
    length = 0
    while length < size:
        block = _block(chance) + "\n\n"
        blocks.append(block)
        length += len(block)
    return "".join(blocks)[:size]


def _sentence(chance: random.Random, words: int) -> str:
    chosen = [chance.choice(WORDS) for _ in range(words)]
    chosen[chance.randrange(words)] = "**bold**"
    chosen[chance.randrange(words)] = "`code`"
    return " ".join(chosen).capitalize() + "."


def _block(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.12:
        return "## " + " ".join(chance.choice(WORDS) for _ in range(4)).capitalize()
    if kind < 0.27:
        return "\n".join(f"- {_sentence(chance, 9)}" for _ in range(chance.randint(3, 7)))
    if kind < 0.33:
        rows = "\n".join(f"| {chance.choice(WORDS)} | {chance.random():.3f} | yes |" for _ in range(5))
        return f"| name | value | so |\n|:--|--:|---|\n{rows}"
    if kind < 0.45:
        lines = "\n".join(
            f'    total_{n} = compute("{chance.choice(WORDS)}", {n})  # {chance.choice(WORDS)}'
            for n in range(chance.randint(4, 14))
        )
        return f"```python\ndef work(values):\n{lines}\n    return values\n```"
    if kind < 0.48:
        return "$$\n\\sum_{i=1}^{n} x_i = \\frac{n(n+1)}{2}\n$$"
    return " ".join(_sentence(chance, chance.randint(8, 20)) for _ in range(chance.randint(2, 5)))
