"""How long a service takes, which draws it takes, and the plain station in itself."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np
import pytest
from engine.station_bench import ALWAYS, DOCK, Bench, assert_spans, daily, parts
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.service import WorkingTime, service_hours
from sim.engine.station import Station
from sim.laws import Constant, Exponential, Law
from sim.plan.specs import StationSpec
from sim.streams import Streams


def spec(**changes: object) -> StationSpec:
    return replace(DOCK, per_unit=None, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "load", "hours", "draws"),
    [
        ({"per_vehicle": Constant(2.0)}, {0: 5, 2: 1}, 2.0, 1),
        ({"per_lot": Constant(2.0)}, {0: 5, 2: 1}, 4.0, 2),
        ({"per_unit": Constant(2.0)}, {0: 5, 2: 1}, 12.0, 0),
        ({"times": (None, Constant(3.0), Constant(4.0))}, {0: 5, 2: 1}, 4.0, 1),
        (
            {"times": (None, Constant(3.0), Constant(4.0)), "per_lot": Constant(0.5)},
            {0: 5, 2: 1},
            4.5,
            2,
        ),
        (
            {
                "per_vehicle": Constant(1.0),
                "per_lot": Constant(0.5),
                "per_unit": Constant(0.25),
            },
            {1: 2},
            2.0,
            2,
        ),
        ({"per_vehicle": Constant(1.0), "per_lot": Constant(0.5)}, {}, 1.0, 1),
        ({"per_lot": Constant(0.5), "per_unit": Exponential(0.25)}, {}, 0.0, 0),
    ],
)
def test_hours_of_constant_laws(
    changes: dict[str, Law], load: dict[int, int], hours: float, draws: int
) -> None:
    stream = Streams(1, 0).stream("dock")
    assert service_hours(spec() if not changes else replace(spec(), **changes), load, stream) == (
        pytest.approx(hours, abs=1e-12)
    )
    assert stream.drawn == draws


def test_draws_come_in_one_order_vehicle_then_lots_then_units() -> None:
    times = (Exponential(2.0), None, Exponential(3.0))
    station = spec(per_vehicle=Exponential(1.0), per_lot=Exponential(5.0), times=times)
    station = replace(station, per_unit=Exponential(0.5))
    draws = Streams(7, 0).stream("dock")
    u = [draws.uniform() for _ in range(8)]
    drawn = [Exponential(m).quantile_at(x) for m, x in zip([1, 2, 5, 3], u, strict=False)]
    units = [Exponential(0.5).quantile_at(x) for x in u[4:]]
    stream = Streams(7, 0).stream("dock")
    # written out of order: lots come by product, not as they were loaded
    assert service_hours(station, {2: 1, 0: 2, 1: 1}, stream) == pytest.approx(
        sum(drawn) + sum(units), rel=1e-14
    )
    assert stream.drawn == 8


def test_each_unit_has_a_time_of_its_own() -> None:
    """The variance of 100 units' time is 100 times that of one, not 10,000 times."""
    station = replace(spec(), per_unit=Exponential(1.0))
    streams = Streams(3, 0)
    hours = [service_hours(station, {0: 100}, streams.stream(f"dock-{i}")) for i in range(60)]
    assert 5.0 < np.std(hours) < 16.0  # 10 expected; chi-square with 59 degrees: far beyond 5 sigma


def test_the_plain_station_serves_in_the_order_of_coming() -> None:
    bench = Bench(DOCK).run([(0.0, 3), (1.0, 1), (1.5, 2)])
    assert isinstance(bench.stations[0], Station)
    assert_spans(bench, [(0, 0.0, 3.0), (1, 3.0, 4.0), (2, 4.0, 6.0)])
    assert bench.left == {0: 3.0, 1: 4.0, 2: 6.0}


@pytest.mark.parametrize("general", [False, True])
def test_a_shipment_goes_on_when_its_service_is_recorded_and_the_server_free(general: bool) -> None:
    bench = Bench(DOCK, general=general)
    seen: list[list[float]] = []
    for trip in range(3):
        event = bench.stations[0].serve(trip, {0: 1})
        event.callbacks.append(lambda _: seen.append([row[7] for row in bench.rows]))
    bench.run()
    assert seen == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_what_lies_past_the_horizon_is_not_recorded() -> None:
    bench = Bench(DOCK, horizon=3.5).run([(0.0, 3), (1.0, 1), (1.5, 2)])
    assert_spans(bench, [(0, 0.0, 3.0), (1, 3.0, nan), (2, nan, nan)])
    assert parts(bench) == [(0, 0, True), (1, 0, False), (2, 0, False)]
    night = Bench(replace(DOCK, shift=daily(8.0, 18.0, "finish")), horizon=30.0)
    assert_spans(night.run([(19.0, 1)]), [(0, nan, nan)])
    assert_spans(
        Bench(replace(DOCK, shift=daily(8.0, 18.0, "finish")), horizon=32.0).run([(19.0, 1)]),
        [(0, 32.0, nan)],
    )


