"""Choices: what a plan may choose among, what each combination costs, and in which order they come.

Without a cost, the one choice there is costs its own number: the cheapest is the smallest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from sim.deciding.search import Candidate
from sim.errors import UsageError, did_you_mean
from sim.experiment.factors import Factor, parse_factor
from sim.experiment.points import Point

#: Combinations beyond which a plan is refused: each has a scenario of its own to be checked.
MOST = 2_000
#: What every combination must have in common.
_FIXED = ("seed", "replications")


@dataclass(frozen=True, slots=True)
class Choice:
    """A factor, and what a unit of it costs."""

    factor: Factor
    cost: float

    @property
    def by_cost(self) -> tuple[int, ...]:
        """The indexes of its values, from cheap to costly; alike ones from small to large."""
        numbers = self.factor.numbers
        return tuple(
            sorted(range(len(numbers)), key=lambda i: (self.cost * numbers[i], numbers[i]))
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """All choices of a plan. ``priced`` says whether costs were given."""

    choices: tuple[Choice, ...]
    priced: bool

    @property
    def points(self) -> tuple[Point, ...]:
        """All combinations; the last choice changes fastest."""
        pairs = [[(c.factor.path, text) for text in c.factor.texts] for c in self.choices]
        return tuple(Point(number, settings) for number, settings in enumerate(product(*pairs)))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All combinations, with their levels in order of cost, numbered as the points."""
        levels = []
        for choice in self.choices:
            rank = {index: level for level, index in enumerate(choice.by_cost)}
            levels.append(
                [
                    (rank[index], choice.cost * number)
                    for index, number in enumerate(choice.factor.numbers)
                ]
            )
        return tuple(
            Candidate(
                number, tuple(level for level, _ in combined), math.fsum(c for _, c in combined)
            )
            for number, combined in enumerate(product(*levels))
        )


def parse_choices(texts: Sequence[str], costs: Sequence[str] = ()) -> Choices:
    """Read what ``--choose`` and ``--cost`` say.

    Raises:
        UsageError: a text is wrong, a path comes twice or may not be chosen, values are no numbers,
            there are too many combinations, or a choice of several has no cost.
    """
    factors = [parse_factor(text) for text in texts]
    paths = [factor.path for factor in factors]
    for path in paths:
        if path in _FIXED:
            raise UsageError(f"--choose {path}: all combinations share it; give it as an option")
        if paths.count(path) > 1:
            raise UsageError(f"--choose {path} is given twice: list all of its values once")
    for factor in factors:
        if not factor.numbers:
            raise UsageError(
                f"--choose {factor.path}: expected numbers of one unit, found "
                f"{', '.join(factor.texts[:4])}: the smallest, or cheapest, is looked for"
            )
        if len(set(factor.numbers)) < len(factor.numbers):
            raise UsageError(f"--choose {factor.path}: two of its values are the same number")
    count = math.prod(len(factor.texts) for factor in factors)
    if count > MOST:
        raise UsageError(f"{count:,} combinations are too many: the most is {MOST:,}")
    prices = _prices(costs, paths)
    without = [path for path in paths if path not in prices]
    if without and (prices or len(paths) > 1):
        raise UsageError(
            f"--choose {without[0]}: what does one cost? With several choices each needs its cost, "
            f"such as --cost {without[0]}=300"
        )
    return Choices(
        tuple(Choice(factor, prices.get(factor.path, 1.0)) for factor in factors), bool(prices)
    )


def _prices(costs: Sequence[str], paths: Sequence[str]) -> dict[str, float]:
    prices: dict[str, float] = {}
    for text in costs:
        path, equals, price = (part.strip() for part in text.partition("="))
        if not equals or not path or not price:
            raise UsageError(
                f'expected --cost PATH=COST, such as --cost {paths[0]}=300, found "{text}"'
            )
        if path not in paths:
            hint = did_you_mean(path, paths) or "it prices a unit of what is chosen"
            raise UsageError(f"--cost {path}: there is no --choose {path} ({hint})")
        if path in prices:
            raise UsageError(f"--cost {path} is given twice")
        try:
            prices[path] = float(price.replace("_", ""))
        except ValueError:
            prices[path] = math.nan
        if not math.isfinite(prices[path]):
            raise UsageError(f'--cost {path}: expected a number, found "{price}"')
    return prices
