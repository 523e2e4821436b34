"""Facilities that use up what they get: what is asked for and met, and stock over time."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.plans import CITY, CLINIC, COUNTY, FACTORY, chain
from scipy import stats

from sim.engine.consumption import Clockwork, use_up
from sim.engine.stocks import Asks, many, once
from sim.engine.strikes import draw_strikes
from sim.laws import Constant
from sim.ledger import Cause, Loads, Losses, Supplies, Tours, Trips, Uses
from sim.plan.specs import ConsumptionSpec, DisruptionSpec, Plan
from sim.streams import Streams

SITES = (("site/maker", FACTORY), ("city/1", CITY), ("county/1", COUNTY), ("county/2", COUNTY))
MAKER, TOWN, COUNTY_1, COUNTY_2 = range(4)


def use(
    pattern: str = "constant",
    rate: float = 0.0,
    *,
    times: tuple[float, ...] = (),
    units: int = 1,
    stock: int = 0,
    echelon: int = CLINIC,
    product: int = 0,
    name: str = "daily",
) -> ConsumptionSpec:
    return ConsumptionSpec(name, echelon, product, pattern, rate, times, units, stock)


def plan_of(
    *consumption: ConsumptionSpec,
    stops: tuple[int, ...] = (2, 1),
    horizon: float = 20.0,
    warm_up: float = 0.0,
    need: tuple[DisruptionSpec, ...] = (),
    units: tuple[int, ...] = (3, 5),
) -> Plan:
    """Tours from the counties to so many stops each; goods end at the facilities."""
    tours = [(site, [1.0] * count, 1.0) for site, count in zip((2, 3), stops, strict=True)]
    plan = chain(sites=SITES, tours=tours if sum(stops) else (), units=units, horizon=horizon)
    return replace(plan, consumption=consumption, warm_up=warm_up, disruptions=need)


NO_SUPPLIES = Supplies(np.zeros(0), *(np.zeros(0, np.int64) for _ in range(3)))
NO_LOSSES = Losses(np.zeros(0), *(np.zeros(0, np.int64) for _ in range(6)))


def trips_of(*rows: tuple[int, float, dict[int, int]]) -> tuple[Trips, Loads]:
    """Return trips to a destination, received at a time, with a load."""
    whole, some = np.zeros(len(rows), np.int64), np.full(len(rows), nan)
    trips = Trips(
        whole, whole, np.array([site for site, _, _ in rows], np.int64), some, some, some, some,
        some, np.array([time for _, time, _ in rows], np.float64), some, some, whole,
    )  # fmt: skip
    loads = [
        (trip, product, units)
        for trip, (_, _, load) in enumerate(rows)
        for product, units in load.items()
    ]
    table = np.array(loads, np.int64).reshape(-1, 3)
    return trips, Loads(*table.T)


def used(
    plan: Plan,
    delivered: tuple[float, ...] = (),
    rows: tuple[tuple[int, float, dict[int, int]], ...] = (),
    losses: Losses = NO_LOSSES,
    supplies: Supplies = NO_SUPPLIES,
    ended: float | None = None,
    replication: int = 0,
) -> Uses:
    streams = Streams(1, replication)
    trips, loads = trips_of(*rows)
    none = np.zeros(0)
    tours = tuple(Tours(none, none, none, none, none, np.array(delivered)) for _ in plan.tours)
    return use_up(
        plan, streams, draw_strikes(plan, streams), supplies, trips, loads, losses, tours,
        plan.horizon if ended is None else ended,
    )  # fmt: skip


def row(uses: Uses, i: int) -> tuple[int, int, float, float, int]:
    return (
        int(uses.wanted[i]), int(uses.met[i]), float(uses.empty[i]), float(uses.stock[i]),
        int(uses.left[i]),
    )  # fmt: skip


def test_one_unit_after_each_equal_interval() -> None:
    """One unit in 2 h, so at 2, 4, ..., 18 o'clock; 20 o'clock is the end."""
    plan = plan_of(use(rate=0.5))
    uses = used(plan, (4.0, 17.0, nan))
    assert uses.place.tolist() == [0, 1, 2]
    assert uses.site.tolist() == [COUNTY_1, COUNTY_1, COUNTY_2]
    # 3 units at 4 o'clock, the first of them asked for at the same moment: 2 left till 6 o'clock
    assert row(uses, 0) == (9, 3, 4 + 12, 2 * 2 + 2 * 1, 0)
    # 3 units at 17 o'clock: 3 for an hour, 2 for two hours
    assert row(uses, 1) == (9, 1, 17, 3 * 1 + 2 * 2, 2)
    assert row(uses, 2) == (9, 0, 20, 0, 0)


def test_stock_at_the_start_is_used_first() -> None:
    plan = plan_of(use(rate=0.5, stock=2))
    uses = used(plan, (10.0, 1.0, nan))
    assert row(uses, 0) == (9, 5, (10 - 4) + (20 - 14), 2 * 2 + 1 * 2 + 2 * 2 + 1 * 2, 0)
    assert row(uses, 1) == (9, 5, 20 - 10, 2 + 5 + 4 * 2 + 3 * 2 + 2 * 2 + 1 * 2, 0)
    assert row(uses, 2) == (9, 2, 16, 6, 0)


def test_a_rate_counts_from_its_beginning() -> None:
    """Asks at 7 + 2, 7 + 4, ..., 19 o'clock; those at random are the same luck, 7 h later."""
    late = replace(use(rate=0.5, stock=2), begins=7.0)
    uses = used(plan_of(late), (10.0, nan, nan))
    # one of 2 at 9 o'clock, 3 more at 10, then one each at 11, 13, ..., none is left at 17
    assert row(uses, 0) == (6, 5, 20 - 17, 2 * 9 + 1 * 1 + 4 * 1 + 3 * 2 + 2 * 2 + 1 * 2, 0)
    assert row(uses, 1) == (6, 2, 20 - 11, 2 * 9 + 1 * 2, 0)
    chance = use("poisson", rate=0.5, stock=3)
    at_once = used(plan_of(chance, horizon=13.0), (nan, nan, nan), ended=13.0)
    shifted = used(plan_of(replace(chance, begins=7.0)), (nan, nan, nan))
    for place in range(3):
        wanted, met, empty, stock, left = row(at_once, place)
        assert row(shifted, place) == pytest.approx((wanted, met, empty, stock + 3 * 7, left))
    nothing = used(plan_of(replace(chance, begins=19.0)), (nan, nan, nan), ended=18.0)
    assert row(nothing, 0) == (0, 0, 0, 3 * 18, 3)


