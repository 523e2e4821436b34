"""Tours of whole nations of depots: what every tour method promises."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.geography.distance import great_circle_km
from sim.policies import tour_block
from sim.policies.routing import (
    TOUR_METHODS,
    TOUR_ORDERS,
    Tours,
    TourTime,
    order_tours,
    plan_sweep,
    plan_tours,
)

methods = pytest.mark.parametrize("method", list(TOUR_METHODS.values()), ids=list(TOUR_METHODS))


def country(seed: int, stops: list[int], spread: float = 0.3) -> dict[str, Any]:
    """Depots far apart, with so many stops each, around towns within ``spread`` degrees."""
    rng = np.random.default_rng(seed)
    depot_lat = 25.0 + 20.0 * rng.random(len(stops))
    depot_lon = 90.0 + 30.0 * rng.random(len(stops))
    depot = np.repeat(np.arange(len(stops)), stops)
    town = rng.normal(0.0, spread, (len(stops), 5, 2))[depot, rng.integers(0, 5, len(depot))]
    place = town + rng.normal(0.0, spread / 5.0, (len(depot), 2))
    return {
        "depot_lat": depot_lat,
        "depot_lon": depot_lon,
        "stop_lat": depot_lat[depot] + place[:, 0],
        "stop_lon": depot_lon[depot] + place[:, 1],
        "stop_depot": depot,
        "loads": np.ones((len(depot), 1)),
        "capacity": np.array([15.0]),
    }


def part(case: dict[str, Any], depots: list[int]) -> dict[str, Any]:
    """The same case with some of the depots only."""
    keep = np.isin(case["stop_depot"], depots)
    new = np.zeros(len(case["depot_lat"]), dtype=np.int64)
    new[depots] = np.arange(len(depots))
    return case | {
        "depot_lat": case["depot_lat"][depots],
        "depot_lon": case["depot_lon"][depots],
        "stop_lat": case["stop_lat"][keep],
        "stop_lon": case["stop_lon"][keep],
        "stop_depot": new[case["stop_depot"][keep]],
        "loads": case["loads"][keep],
    }


def as_lists(tours: Tours) -> list[list[int]]:
    return [tour.tolist() for tour in np.split(tours.stop, tours.first[1:-1])]


def lengths(tours: Tours) -> np.ndarray[Any, Any]:
    tour = np.repeat(np.arange(len(tours)), np.diff(tours.first))
    return np.bincount(tour, tours.leg_km, len(tours)) + tours.back_km


def same(a: Tours, b: Tours) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in Tours.__slots__)


@methods
def test_every_stop_is_on_one_tour_of_its_own_depot(method: Any) -> None:
    case = country(1, [40, 0, 1, 100, 15, 16, 2])
    tours = method(**case)
    assert sorted(tours.stop.tolist()) == list(range(len(case["stop_lat"])))
    assert tours.first[0] == 0
    assert tours.first[-1] == len(tours.stop)
    assert np.all(np.diff(tours.first) > 0)
    assert np.all(np.diff(tours.depot) >= 0)
    on = np.repeat(tours.depot, np.diff(tours.first))
    assert np.array_equal(case["stop_depot"][tours.stop], on)
    assert np.diff(tours.first).max() <= 15
    # canonical order within a depot: by lowest stop index
    lowest = [min(tour) for tour in as_lists(tours)]
    assert lowest == sorted(lowest)


@methods
def test_distances_are_great_circles(method: Any) -> None:
    case = country(2, [60, 30], spread=1.5)
    tours = method(**case)
    for number, tour in enumerate(as_lists(tours)):
        depot = tours.depot[number]
        lat = [case["depot_lat"][depot], *case["stop_lat"][tour], case["depot_lat"][depot]]
        lon = [case["depot_lon"][depot], *case["stop_lon"][tour], case["depot_lon"][depot]]
        km = great_circle_km(lat[:-1], lon[:-1], lat[1:], lon[1:])
        low, high = tours.first[number : number + 2]
        np.testing.assert_allclose(tours.leg_km[low:high], km[:-1], rtol=1e-12, atol=1e-9)
        np.testing.assert_allclose(tours.back_km[number], km[-1], rtol=1e-12, atol=1e-9)
        out = great_circle_km(lat[0], lon[0], lat[1:-1], lon[1:-1])
        np.testing.assert_allclose(tours.nearest_km[number], out.min(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(tours.farthest_km[number], out.max(), rtol=1e-9, atol=1e-9)
    assert tours.km == pytest.approx(lengths(tours).sum())


@methods
@given(seed=st.integers(0, 2**32 - 1), data=st.data())
@settings(max_examples=40, deadline=None)
def test_limits_hold_in_every_dimension(method: Any, seed: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(seed)
    case = country(seed, rng.integers(0, 60, 3).tolist(), data.draw(st.sampled_from([0.05, 0.5])))
    stops = len(case["stop_lat"])
    kinds = data.draw(st.lists(st.sampled_from("1auze"), min_size=1, max_size=4))
    make = {
        "1": lambda: np.ones(stops),
        "a": lambda: np.full(stops, 0.1),
        "u": lambda: rng.random(stops),
        "z": lambda: np.zeros(stops),
        "e": lambda: rng.exponential(0.05, stops).clip(0, 1),
    }
    loads = np.stack([make[kind]() for kind in kinds], axis=1)
    capacity = rng.integers(1, 8, len(kinds)).astype(float)
    longest = None
    if data.draw(st.booleans()):
        longest = TourTime(
            hours=data.draw(st.sampled_from([1.0, 4.0, 9.0])),
            kmh=rng.uniform(20.0, 60.0, 3),
            stop_hours=rng.uniform(0.0, 0.3, stops),
            circuity=1.3,
        )
    tours = method(**(case | {"loads": loads, "capacity": capacity}), longest=longest)
    assert sorted(tours.stop.tolist()) == list(range(stops))
    if not stops:
        return
    held = np.add.reduceat(loads[tours.stop], tours.first[:-1], axis=0)
    assert np.all(held <= capacity * (1 + 1e-9))
    if longest is not None:
        service = np.add.reduceat(longest.stop_hours[tours.stop], tours.first[:-1])
        hours = longest.circuity * lengths(tours) / longest.kmh[tours.depot] + service
        alone = np.diff(tours.first) == 1
        assert np.all(alone | (hours <= longest.hours * (1 + 1e-9)))


@methods
def test_a_stop_too_far_for_the_longest_tour_is_alone(method: Any) -> None:
    case = country(3, [30], spread=0.1)
    case["stop_lat"][[4, 17]] += 5.0  # some 550 km; the two are neighbours
    tours = method(**case, longest=TourTime(6.0, 40.0, 0.1, 1.3))
    assert [4] in as_lists(tours)
    assert [17] in as_lists(tours)


def test_a_limit_that_never_binds_changes_nothing() -> None:
    case = country(4, [80, 50])
    plain = plan_tours(**case)
    ones = case["loads"]
    wider = case | {
        "loads": np.hstack((ones / 3.0, ones, 0.0 * ones, ones)),
        "capacity": np.array([15.0, 15.0, 1.0, np.inf]),
    }
    assert same(plain, plan_tours(**wider))
    assert same(plain, plan_tours(**case, longest=TourTime(1e6, 1.0, 1.0)))


@methods
@pytest.mark.parametrize("limited", [False, True])
def test_a_depots_tours_do_not_depend_on_others_or_on_blocks(
    method: Any, limited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = country(5, [33, 150, 0, 1, 64, 20, 7, 90, 3, 210])
    # ties: a grid, coincident stops, stops at the depot itself
    for depot, name in ((1, "grid"), (4, "grid"), (5, "same"), (7, "home")):
        rows = np.flatnonzero(case["stop_depot"] == depot)
        step = np.arange(len(rows))
        if name == "grid":
            case["stop_lat"][rows] = case["depot_lat"][depot] + 0.125 * (step // 13 - 5)
            case["stop_lon"][rows] = case["depot_lon"][depot] + 0.125 * (step % 13 - 6)
        else:
            shift = 0.25 if name == "same" else 0.0
            case["stop_lat"][rows[::2]] = case["depot_lat"][depot] + shift
            case["stop_lon"][rows[::2]] = case["depot_lon"][depot]
    rng = np.random.default_rng(5)
    case["loads"] = np.stack((case["loads"][:, 0], rng.random(len(case["loads"]))), axis=1)
    case["capacity"] = np.array([15.0, 6.0])
    longest = TourTime(5.0, 40.0, 0.2, 1.3) if limited else None

    together = method(**case, longest=longest)
    monkeypatch.setattr(tour_block, "_MOST_STOPS", 100)
    assert same(together, method(**case, longest=longest))
    monkeypatch.undo()

    first = np.searchsorted(case["stop_depot"], np.arange(11))
    for some in ([depot] for depot in range(10)), ([0, 4, 9], [1, 5, 6, 7], [7, 8]):
        for depots in some:
            alone = method(**part(case, depots), longest=longest)
            rows = np.flatnonzero(np.isin(together.depot, depots))
            stops = np.concatenate(
                [np.arange(*together.first[row : row + 2]) for row in rows]
                or [np.empty(0, np.int64)]
            )
            start = first[depots] - np.cumsum(np.append(0, np.diff(first)[depots]))[:-1]
            shift = start[np.searchsorted(depots, case["stop_depot"][together.stop[stops]])]
            assert np.array_equal(alone.stop, together.stop[stops] - shift)
            assert np.array_equal(alone.leg_km, together.leg_km[stops])
            assert np.array_equal(alone.back_km, together.back_km[rows])


@methods
def test_equal_input_gives_equal_tours(method: Any) -> None:
    case = country(6, [200, 120])
    first = method(**case)
    as_plain_lists = {name: np.asarray(value).tolist() for name, value in case.items()}
    assert same(first, method(**as_plain_lists))


@methods
def test_tours_cross_the_date_line(method: Any) -> None:
    case = country(10, [40])
    here = method(**case)
    case["stop_lon"] += 179.95 - case["depot_lon"]
    case["depot_lon"] = np.array([179.95])
    case["stop_lon"] = (case["stop_lon"] + 180.0) % 360.0 - 180.0
    there = method(**case)
    assert np.array_equal(here.stop, there.stop)
    np.testing.assert_allclose(here.leg_km, there.leg_km, rtol=1e-9, atol=1e-9)


@methods
def test_tours_run_in_the_direction_that_arrives_earlier(method: Any) -> None:
    tours = method(**country(11, [150, 80, 1, 2]))
    turned = 0
    for number, tour in enumerate(as_lists(tours)):
        low, high = tours.first[number : number + 2]
        legs = np.append(tours.leg_km[low:high], tours.back_km[number])
        forwards, backwards = np.cumsum(legs[:-1]).sum(), np.cumsum(legs[:0:-1]).sum()
        if abs(forwards - backwards) <= 1e-9 * legs.sum() * len(tour):
            assert tour[0] <= tour[-1]
        else:
            assert forwards < backwards
        turned += tour[0] > tour[-1]
    assert turned  # the index alone did not decide


def test_more_search_is_never_worse_and_better_than_none() -> None:
    case = country(12, [300, 200])
    km = [plan_tours(**case, rounds=rounds).km for rounds in (0, 1, 2, 4, 8, 16)]
    assert all(after <= before + 1e-9 for before, after in itertools.pairwise(km))
    assert km[-1] < 0.995 * km[0]
    assert km[-1] < plan_sweep(**case).km


def test_orders_of_tours() -> None:
    tours = plan_tours(**country(13, [90, 40, 0, 15]))
    for rule in TOUR_ORDERS:
        ordered = order_tours(tours, rule)
        assert np.array_equal(ordered.depot, tours.depot)
        assert sorted(as_lists(ordered)) == sorted(as_lists(tours))
        by_first = {tour[0]: number for number, tour in enumerate(as_lists(tours))}
        was = [by_first[tour[0]] for tour in as_lists(ordered)]
        np.testing.assert_array_equal(lengths(ordered), lengths(tours)[was])
        assert same(ordered, order_tours(ordered, rule))
        for depot in (0, 1, 3):
            here = tours.depot == depot
            got = {
                "nearest-first": ordered.nearest_km[here],
                "farthest-first": -ordered.farthest_km[here],
                "most-stops-first": -np.diff(ordered.first)[here],
            }[rule]
            assert np.all(np.diff(got) >= 0)
            if rule == "most-stops-first":  # ties stay as they were
                ties = np.diff(got) == 0
                assert ties.any() or depot != 0
                assert np.all(np.diff(np.array(was)[here])[ties] > 0)
    with pytest.raises(ValueError, match="farthest-first"):
        order_tours(tours, "random")


@methods
def test_no_stops_no_tours(method: Any) -> None:
    for case in (country(14, [0, 0]), country(14, [])):
        tours = method(**case)
        assert len(tours) == 0
        assert tours.first.tolist() == [0]
        assert len(order_tours(tours, "nearest-first")) == 0


@methods
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"loads": np.array([[1.0, 1.0], [1.0, 9.0]])}, "stop 1 needs 9 in dimension 1"),
        ({"loads": np.array([[1.0, 1.0], [1.0, -1.0]])}, "0 or more"),
        ({"loads": np.ones((2, 1))}, "shape"),
        ({"capacity": np.array([1.0, 0.0])}, "capacity"),
        ({"stop_depot": np.array([1, 0])}, "ascending"),
        ({"stop_depot": np.array([0, 2])}, "ascending"),
        ({"stop_lat": np.array([30.0, np.nan])}, "stop_lat"),
        ({"stop_lat": np.array([30.0])}, "equal lengths"),
        ({"longest": TourTime(0.0, 30.0, 0.1)}, "hours"),
        ({"longest": TourTime(1.0, 30.0, -0.1)}, "stop_hours"),
    ],
)
def test_what_does_not_agree_is_refused(method: Any, change: dict[str, Any], message: str) -> None:
    case = country(15, [1, 1]) | {"loads": np.ones((2, 2)), "capacity": np.array([2.0, 8.0])}
    with pytest.raises(ValueError, match=message):
        method(**(case | change))


@pytest.mark.parametrize(("name", "value"), [("neighbours", 0), ("neighbours", 17), ("shape", 3.0)])
def test_settings_have_a_range(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        plan_tours(**country(16, [3]), **{name: value})