def test_an_empty_vehicle_that_takes_no_time_waits_for_its_turn() -> None:
    bench = Bench(DOCK).run([(0.0, 3), (1.0, {})])
    assert_spans(bench, [(0, 0.0, 3.0), (1, 3.0, 3.0)])


def test_what_fits_into_no_opening_hours_stays_and_holds_no_server() -> None:
    station = replace(DOCK, shift=daily(8.0, 12.0, "fits"))
    for general in (False, True):
        bench = Bench(station, general=general).run([(0.0, 5), (0.0, 4), (7.0, 1)])
        assert_spans(bench, [(1, 8.0, 12.0), (2, 32.0, 33.0), (0, nan, nan)])


def test_the_next_goes_ahead_of_what_never_fits() -> None:
    station = replace(DOCK, shift=daily(8.0, 12.0, "fits"))
    for general in (False, True):
        bench = Bench(station, general=general).run([(9.0, 5), (9.0, 3)])
        assert_spans(bench, [(1, 9.0, 12.0), (0, nan, nan)])


def test_others_pass_who_must_wait_for_the_morning_as_long_as_there_are_servers() -> None:
    """It keeps one of three; the two behind it take the others at once."""
    station = replace(DOCK, shift=daily(8.0, 18.0, "fits"), servers=3.0)
    for general in (False, True):
        bench = Bench(station, general=general).run([(16.0, 5), (16.0, 1), (16.0, 1), (16.0, 1)])
        assert_spans(bench, [(1, 16, 17), (2, 16, 17), (3, 17, 18), (0, 32, 37)])


comings = st.lists(
    st.tuples(
        st.integers(0, 240).map(lambda quarter: quarter / 4), st.dictionaries(
            st.integers(0, 2), st.integers(1, 12), max_size=2
        ),
    ),
    max_size=25,
)  # fmt: skip
shifts = st.sampled_from(
    [ALWAYS, *(daily(8.0, 18.0, rule, days=4) for rule in ("finish", "pause", "fits"))]
)
laws = st.sampled_from([None, Constant(0.5), Exponential(0.7)])


@settings(max_examples=300)
@given(comings, shifts, st.sampled_from([1.0, 2.0, 3.0, np.inf]), laws, laws, laws, st.booleans())
def test_the_general_station_does_exactly_what_the_plain_one_does(
    comings: list[tuple[float, int | dict[int, int]]],
    shift: object,
    servers: float,
    per_vehicle: Law | None,
    per_lot: Law | None,
    per_unit: Law | None,
    in_series: bool,
) -> None:
    station = replace(
        DOCK, shift=shift, servers=servers, per_vehicle=per_vehicle, per_lot=per_lot,
        per_unit=per_unit,
    )  # type: ignore[arg-type]  # fmt: skip
    benches = [Bench(station, station, horizon=80.0, general=general) for general in (False, True)]
    for bench in benches:
        for time, load in comings:
            bench.come(time, load, (0, 1) if in_series else (0,))
        bench.run()
    plain, general = (
        sorted(bench.rows, key=lambda row: (row[0], row[3], row[2])) for bench in benches
    )
    assert np.array_equal(np.array(plain), np.array(general), equal_nan=True)
    assert benches[0].left == benches[1].left
    if not in_series:
        assert str(benches[0].rows) == str(benches[1].rows)  # to the order of the rows


def test_work_that_pauses_has_gone_on_until_the_last_closing() -> None:
    """Working days from 8 to 18; work that finishes after closing goes on until now."""
    pausing = WorkingTime(daily(8.0, 18.0, "pause"))
    assert pausing.stopped(9.0, 20.0) == 18.0
    assert pausing.stopped(9.0, 12.0) == 12.0
    assert pausing.stopped(9.0, 32.0 + 12.0) == 42.0
    assert pausing.stopped(19.0, 20.0) == 19.0
    assert pausing.stopped(6.0, 7.0) == 6.0
    assert WorkingTime(daily(8.0, 18.0, "finish")).stopped(9.0, 20.0) == 20.0