def test_a_timetable_takes_what_there_is() -> None:
    plan = plan_of(use("timetable", times=(5.0, 10.0, 15.0), units=2, product=1, stock=1))
    uses = used(plan, (12.0, 10.0, nan))
    assert row(uses, 0) == (6, 3, 12 - 5, 5 + 5 * 3 + 3 * 5, 3)  # 1 of 2, none of 2, 2 of 2
    assert row(uses, 1) == (6, 5, 5, 5 + 3 * 5 + 1 * 5, 1)
    assert row(uses, 2) == (6, 1, 15, 5, 0)


def test_what_counts_is_after_the_warm_up_and_before_the_end() -> None:
    plan = plan_of(use(rate=0.5, stock=4), warm_up=4.0)
    uses = used(plan, (11.0, nan, 0.0), ended=16.0)
    # asks at 4, 6, ..., 14 count: 4 is the warm-up's end, and 16 the run's
    assert row(uses, 0) == (6, 3 + 2, 11 - 8, 2 * 2 + 1 * 2 + 3 * 1 + 2 * 2 + 1 * 2, 1)
    assert row(uses, 1) == (6, 3, 16 - 8, 2 * 2 + 1 * 2, 0)
    assert row(uses, 2) == (6, 6, 2, 5 * 2 + 4 * 2 + 3 * 2 + 2 * 2 + 1 * 2, 0)
    assert row(used(plan, (nan, nan, 16.0), ended=16.0), 2)[-1] == 3  # came as the run ended
    none = used(plan, (1.0, nan, nan), ended=3.0)
    assert row(none, 0) == (0, 0, 0, 0, 4 + 3 - 1)


