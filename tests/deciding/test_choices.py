"""Choices: combinations, their costs and order, and what is refused."""

from __future__ import annotations

import pytest

from sim.deciding.choices import parse_choices
from sim.errors import UsageError


def test_one_choice_costs_its_own_number() -> None:
    choices = parse_choices(["fleets.van.vehicles=2:8:2"])
    assert not choices.priced
    assert [point.overrides for point in choices.points] == [
        (f"fleets.van.vehicles={number}",) for number in (2, 4, 6, 8)
    ]
    assert [(c.number, c.levels, c.cost) for c in choices.candidates] == [
        (0, (0,), 2.0),
        (1, (1,), 4.0),
        (2, (2,), 6.0),
        (3, (3,), 8.0),
    ]


def test_several_choices_have_a_cost_each() -> None:
    choices = parse_choices(["a.b=1:2", "c.d=30 km/h,10 km/h"], ["a.b=1_000", "c.d = 2.5"])
    assert choices.priced
    assert [point.settings for point in choices.points][1] == (("a.b", "1"), ("c.d", "10 km/h"))
    assert [(c.levels, c.cost) for c in choices.candidates] == [
        ((0, 1), 1075.0),
        ((0, 0), 1025.0),
        ((1, 1), 2075.0),
        ((1, 0), 2025.0),
    ]


def test_where_less_costs_more_the_order_is_that_of_the_cost() -> None:
    """A shorter time may be the dearer one: its cost is negative."""
    choices = parse_choices(["a.b=1:3"], ["a.b=-10"])
    assert [(c.levels, c.cost) for c in choices.candidates] == [
        ((2,), -10.0),
        ((1,), -20.0),
        ((0,), -30.0),
    ]


@pytest.mark.parametrize(
    ("choose", "costs", "said"),
    [
        (["a.b"], [], "expected PATH=VALUES, such as fleets.county-van.vehicles=1:12"),
        (["a.b=2:1"], [], "expected a range"),
        (["a.b=1:2", "a.b=3:4"], [], "--choose a.b is given twice"),
        (["seed=1:2"], [], "--choose seed: all combinations share it"),
        (["a.b=few,many"], [], "--choose a.b: expected numbers of one unit, found few, many"),
        (["a.b=1,1.0"], [], "--choose a.b: two of its values are the same number"),
        (["a.b=1:100", "c.d=1:100"], [], "10,000 combinations are too many: the most is 2,000"),
        (["a.b=1:2", "c.d=1:2"], [], "--choose a.b: what does one cost?"),
        (["a.b=1:2", "c.d=1:2"], ["a.b=1"], "--choose c.d: what does one cost?"),
        (["a.b=1:2"], ["a.c=1"], '--cost a.c: there is no --choose a.c (did you mean "a.b"?)'),
        (["a.b=1:2"], ["a.b=1", "a.b=2"], "--cost a.b is given twice"),
        (["a.b=1:2"], ["a.b=cheap"], '--cost a.b: expected a number, found "cheap"'),
        (["a.b=1:2"], ["a.b=inf"], '--cost a.b: expected a number, found "inf"'),
        (["a.b=1:2"], ["300"], 'expected --cost PATH=COST, such as --cost a.b=300, found "300"'),
    ],
)
def test_what_is_refused(choose: list[str], costs: list[str], said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_choices(choose, costs)
    assert said in str(error.value)
