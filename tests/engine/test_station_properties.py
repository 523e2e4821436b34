"""What holds for any station and any shipments, however the pieces are combined."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from math import inf

import pytest
from engine.station_bench import ALWAYS, DOCK, Bench, breaks, daily
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.plan.specs import Shift, StationSpec

HORIZON = 24.0 * 40
NEAR = 1e-6

times = st.one_of(
    st.integers(0, 60).map(lambda quarter: quarter / 4), st.floats(0, 15, allow_subnormal=False)
)
comings = st.lists(
    st.tuples(times, st.dictionaries(st.integers(0, 2), st.integers(1, 4), min_size=1, max_size=2)),
    max_size=14,
)
shifts = st.sampled_from([ALWAYS, *(daily(8.0, 18.0, r, 40) for r in ("finish", "pause", "fits"))])
breakdowns = st.sampled_from(
    [None, *(breaks(a, r, c) for a in (2.5, 13.0) for r in (0.5, 7.0) for c in ("working",))]
    + [breaks(a, r, "calendar") for a in (9.0, 31.0) for r in (0.25, 7.0)]
)
stations = st.builds(
    lambda **changes: replace(DOCK, **changes),
    servers=st.sampled_from([1.0, 2.0]),
    shift=shifts,
    ranks=st.sampled_from([(), (0, 1, 2), (1, 1, 0)]),
    preempts=st.booleans(),
    yard=st.sampled_from([inf, 0.0, 1.0, 3.0]),
    turns_away=st.booleans(),
    breakdown=breakdowns,
)


def open_hours(shift: Shift, begin: float, end: float) -> float:
    if shift.closing != "pause":
        return end - begin
    return shift.calendar.elapsed_at(end) - shift.calendar.elapsed_at(begin)


@settings(max_examples=150)
@given(stations, comings)
def test_one_station(
    station: StationSpec, comings: list[tuple[float, int | dict[int, int]]]
) -> None:
    assert_what_holds(station, comings)


@pytest.mark.slow
@settings(max_examples=400)
@given(stations, comings)
def test_one_station_of_many(
    station: StationSpec, comings: list[tuple[float, int | dict[int, int]]]
) -> None:
    assert_what_holds(station, comings)


def assert_what_holds(
    station: StationSpec, comings: list[tuple[float, int | dict[int, int]]]
) -> None:
    bench = Bench(station, horizon=HORIZON, general=True).run(comings)
    spans = defaultdict(list)
    for row in bench.rows:
        spans[int(row[2])].append(row)
    assert not spans.keys() & bench.refused.keys()
    assert spans.keys() | bench.refused.keys() == set(range(len(comings)))

    for trip, rows in spans.items():
        assert [row[6] for row in rows] == list(range(len(rows)))
        assert {row[3] for row in rows} == {comings[trip][0]}
        done = [row[7] > 0 for row in rows]
        assert not any(done[:-1])
        assert done[-1] == (trip in bench.left)
        for row, later in pairwise(rows):
            assert row[5] <= later[4]
        for row in rows:
            assert row[4] != row[4] or row[3] <= row[4]
            assert row[5] != row[5] or row[4] <= row[5]
        if done[-1]:  # all the work was done, no more and no less
            worked = sum(open_hours(station.shift, row[4], row[5]) for row in rows)
            assert abs(worked - sum(bench.loads[trip].values())) < NEAR
            assert bench.left[trip] == rows[-1][5]

    _assert_servers(station, bench)
    if not isinf_or_wait(station):
        _assert_yard(station, bench)
    if station.shift.closing == "fits":
        for row in bench.rows:
            if row[5] == row[5] and row[5] - row[4] > NEAR:
                assert station.shift.calendar.closing_after_at(row[4]) >= row[5] - NEAR
    _assert_order(station, bench)


def isinf_or_wait(station: StationSpec) -> bool:
    return station.yard == inf or not station.turns_away


def _assert_servers(station: StationSpec, bench: Bench) -> None:
    """Never more at work than there are servers."""
    moves = []
    for row in bench.rows:
        if row[4] == row[4]:
            end = HORIZON if row[5] != row[5] else row[5]
            moves += [(row[4], 1), (end, -1)]
    at_work = 0
    for _, step in sorted(moves):
        at_work += step
        assert at_work <= station.servers


def _assert_yard(station: StationSpec, bench: Bench) -> None:
    """Never more before their first service than the yard holds, but in passing."""
    moves = []
    for row in bench.rows:
        if row[6] == 0:
            began = HORIZON if row[4] != row[4] else row[4]
            moves += [(row[3], 1), (began, -1)] if began > row[3] else []
    waiting = 0
    for _, step in sorted(moves):
        waiting += step
        assert waiting <= station.yard


def _assert_order(station: StationSpec, bench: Bench) -> None:
    """Within a rank, who came first begins first; with interruption nobody of a worse rank is at
    work while a better one waits and could be."""
    rank = {
        trip: min((station.ranks[p] for p in load), default=0) if station.ranks else 0
        for trip, load in enumerate(bench.loads)
    }
    firsts = sorted(
        (row[3], int(row[2]), inf if row[4] != row[4] else row[4])
        for row in bench.rows
        if row[6] == 0
    )
    if station.shift.closing != "fits":
        for place, (_, trip, began) in enumerate(firsts):
            for _, other, later in firsts[place + 1 :]:
                if rank[other] == rank[trip]:
                    assert began <= later
    if station.preempts and station.shift is ALWAYS and station.yard == inf:
        for _, trip, began in firsts:
            joined = next(row[3] for row in bench.rows if row[2] == trip)
            for row in bench.rows:
                if rank[int(row[2])] > rank[trip]:
                    overlap = min(row[5], began) - max(row[4], joined)
                    assert not overlap > NEAR


@settings(max_examples=150)
@given(st.tuples(stations, stations, stations), comings, st.booleans())
def test_three_in_series(
    specs: tuple[StationSpec, StationSpec, StationSpec],
    comings: list[tuple[float, int | dict[int, int]]],
    general: bool,
) -> None:
    """Everybody comes out or is turned away, or would have to wait for ever."""
    ones = [replace(spec, shift=ALWAYS) for spec in specs]
    bench = Bench(*ones, horizon=HORIZON, general=general)
    for time, load in comings:
        bench.come(time, load, (0, 1, 2))
    bench.run()
    assert bench.left.keys() | bench.refused.keys() == set(range(len(comings)))
    for index, station in enumerate(ones[1:], 1):
        rows = [row for row in bench.rows if row[0] == index]
        if station.yard < inf and not station.turns_away:
            # who waits holds a place; all come by reservation, so there are no others
            moves = sorted(
                move
                for row in rows
                if row[6] == 0 and row[4] > row[3]
                for move in ((row[3], 1), (row[4], -1))
            )
            waiting = 0
            for _, step in moves:
                waiting += step
                assert waiting <= station.yard