def test_sites_use_what_their_trips_bring() -> None:
    plan = plan_of(use(rate=1.0, echelon=COUNTY), stops=(0, 0), horizon=10.0)
    trips = ((COUNTY_1, 2.5, {0: 2, 1: 9}), (COUNTY_1, 7.0, {0: 5}), (COUNTY_2, nan, {0: 5}),
             (TOWN, 1.0, {0: 9}), (COUNTY_2, 8.5, {0: 1}))  # fmt: skip
    uses = used(plan, rows=trips)
    assert uses.place.tolist() == uses.site.tolist() == [COUNTY_1, COUNTY_2]
    # asks at 1, 2, ..., 9: met at 3 and 4, and at 7, 8 and 9
    assert row(uses, 0) == (9, 5, 2.5 + 3, 2 * 0.5 + 1 + 4 + 3 + 2, 2)
    assert row(uses, 1) == (9, 1, 8.5 + 1, 0.5, 0)


def test_what_was_damaged_does_not_arrive() -> None:
    plan = plan_of(use(rate=1.0, echelon=COUNTY), stops=(0, 0), horizon=10.0)
    trips = ((COUNTY_1, 0.0, {0: 9, 1: 4}), (COUNTY_2, 0.0, {0: 9}))
    cause = [Cause.DAMAGED, Cause.DAMAGED, Cause.DAMAGED, Cause.TURNED_AWAY]
    lost = Losses(
        np.zeros(4), np.array([0, 0, 0, 1]), np.array([COUNTY_1] * 3 + [COUNTY_2]),
        np.full(4, -1), np.array([0, 0, 1, 0]), np.array([2, 1, 4, 9]), np.array(cause),
    )  # fmt: skip
    uses = used(plan, rows=trips, losses=lost)
    assert [row(uses, i)[1] for i in (0, 1)] == [6, 9]


def test_what_appears_at_a_site_is_used_there() -> None:
    plan = plan_of(use(rate=1.0, echelon=COUNTY), stops=(0, 0), horizon=10.0)
    own = Supplies(
        np.array([0.0, 5.0, 0.0]), np.array([COUNTY_1, COUNTY_1, COUNTY_1]),
        np.array([0, 0, 1]), np.array([2, 1, 9]),
    )  # fmt: skip
    assert row(used(plan, supplies=own), 0)[1] == 3


def surge(begin: float, lasts: float, factor: float, name: str = "flu") -> DisruptionSpec:
    return DisruptionSpec(
        name, "sudden-need", begin, begin, None, Constant(lasts), 1.0, False, (COUNTY_1,),
        echelon=CLINIC, products=(0,), amount=factor,
    )  # fmt: skip


def test_sudden_need_brings_asks_nearer() -> None:
    """At 1/h the clock stands at 5 by 5 o'clock; then twice as fast till 8: 5.5, ..., 8 ask."""
    plan = plan_of(use(rate=1.0, stock=100), need=(surge(5.0, 3.0, 2.0),), horizon=12.0)
    uses = used(plan, (nan, nan, nan))
    assert uses.wanted.tolist() == [5 + 6 + 3, 14, 11]  # the flu is in county 1 only
    times = [1, 2, 3, 4, 5, 5.5, 6, 6.5, 7, 7.5, 8, 9, 10, 11]
    assert uses.stock[0] == pytest.approx(100 * 12 - sum(12 - t for t in times), rel=1e-12)
    clock = Clockwork(1.0, [(5.0, 8.0, 2.0), (7.0, 9.0, 0.0)])
    assert clock.when(np.array([1.0, 5.0, 6.0, 9.0, 9.5, 10.0])).tolist() == [
        1, 5, 5.5, 7, 9.5, 10,
    ]  # fmt: skip
    assert [clock.by(t) for t in (0.0, 5.0, 6.0, 7.0, 8.5, 9.0, 10.0)] == [0, 5, 7, 9, 9, 9, 10]


def test_no_need_at_all_for_a_time() -> None:
    plan = plan_of(use(rate=1.0, stock=100), need=(surge(2.0, 99.0, 0.0),))
    assert used(plan, (nan, nan, nan)).wanted.tolist() == [2, 2, 19]


