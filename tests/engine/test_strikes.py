"""Disruptions: when they strike, whom, and what the model may ask about them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, inf, isnan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.plans import ALWAYS, CITY, COUNTY, FACTORY, chain, daily

from sim.calendars import SLACK
from sim.engine.strikes import Struck, draw_strikes, shut
from sim.engine.windows import Closures, close, multiply
from sim.laws import Constant, Exponential, Law, Uniform
from sim.plan.specs import DisruptionSpec, Plan
from sim.streams import Streams

SITES = (
    ("site/north", FACTORY), ("site/south", FACTORY),
    ("city/1", CITY), ("city/2", CITY), ("city/3", CITY),
    ("county/1", COUNTY), ("county/2", COUNTY),
)  # fmt: skip
NORTH, SOUTH, CITY_1, CITY_2, CITY_3, COUNTY_1, COUNTY_2 = range(7)
TO_CITY, TO_COUNTY, TO_CLINIC = range(3)
NOTHING: tuple[int, ...] = ()


def event(
    kind: str,
    sites: tuple[int, ...],
    begins: float | tuple[float, float] = 10.0,
    lasts: float | Law = 5.0,
    *,
    name: str = "storm",
    every: Law | None = None,
    chance: float = 1.0,
    each: bool = False,
    lane: int = -1,
    fleet: int = -1,
    echelon: int = -1,
    products: tuple[int, ...] = (),
    amount: float = 0.0,
) -> DisruptionSpec:
    earliest, latest = begins if isinstance(begins, tuple) else (begins, begins)
    law = Constant(lasts) if isinstance(lasts, float) else lasts
    return DisruptionSpec(
        name, kind, earliest, latest, every, law, chance, each, sites, lane, fleet, echelon,
        products, amount,
    )  # fmt: skip


def plan_with(*events: DisruptionSpec, horizon: float = 100.0) -> Plan:
    return replace(chain(sites=SITES, units=(1, 1), horizon=horizon), disruptions=events)


def strike(*events: DisruptionSpec, horizon: float = 100.0, replication: int = 0) -> Struck:
    return draw_strikes(plan_with(*events, horizon=horizon), Streams(3, replication))


def rows(struck: Struck) -> list[tuple[int, int, float, float]]:
    table = struck.strikes()
    return list(
        zip(
            table.disruption.tolist(), table.site.tolist(), table.begin.tolist(),
            table.end.tolist(), strict=True,
        )
    )  # fmt: skip


def test_a_closed_site() -> None:
    struck = strike(event("closed-site", (CITY_1, CITY_3), echelon=CITY))
    gate = struck.gate(CITY_1)
    assert gate is not None
    assert gate.spans == ((10.0, 15.0),)
    asked = (0.0, 9.999, 10.0, 12.0, 14.999, 15.0, 20.0)
    assert [gate.open_at(t) for t in asked] == [0.0, 9.999, 15.0, 15.0, 15.0, 15.0, 20.0]
    assert struck.gate(CITY_3) is gate  # struck together: one object for all
    assert struck.gate(CITY_2) is None
    assert rows(struck) == [(0, -1, 10.0, 15.0)]


def test_closures_of_one_site_are_merged() -> None:
    struck = strike(
        event("closed-site", (CITY_1,), 30.0, 4.0, name="d"),
        event("closed-site", (CITY_1, CITY_2), 10.0, 5.0, name="a"),
        event("closed-site", (CITY_1,), 12.0, 8.0, name="b"),
        event("closed-site", (CITY_1,), 20.0, 1.0, name="c"),
    )
    one, two = struck.gate(CITY_1), struck.gate(CITY_2)
    assert one is not None
    assert two is not None
    assert one.spans == ((10.0, 21.0), (30.0, 34.0))  # 10 to 15, 12 to 20 and 20 to 21 o'clock
    assert two.spans == ((10.0, 15.0),)
    assert one.open_at(20.0) == 21.0


def test_a_closed_road_is_that_to_its_destinations() -> None:
    struck = strike(event("closed-road", (CITY_2,), lane=TO_CITY))
    road = struck.road(TO_CITY, NORTH, CITY_2)
    assert road is not None
    assert [road.open_at(t) for t in (9.0, 10.0, 15.0)] == [9.0, 15.0, 15.0]
    assert road.pace(12.0) == 1.0
    assert struck.road(TO_CITY, SOUTH, CITY_2) is road
    assert struck.road(TO_CITY, NORTH, CITY_1) is None
    assert struck.road(TO_COUNTY, CITY_2, COUNTY_1) is None
    assert struck.gate(CITY_2) is None


def test_on_tours_a_road_is_that_of_their_origin() -> None:
    struck = strike(event("closed-road", (COUNTY_2,), lane=TO_CLINIC))
    assert struck.road(TO_CLINIC, COUNTY_2, -1) is not None
    assert struck.road(TO_CLINIC, COUNTY_1, -1) is None


def test_slow_roads_multiply() -> None:
    struck = strike(
        event("slow-road", (CITY_1, CITY_2), 10.0, 10.0, name="snow", lane=TO_CITY, amount=1.5),
        event("slow-road", (CITY_1,), 15.0, 10.0, name="traffic", lane=TO_CITY, amount=2.0),
        event("slow-road", (CITY_1,), 0.0, 99.0, name="other", lane=TO_COUNTY, amount=7.0),
    )
    one, two = struck.road(TO_CITY, NORTH, CITY_1), struck.road(TO_CITY, NORTH, CITY_2)
    assert one is not None
    assert two is not None
    times = (0.0, 9.9, 10.0, 14.9, 15.0, 19.9, 20.0, 24.9, 25.0, 99.0)
    assert [one.pace(t) for t in times] == [1, 1, 1.5, 1.5, 3, 3, 2, 2, 1, 1]
    assert [two.pace(t) for t in times] == [1, 1, 1.5, 1.5, 1.5, 1.5, 1, 1, 1, 1]
    assert one.open_at(17.0) == 17.0


def test_on_a_road_each_origin_has_luck_of_its_own() -> None:
    spec = event("closed-road", (CITY_1,), (0.0, 50.0), each=True, lane=TO_CITY)
    struck = strike(spec)
    begins = {}
    for origin, name in ((NORTH, "north"), (SOUTH, "south")):
        road = struck.road(TO_CITY, origin, CITY_1)
        assert road is not None
        stream = Streams(3, 0).stream(f"site/{name}/disruption/storm")
        _, luck = stream.uniform(), stream.uniform()
        assert road.closures.begins == (50.0 * luck,)
        begins[origin] = 50.0 * luck
        assert struck.road(TO_CITY, origin, CITY_2) is None
    assert rows(struck) == [(0, site, b, b + 5.0) for site, b in begins.items()]


def test_vehicles_that_are_away() -> None:
    struck = strike(
        event("fewer-vehicles", (CITY_1, CITY_2), 24.0, 48.0, fleet=1, amount=2.0),
        event("fewer-vehicles", (CITY_1,), 12.0, 24.0, name="b", fleet=1, amount=1.0),
        event("fewer-vehicles", (COUNTY_1,), 12.0, 24.0, name="c", fleet=2, amount=1.0),
    )
    assert struck.away(1, CITY_1) == [(12.0, 36.0, 1), (24.0, 72.0, 2)]
    assert struck.away(1, CITY_2) == [(24.0, 72.0, 2)]
    assert struck.away(1, CITY_3) == []
    assert struck.away(0, CITY_1) == []


def test_a_cut_keeps_whole_units_of_the_running_sum() -> None:
    struck = strike(event("output-cut", (NORTH,), 10.0, 10.0, products=(1,), amount=0.3))
    times, units = np.array([9.0, 10.0, 11.0, 12.0, 13.0, 20.0]), np.full(6, 3)
    # 2.1, 4.2, 6.3 and 8.4 of the four lots from 10 to 19 o'clock are kept
    assert struck.cut(NORTH, 1, times, units).tolist() == [3, 2, 2, 2, 2, 3]
    assert struck.cut(NORTH, 0, times, units) is units
    assert struck.cut(SOUTH, 1, times, units) is units
    single = np.array([10.0, 11.0, 12.0, 13.0]), np.ones(4, np.int64)
    assert struck.cut(NORTH, 1, *single).tolist() == [0, 1, 1, 0]  # 0.7, 1.4, 2.1, 2.8 kept


def test_cuts_that_overlap_leave_a_share_of_what_is_left() -> None:
    struck = strike(
        event("output-cut", (NORTH,), 0.0, 50.0, amount=0.5),
        event("output-cut", (NORTH,), 20.0, 50.0, name="b", amount=0.2),
    )
    times, units = np.array([10.0, 20.0, 60.0, 80.0]), np.full(4, 100)
    assert struck.cut(NORTH, 0, times, units).tolist() == [50, 40, 80, 100]


def test_sudden_need() -> None:
    struck = strike(
        event("sudden-need", (COUNTY_1,), 5.0, 5.0, echelon=3, products=(0,), amount=3.0),
        event("sudden-need", (COUNTY_1, COUNTY_2), 8.0, 5.0, name="b", echelon=3, amount=0.5),
    )
    assert struck.need_factor(3, 0, COUNTY_1) == [(5.0, 10.0, 3.0), (8.0, 13.0, 0.5)]
    assert struck.need_factor(3, 1, COUNTY_1) == [(8.0, 13.0, 0.5)]
    assert struck.need_factor(3, 0, COUNTY_2) == [(8.0, 13.0, 0.5)]
    assert struck.need_factor(2, 0, COUNTY_1) == []


def every_kind(**given: object) -> list[DisruptionSpec]:
    """One disruption of each kind, at all sites that it can be at."""
    harm: dict[str, dict[str, object]] = {
        "closed-site": {"sites": (CITY_1, CITY_2), "echelon": CITY},
        "closed-road": {"sites": (CITY_1,), "lane": TO_CITY},
        "slow-road": {"sites": (CITY_1,), "lane": TO_CITY, "amount": 2.0},
        "output-cut": {"sites": (NORTH,), "amount": 0.5},
        "fewer-vehicles": {"sites": (CITY_1,), "fleet": 1, "amount": 1.0},
        "sudden-need": {"sites": (COUNTY_1,), "echelon": 3, "products": (0,), "amount": 2.0},
    }
    return [event(kind, name=kind, **harm[kind] | given) for kind in harm]  # type: ignore[arg-type]


def is_quiet(struck: Struck) -> bool:
    """Whether nothing in any answer says that anything ever happened."""
    units = np.arange(1, 30)
    times = np.arange(1.0, 30.0)
    return (
        all(struck.gate(site) is None for site in range(7))
        and all(
            struck.road(lane, origin, destination) is None
            for lane in range(3)
            for origin in range(7)
            for destination in range(7)
        )
        and not any(struck.away(fleet, site) for fleet in range(3) for site in range(7))
        and all(struck.cut(site, 0, times, units) is units for site in range(7))
        and not any(struck.need_factor(3, 0, site) for site in range(7))
        and len(struck.strikes().begin) == 0
    )


@pytest.mark.parametrize("each", [False, True])
def test_what_changes_nothing_leaves_no_trace(each: bool) -> None:
    assert is_quiet(strike())
    assert is_quiet(strike(*every_kind(lasts=0.0, each=each)))
    assert is_quiet(strike(*every_kind(chance=0.0, each=each)))
    assert is_quiet(strike(*every_kind(begins=100.5, each=each)))
    assert is_quiet(strike(*every_kind(sites=NOTHING, each=each)))
    for spec in every_kind(each=each):
        idle = {"slow-road": 1.0, "sudden-need": 1.0, "output-cut": 0.0}.get(spec.kind)
        assert not is_quiet(strike(spec))
        if idle is not None:
            assert is_quiet(strike(replace(spec, amount=idle)))


def test_one_parameter_moves_no_other_draw() -> None:
    """Draw 0 is the chance, 1 the beginning, 2 the length: of a stream named by the disruption."""
    spec = event("closed-site", (CITY_1,), (20.0, 60.0), Exponential(7.0))
    for replication in range(20):
        stream = Streams(3, replication).stream("disruption/storm")
        happens, begin, length = (stream.uniform() for _ in range(3))
        begins, lasts = 20.0 + begin * 40.0, Exponential(7.0).quantile_at(length)
        expected = [(0, -1, begins, begins + lasts)]
        (row,) = rows(strike(spec, horizon=1000.0, replication=replication))
        assert row == pytest.approx(expected[0], abs=1e-12)
        rare = rows(strike(replace(spec, chance=0.4), horizon=1000.0, replication=replication))
        assert rare == ([row] if happens < 0.4 else [])
        longer = replace(spec, lasts=Exponential(14.0))
        (other,) = rows(strike(longer, horizon=1000.0, replication=replication))
        assert other[2] == row[2]
        moved = replace(spec, earliest=30.0, latest=30.0)
        (other,) = rows(strike(moved, horizon=1000.0, replication=replication))
        assert other[3] - other[2] == pytest.approx(lasts, abs=1e-12)


def test_another_disruption_moves_no_draw() -> None:
    spec = event("closed-site", (CITY_1,), (20.0, 60.0), Exponential(7.0))
    alone, beside = strike(spec), strike(replace(spec, name="other"), spec)
    assert alone.strikes().begin[0] == beside.strikes().begin[1]
    assert beside.strikes().begin[0] != beside.strikes().begin[1]


def test_again_and_again() -> None:
    """10 hours after the start, and after the end of the last, for 2 hours."""
    struck = strike(event("closed-site", (CITY_1,), every=Constant(10.0), lasts=2.0), horizon=48.0)
    gate = struck.gate(CITY_1)
    assert gate is not None
    assert gate.spans == ((10.0, 12.0), (22.0, 24.0), (34.0, 36.0), (46.0, 48.0))
    struck = strike(event("closed-site", (CITY_1,), every=Constant(10.0), lasts=2.0), horizon=47.0)
    (*_, last) = rows(struck)
    assert last[:3] == (0, -1, 46.0)
    assert isnan(last[3])  # it had not ended when the run stopped
    gate = struck.gate(CITY_1)
    assert gate is not None
    assert gate.spans[-1] == (46.0, 48.0)


def test_gaps_and_lengths_take_turns_in_one_stream() -> None:
    every, lasts = Exponential(9.0), Uniform(4.0, 0.5)
    stream = Streams(3, 0).stream("disruption/storm")
    stream.uniform()  # whether it happens
    now, expected = 0.0, []
    while now <= 100.0:
        begin = now + every.quantile_at(stream.uniform())
        now = begin + lasts.quantile_at(stream.uniform())
        expected.append((begin, now))
    gate = strike(event("closed-site", (CITY_1,), every=every, lasts=lasts)).gate(CITY_1)
    assert gate is not None
    expected = [span for span in expected if span[0] <= 100.0]
    assert np.array(gate.spans) == pytest.approx(np.array(expected), rel=1e-12)


def test_the_share_of_time_that_is_struck() -> None:
    """Up for 30 hours and down for 10 in the mean: down for a quarter of the time.

    In 12,000 cycles the standard error of the ratio is 0.25 · 0.75 · sqrt(2 / n) for exponential
    times (delta method); 4.5 of them is a false alarm in 150,000.
    """
    spec = event(
        "closed-site", (CITY_1, CITY_2, CITY_3), every=Exponential(30.0), lasts=Exponential(10.0),
        each=True,
    )  # fmt: skip
    horizon = 160_000.0
    struck = strike(spec, horizon=horizon)
    down, cycles = 0.0, 0
    for site in (CITY_1, CITY_2, CITY_3):
        gate = struck.gate(site)
        assert gate is not None
        down += sum(min(end, horizon) - begin for begin, end in gate.spans)
        cycles += len(gate.spans)
    assert cycles > 10_000
    assert down / (3 * horizon) == pytest.approx(0.25, abs=4.5 * 0.1875 * sqrt(2 / cycles))


def test_chance_and_uncertain_beginnings() -> None:
    """Over 4,000 replications: 30 % happen, and begin evenly between 20 and 60 hours."""
    spec = event("closed-site", (CITY_1,), (20.0, 60.0), chance=0.3)
    plan = plan_with(spec)
    begins = [
        begin
        for replication in range(4000)
        for begin in draw_strikes(plan, Streams(3, replication)).strikes().begin.tolist()
    ]
    assert len(begins) == pytest.approx(1200, abs=4.5 * sqrt(4000 * 0.3 * 0.7))
    assert np.mean(begins) == pytest.approx(40.0, abs=4.5 * 40 / sqrt(12 * len(begins)))
    assert 20.0 <= min(begins) < 21.0
    assert 59.0 < max(begins) <= 60.0


def test_many_sites_by_themselves_are_as_each_alone() -> None:
    spec = event("closed-site", (CITY_1, CITY_2, CITY_3), every=Uniform(9.0, 0.3), each=True)
    together = strike(spec)
    for site in spec.sites:
        alone = strike(replace(spec, sites=(site,))).gate(site)
        assert alone == together.gate(site)
    assert together.gate(CITY_1) != together.gate(CITY_2)


windows = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda pair: (pair[0], sum(pair))),
    max_size=6,
)


@given(windows, st.integers(-4, 200))
def test_open_at_is_the_first_moment_in_no_window(
    spans: list[tuple[int, int]], quarter: int
) -> None:
    closures = close([(float(begin), float(end)) for begin, end in spans])
    t = quarter / 4
    slow = t
    while any(begin <= slow < end for begin, end in spans):
        slow = min(end for begin, end in spans if begin <= slow < end)
    assert closures.open_at(t) == slow
    assert all(one[1] < other[0] for one, other in pairwise(closures.spans))


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(0, 4)), max_size=6),
    st.integers(-4, 120),
)
def test_factors_of_the_windows_that_hold_multiply(
    given: list[tuple[int, int, int]], quarter: int
) -> None:
    spans = [(float(begin), float(begin + length), float(f)) for begin, length, f in given]
    product = 1.0
    for begin, end, factor in spans:
        if begin <= quarter / 4 < end:
            product *= factor
    steps = multiply(spans)
    assert steps.at(quarter / 4) == product
    assert steps.at_all(np.array([quarter / 4])).tolist() == [product]


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=1, max_size=20),
    st.integers(0, 20), st.integers(1, 15), st.integers(0, 20),
)  # fmt: skip
def test_cuts_against_exact_fractions(
    lots: list[tuple[int, int]], begin: int, length: int, twentieths: int
) -> None:
    lots.sort()
    spec = event("output-cut", (NORTH,), float(begin), float(length), amount=twentieths / 20)
    times, units = (np.array(column) for column in zip(*lots, strict=True))
    found = strike(spec).cut(NORTH, 0, times.astype(np.float64), units)
    lost, expected = Fraction(0), []
    for time, much in lots:
        before = ceil(lost)
        if begin <= time < begin + length:
            lost += Fraction(twentieths, 20) * much
        expected.append(much - (ceil(lost) - before))
    assert found.tolist() == expected
    assert (found >= 0).all()


def test_closures_are_taken_out_of_a_shift() -> None:
    shift = daily(8.0, 18.0, "finish", days=3)
    shorter = shut(shift, Closures((6.0, 12.0, 30.0), (9.0, 13.0, 54.0)))
    assert shorter.calendar.opens == (9.0, 13.0, 56.0)
    assert shorter.calendar.closes == (12.0, 18.0, 66.0)
    assert (shorter.closing, shorter.always) == ("finish", False)
    always = shut(ALWAYS, Closures((10.0,), (15.0,)))
    assert (always.calendar.opens, always.calendar.closes) == ((0.0, 15.0), (10.0, inf))
    assert (always.closing, always.always) == ("pause", False)
    assert shut(ALWAYS, Closures((0.0,), (15.0,))).calendar.opens == (15.0,)


def test_without_closures_a_shift_is_itself() -> None:
    shift = daily(8.0, 18.0, "fits", days=3)
    assert shut(shift, None) is shift
    assert shut(shift, Closures((), ())) is shift
    night = shut(shift, Closures((18.0,), (32.0,)))
    assert night.calendar == shift.calendar  # shut when nobody works


def test_a_shift_that_is_shut_for_good() -> None:
    gone = shut(daily(8.0, 18.0, "pause", days=2), Closures((0.0,), (99.0,)))
    assert gone.calendar.opens == ()
    assert gone.calendar.span_pause_at(3.0, 1.0) == (inf, inf)


@given(
    windows,
    st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=5),
)
def test_open_hours_of_a_shut_shift(
    spans: list[tuple[int, int]], steps: list[tuple[int, int]]
) -> None:
    """Hour by hour, it is open where the shift is and no window holds."""
    opens, closes, now = list[float](), list[float](), 0.0
    for gap, length in steps:
        opens.append(now + gap)
        now += gap + length
        closes.append(now)
    shift = replace(daily(8.0, 18.0, "pause"), calendar=type(ALWAYS.calendar)(
        tuple(opens), tuple(closes)))  # fmt: skip
    closures = close([(float(begin), float(end)) for begin, end in spans])
    shorter = shut(shift, closures).calendar
    open_hours = 0
    for hour in range(100):
        mid = hour + 0.5
        is_open = shift.calendar.is_open_at(mid) and closures.open_at(mid) == mid
        assert shorter.is_open_at(mid) == is_open
        open_hours += is_open
    assert shorter.elapsed_at(100.0) == open_hours
    assert all(
        end - begin > SLACK for begin, end in zip(shorter.opens, shorter.closes, strict=True)
    )


def test_windows_that_overlap_or_touch_are_one() -> None:
    spans = [(10.0, 12.0), (0.0, 1.0), (4.0, 6.0), (5.0, 5.5), (6.0, 9.0), (11.0, 13.0)]
    assert close(spans) == Closures((0.0, 4.0, 10.0), (1.0, 9.0, 13.0))
