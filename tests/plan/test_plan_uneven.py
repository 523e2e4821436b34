"""Tours of facilities that are to get different amounts: each stop counts with its own load."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from network.homes import HOMES, listed, load, plan_of

from sim.errors import UsageError
from sim.network import build_network
from sim.plan.build import build_plan
from sim.plan.specs import Plan, TourPlan

SMALL = HOMES.replace("total = { thermometer = 1_001 }", "total = { thermometer = 700 }")


def loads(plan: Plan, tours: TourPlan) -> np.ndarray:
    """Return units, m³ and kg of each tour, summed stop by stop."""
    rows = [
        sum(
            (plan.load_per_unit[product] * int(tours.units[stop, product]))
            for stop in range(begin, end)
            for product in range(len(plan.products))
        )
        for begin, end in pairwise(tours.first.tolist())
    ]
    return np.array(rows)


def test_units_stand_in_the_order_of_the_stops() -> None:
    scenario = load(HOMES).scenario
    network = build_network(scenario)
    plan = build_plan(scenario, network)
    for tours in plan.tours:
        facilities = network.facilities[tours.echelon]
        assert tours.units.tolist() == facilities.entitlement[tours.facility].tolist()
        assert tours.site_of_stop.tolist() == facilities.site[tours.facility].tolist()
    assert [tours.is_even for tours in plan.tours] == [True, False]


# What an oximeter takes is 0.0004 m³ and 0.07 kg, a thermometer 0.00025 m³ and 0.045 kg.
NEEDS = [(40, 0), (5, 1), (0, 90), (12, 30), (33, 3), (1, 1), (0, 7), (25, 25), (2, 60), (38, 0)]
SITES = "".join(
    f'[sites.h{i}]\nechelon = "home"\nat = [{38.30 + 0.05 * (i % 4)}, {106.1 + 0.07 * i}]\n'
    f"county = 640104\nneed = {{ oximeter = {one}, thermometer = {other} }}\n"
    for i, (one, other) in enumerate(NEEDS)
)


@pytest.mark.parametrize("method", ["savings", "sweep"])
@pytest.mark.parametrize(
    ("capacity", "most"),
    [
        ("{}", (np.inf, np.inf, np.inf)),
        ("{units=90}", (90, np.inf, np.inf)),
        ('{volume="0.0226 m3"}', (np.inf, 0.0226, np.inf)),
        ('{weight="4.1 kg"}', (np.inf, np.inf, 4.1)),
        ('{units=95, volume="0.0226 m3", weight="4.1 kg"}', (95, 0.0226, 4.1)),
    ],
)
def test_no_limit_is_broken(method: str, capacity: str, most: tuple[float, ...]) -> None:
    plan = plan_of(
        listed(SITES), f"fleets.county-van.capacity={capacity}",
        f"lanes.to-home.tours.method={method}", "lanes.to-home.tours.stops=8",
    )  # fmt: skip
    (tours,) = plan.tours
    assert sorted(tours.facility.tolist()) == list(range(len(NEEDS)))
    assert (loads(plan, tours) <= np.array(most) * (1 + 1e-9)).all()
    assert np.diff(tours.first).max() <= 8
    assert loads(plan, tours).sum(axis=0) == pytest.approx(
        np.array(NEEDS).sum(axis=0) @ plan.load_per_unit
    )
    # Not one stop a tour either: what fits together goes together, by loads and not by number.
    assert len(tours) < len(NEEDS)
    if capacity == "{units=90}":
        whole = int(np.array(NEEDS).sum())
        assert len(tours) >= -(-whole // 90)
        assert np.diff(tours.first).max() > 90 // 90  # the largest alone would fill a vehicle


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 90)), min_size=1, max_size=12).filter(
        lambda needs: any(one for one, _ in needs) and any(other for _, other in needs)
    )
)
def test_whatever_the_needs(needs: list[tuple[int, int]]) -> None:
    """Volume and weight bind at once, and everybody who is to get anything is on one tour."""
    sites = "".join(
        f'[sites.h{i}]\nechelon = "home"\nat = [{38.3 + 0.04 * (i % 3)}, {106.1 + 0.05 * i}]\n'
        f"county = 640104\nneed = {{ oximeter = {one}, thermometer = {other} }}\n"
        for i, (one, other) in enumerate(needs)
    )
    plan = plan_of(
        listed(sites), 'fleets.county-van.capacity={volume="0.0427 m3", weight="7.6 kg"}'
    )
    (tours,) = plan.tours
    some = [need for need in needs if any(need)]
    assert sorted(map(tuple, tours.units.tolist())) == sorted(some)
    found = loads(plan, tours)
    assert found[:, 1].max() <= 0.0427 * (1 + 1e-9)
    assert found[:, 2].max() <= 7.6 * (1 + 1e-9)


def test_needs_that_are_alike_are_planned_as_an_entitlement() -> None:
    """The same tours, whether the file says it of each or of all."""
    alike = [line for line in SITES.splitlines() if not line.startswith("need")]
    stated = listed(SITES.replace(
        SITES, "\n".join(line + "\nneed = { oximeter = 2, thermometer = 1 }" * ("county" in line)
                         for line in alike) + "\n"
    ))  # fmt: skip
    by_echelon = listed("\n".join(alike) + "\n", "entitlement = { oximeter = 2, thermometer = 1 }")
    one, other = (plan_of(text, "fleets.county-van.capacity={units=11}").tours[0]
                  for text in (stated, by_echelon))  # fmt: skip
    assert one.is_even
    assert other.is_even
    for name in ("site", "first", "facility", "rank", "leg_km", "back_km"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert np.diff(one.first).max() == 3


def test_a_need_that_does_not_fit() -> None:
    with pytest.raises(UsageError) as error:
        plan_of(listed(SITES), "fleets.county-van.capacity={units=89}")
    assert "one facility is to get 90 units, but a vehicle of the fleet" in str(error.value)
    with pytest.raises(UsageError, match=r"one facility is to get 0\.0225 m³"):
        plan_of(listed(SITES), 'fleets.county-van.capacity={volume="0.02 m3"}')