def test_sudden_need_of_a_timetable_is_of_whole_units() -> None:
    spec = use("timetable", times=(1.0, 2.0, 3.0, 4.0, 9.0), units=3, stock=100)
    plan = plan_of(spec, need=(surge(2.0, 5.0, 1.5),))
    assert used(plan, (nan, nan, nan)).wanted.tolist() == [3 + 13 + 3, 19, 15]  # 13.5 in between


@pytest.mark.parametrize("pattern", ["constant", "poisson", "timetable"])
def test_need_that_does_not_change(pattern: str) -> None:
    spec = use(pattern, 0.7, times=(3.0, 4.0, 11.0), stock=5)
    calm = used(plan_of(spec), (2.0, 3.0, nan))
    for idle in (surge(3.0, 9.0, 1.0), surge(3.0, 0.0, 5.0)):
        other = used(plan_of(spec, need=(idle,)), (2.0, 3.0, nan))
        for name in ("wanted", "met", "empty", "stock", "left"):
            assert getattr(calm, name).tobytes() == getattr(other, name).tobytes()


def test_several_products_and_no_consumption() -> None:
    plan = plan_of(use(rate=0.5), use(rate=1.0, product=1, name="other"))
    uses = used(plan, (0.0, 0.0, 0.0))
    assert uses.spec.tolist() == [0, 0, 0, 1, 1, 1]
    assert uses.met.tolist() == [3, 3, 3, 5, 5, 5]
    nothing = used(plan_of(), (0.0, 0.0, 0.0))
    assert len(nothing.spec) == len(nothing.empty) == 0
    assert (nothing.spec.dtype, nothing.empty.dtype) == (np.int64, np.float64)


def test_poisson_asks_are_those_of_named_streams() -> None:
    plan = plan_of(use("poisson", 0.7, stock=1000))
    uses = used(plan, (nan, nan, nan))
    for i, (site, rank) in enumerate((("county/1", 0), ("county/1", 1), ("county/2", 0))):
        stream = Streams(1, 0).stream(f"{site}/consumption/daily/{rank}")
        times, now = [], 0.0
        while now < 20.0:
            now += -np.log1p(-stream.uniform()) / 0.7
            times.append(now)
        times.pop()
        assert uses.wanted[i] == len(times)
        assert uses.stock[i] == pytest.approx(20_000 - sum(20 - t for t in times), rel=1e-12)


def test_a_poisson_stock_against_theory() -> None:
    """No delivery, stock 8, rate 0.5/h for 20 h: N is Poisson(10).

    E min(N, 8), and hours empty: the integral of P(N(t) >= 8), t - (8 / rate) Gamma parts. Over
    3,000 places; 4.5 standard errors.
    """
    n, rate, horizon, stock = 3000, 0.5, 20.0, 8
    sites = tuple((f"site/{i}", COUNTY) for i in range(n))
    plan = replace(chain(sites=sites, horizon=horizon), consumption=(
        use("poisson", rate, stock=stock, echelon=COUNTY),))  # fmt: skip
    uses = used(plan)
    count = stats.poisson(rate * horizon)
    met = sum(k * count.pmf(k) for k in range(stock)) + stock * count.sf(stock - 1)
    # hours empty = E (T - S)+ with S the 8th ask: Gamma(8) of mean 16
    ask = stats.gamma(stock, scale=1 / rate)
    more = stats.gamma(stock + 1, scale=1 / rate)
    empty = horizon * ask.cdf(horizon) - stock / rate * more.cdf(horizon)
    for sample, mean in ((uses.wanted, 10.0), (uses.met, met), (uses.empty, empty)):
        assert sample.mean() == pytest.approx(mean, abs=4.5 * sample.std() / sqrt(n))
    assert uses.wanted.var() == pytest.approx(10.0, rel=4.5 * sqrt(2.1 / n))


def test_a_poisson_need_that_doubles() -> None:
    """10 h at 0.5 and 10 h at 1.0: Poisson(15), with a third of the asks in the first half."""
    n = 3000
    sites = tuple((f"site/{i}", COUNTY) for i in range(n))
    more = replace(surge(10.0, 10.0, 2.0), sites=tuple(range(n)), echelon=COUNTY)
    plan = replace(
        chain(sites=sites, horizon=20.0), disruptions=(more,),
        consumption=(use("poisson", 0.5, stock=1000, echelon=COUNTY),),
    )  # fmt: skip
    whole, half = used(plan), used(plan, ended=10.0)
    assert whole.wanted.mean() == pytest.approx(15.0, abs=4.5 * sqrt(15 / n))
    assert half.wanted.mean() == pytest.approx(5.0, abs=4.5 * sqrt(5 / n))


