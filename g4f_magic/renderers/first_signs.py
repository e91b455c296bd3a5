"""Which rules of the parser a line is given to: those that can match it by the sign that it begins with. Pure, no I/O.

The parser asks each of a dozen rules about each line that may begin a block, or end one, and most of them look at its first
sign and say no. Here they are found by that sign.
"""

from __future__ import annotations

from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock

_SIGNS = {
    "fence": "`~",
    "math_block": "$\\",
    "math_environment": "\\",
    "details": "<",
    "blockquote": ">",
    "hr": "*-_",
    "list": "*+-0123456789",
    "footnote": "[",
    "reference": "[",
    "heading": "#",
    "code": "",
}
"""By the name of a rule, the signs of which a line has to begin with one, where it is not indented as code is. Others are asked
about every line."""


_CODE = 4
"""Blanks before a line that may be code."""


class SignRuler:
    """The rules of a parser that is made: `getRules` gives of each chain one rule, which asks those that can match."""

    def __init__(self, ruler: Ruler[RuleFuncBlockType]) -> None:
        self.plain = ruler
        """The rules as they are, all of them asked about each line."""
        self._signs = {
            rule: _SIGNS[name]
            for name, rule in zip(ruler.get_active_rules(), ruler.getRules(), strict=True)
            if name in _SIGNS
        }
        self._chains: dict[str, list[RuleFuncBlockType]] = {}

    def getRules(self, chainName: str = "") -> list[RuleFuncBlockType]:  # noqa: N802, N803 - the parser's
        """Return the rule that stands for a chain."""
        if chainName not in self._chains:
            self._chains[chainName] = [_by_sign(self.plain.getRules(chainName), self._signs)]
        return self._chains[chainName]

    def get_active_rules(self) -> list[str]:
        """Return the names of the rules."""
        return self.plain.get_active_rules()


def _by_sign(rules: list[RuleFuncBlockType], signs: dict[RuleFuncBlockType, str]) -> RuleFuncBlockType:
    """Return a rule that matches where the first of `rules` does that matches."""

    def found(sign: str) -> list[RuleFuncBlockType]:
        return [rule for rule in rules if rule not in signs or (sign and sign in signs[rule])]

    begun = {sign: found(sign) for sign in "".join(signs.values())}
    others = found("")

    def match(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:  # noqa: N803
        if state.sCount[startLine] - state.blkIndent >= _CODE:
            asked = rules
        else:
            at = state.bMarks[startLine] + state.tShift[startLine]
            asked = begun.get(state.src[at : at + 1], others)
        for rule in asked:  # noqa: SIM110 - a generator takes as long as they do
            if rule(state, startLine, endLine, silent):
                return True
        return False

    return match
