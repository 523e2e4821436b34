"""What would come without end is refused: where it stands, or in words once it is planned."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import pytest
from fuzz.bases import GRAPH

from sim.engine.fleet import Fleet
from sim.errors import Problem, UsageError, did_you_mean, few_hints
from sim.experiment.run import prepare
from sim.plan.specs import FleetSpec, Plan
from sim.scenario.graph import read_graph
from sim.scenario.load import LoadedScenario
from sim.scenario.nesting import MOST_LEVELS, too_deep
from sim.scenario.positions import read_positions

Problems = Callable[..., tuple[Problem, ...]]


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("fleets.van.vehicles=2_000_000_000_000", 'a whole number of at least 1, or "unlimited"'),
        ("replications=1_000_001", "a whole number of at least 1"),
        ("lanes.serve.dispatch.every=1e-300 h", "at most 10,000,000 departures until the horizon"),
        ("stations.check.breakdowns.after=1e-6 s", "at most 10,000,000 breakdowns of a server"),
        ("stations.check.servers=10_001", "at most 10,000 servers that break down"),
    ],
)
def test_too_many(override: str, said: str, listed_toml: str, problems_of: Problems) -> None:
    told = [str(problem) for problem in problems_of(listed_toml, override)]
    assert any(said in each for each in told), told


def test_too_many_loads_are_told_when_planned(
    listed_toml: str, parse: Callable[..., LoadedScenario]
) -> None:
    most = "supply.lots.lot=1_000_000_000"
    prepare(parse(listed_toml, most))
    with pytest.raises(UsageError, match=r'the lane "feed" would carry some .* loads of "vaccine"'):
        prepare(parse(listed_toml, most, "fleets.truck.capacity={units=10}"))


def test_units_with_times_of_their_own(
    listed_toml: str, parse: Callable[..., LoadedScenario]
) -> None:
    many = ("supply.lots.lot=1_000_000_000", 'stations.check.time-per-unit={mean="1 s",cv=1}')
    with pytest.raises(UsageError, match=r'at the station "check" some .* times of their own'):
        prepare(parse(listed_toml, *many))


def test_as_deep_as_may_be() -> None:
    assert too_deep("[" * (MOST_LEVELS - 1)) is None
    assert too_deep("a = 1\nb = " + "[" * MOST_LEVELS) == 10 + MOST_LEVELS - 1
    assert too_deep("a." * (MOST_LEVELS - 1) + "b = 1\n" * 3) is None
    assert too_deep("a." * MOST_LEVELS + "b = 1") == 2 * MOST_LEVELS - 1
    many = "[" * 99
    for text in (
        f'a = "{many}"',
        f"a = '{many}'",
        f'a = """{many}',
        f"a = '''{many}'''",
        f"# {many}",
    ):
        assert too_deep(text) is None
    assert too_deep("[a.b]\nc = [1.5, 2.5]\n" * 99) is None


def test_columns_of_one_line_count_characters() -> None:
    at = read_positions('北 = ["京", 1, "é", 2]\n'.replace("北", '"北"')).at
    assert at["北", 3] == (1, 21)
    assert at["北", 1] == (1, 13)


def test_hints_come_to_an_end() -> None:
    with few_hints():
        given = [bool(did_you_mean("vans", ["van"])) for _ in range(600)]
    assert given == [True] * 500 + [False] * 100
    assert did_you_mean("vans", ["van"])


def test_a_key_without_a_type_is_text_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        graph = read_graph("net", GRAPH.replace(' attr.type="int"', "").encode())
    assert not graph.problems
    assert dict(graph.nodes)["maker"].cells["stock.kit"].value == "9"


def test_vehicles_leave_and_come_back_in_one_step(small_plan: Callable[..., Plan]) -> None:
    spec: FleetSpec = small_plan().fleets[0]
    fleet = Fleet(replace(spec, vehicles=10**12), 0)
    assert fleet.take()
    fleet.withdraw(10**12)
    assert not fleet.take()
    fleet.release()  # the last one comes home, and stays away
    assert not fleet.take()
    fleet.give_back(10**12)
    assert fleet.take()


def test_shares_that_are_all_0_are_told_when_planned(
    listed_toml: str, parse: Callable[..., LoadedScenario]
) -> None:
    text = listed_toml.replace("share = 3 }", "share = 0 }").replace(
        'time = "40 min" }', 'time = "40 min", share = 0 }'
    )
    assert text.count("share = 0 }") == 2
    with pytest.raises(UsageError, match=r'"north" may send "vaccine" to 2 sites'):
        prepare(parse(text))