def slowly(
    asks: list[tuple[float, int]], stock: int, comes: list[tuple[float, int]], since: float,
    ended: float,
) -> tuple[int, int, float, float, int]:  # fmt: skip
    """The obvious loop over moments."""
    wanted = met = 0
    empty = area = 0.0
    moments = sorted({0.0, since, ended, *(t for t, _ in asks), *(t for t, _ in comes)})
    for i, now in enumerate(moments):
        if now > ended:
            break
        stock += sum(units for time, units in comes if time == now)
        for time, units in asks:
            if time == now and now < ended:
                taken = min(units, stock)
                stock -= taken
                if now >= since:
                    wanted += units
                    met += taken
        if since <= now < ended:
            length = moments[i + 1] - now
            area += stock * length
            empty += length if stock == 0 else 0.0
    return wanted, met, empty, area, stock


half_hours = st.integers(0, 40).map(lambda n: n / 2)
ask_lists = st.lists(st.tuples(half_hours, st.integers(0, 3)), max_size=12).map(sorted)


@given(
    ask_lists, st.integers(0, 6), st.lists(st.tuples(half_hours, st.integers(0, 5)), max_size=5),
    half_hours, half_hours,
)  # fmt: skip
def test_a_stock_against_the_obvious_loop(
    asks: list[tuple[float, int]], stock: int, comes: list[tuple[float, int]], since: float,
    ended: float,
) -> None:  # fmt: skip
    since, ended = min(since, ended), max(since, ended)
    asks = [(time, units) for time, units in asks if time < ended]
    table = Asks(
        np.array([time for time, _ in asks]), np.array([units for _, units in asks], np.int64)
    )
    times = np.array([time for time, _ in comes])
    units = np.array([units for _, units in comes], np.int64)
    expected = slowly(asks, stock, comes, since, ended)
    assert many(table, stock, times, units, since, ended) == expected
    for one, much in comes[:1] or [(nan, 3)]:
        single = slowly(asks, stock, [(one, much)] if one == one else [], since, ended)
        found = once(table, stock, np.array([one, one]), much, since, ended)
        for column, value in zip(found, single, strict=True):
            assert column.tolist() == [value, value]


@given(
    st.floats(0.05, 3.0), st.integers(0, 9), st.integers(0, 9),
    st.one_of(st.just(nan), st.floats(0.0, 60.0)), st.floats(0.0, 50.0), st.floats(0.0, 50.0),
)  # fmt: skip
def test_both_ways_to_reckon_agree(
    rate: float, stock: int, units: int, time: float, since: float, ended: float
) -> None:
    since, ended = min(since, ended), max(since, ended)
    k = np.arange(1, int(rate * ended) + 2)
    times = (k / rate)[k / rate < ended]
    asks = Asks(times, np.ones(len(times), np.int64))
    found = once(asks, stock, np.array([time]), units, since, ended)
    comes = np.array([time] if time <= ended else [])
    other = many(asks, stock, comes, np.full(len(comes), units), since, ended)
    for column, value in zip(found, other, strict=True):
        assert column[0] == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_a_facility_is_never_short_and_full_at_once() -> None:
    """Hours empty and hours with stock make up the time; stock is within what came."""
    plan = plan_of(use(rate=0.9, stock=1), stops=(40, 60), horizon=50.0, warm_up=7.0)
    delivered = tuple(np.random.default_rng(1).uniform(0.0, 70.0, 100).tolist())
    uses = used(plan, delivered)
    assert ((uses.empty >= 0) & (uses.empty <= 43.0)).all()
    assert (uses.met <= np.minimum(uses.wanted, 4)).all()
    assert (uses.stock <= 4 * (43.0 - uses.empty) + 1e-9).all()
    assert (uses.stock >= 43.0 - uses.empty - 1e-9).all()
    assert not np.isin(uses.empty, [inf, nan]).any()
