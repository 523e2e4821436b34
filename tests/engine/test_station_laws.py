"""Stations against closed forms, in steady state.

Each case has independent replications from an empty station, whose first shipments are left out,
and is judged by Student's t: a right mean is refused with a chance of 1e-4 in each case, once and
for all, as the seeds are fixed.
"""

from __future__ import annotations

from dataclasses import replace
from math import factorial

import numpy as np
import pytest
from engine.station_bench import DOCK, INTERRUPTED, URGENT_FIRST, Bench
from scipy.stats import t as student

from sim.laws import Exponential
from sim.plan.specs import BreakdownSpec, StationSpec

HOUR = Exponential(1.0)
REPLICATIONS, SHIPMENTS, LEFT_OUT = 20, 1000, 150


def per_lot(station: StationSpec, **changes: object) -> StationSpec:
    return replace(station, per_unit=None, per_lot=HOUR, **changes)  # type: ignore[arg-type]


def replications(
    station: StationSpec, rates: list[float], *, general: bool = False
) -> list[tuple[Bench, np.ndarray]]:  # type: ignore[type-arg]
    """Run one station with shipments that come at random; product i at ``rates[i]`` an hour."""
    done = []
    shares = np.array(rates) / sum(rates)
    for seed in range(1, REPLICATIONS + 1):
        luck = np.random.default_rng(seed)
        times = np.cumsum(luck.exponential(1.0 / sum(rates), SHIPMENTS))
        products = luck.choice(len(rates), SHIPMENTS, p=shares)
        bench = Bench(station, horizon=float(times[-1]), general=general, seed=seed)
        bench.run([(t, {p: 1}) for t, p in zip(times.tolist(), products.tolist(), strict=True)])
        done.append((bench, products))
    return done


def assert_mean(means: list[float], expected: float) -> None:
    values = np.array(means)
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert error < 0.1 * expected, "too few shipments to tell"
    assert abs(values.mean() - expected) < student.isf(0.5e-4, len(values) - 1) * error


def waits(bench: Bench) -> dict[int, float]:
    """Hours from joining to the first work on a shipment."""
    return {
        int(row[2]): row[4] - row[3]
        for row in bench.rows
        if row[6] == 0 and row[4] == row[4] and row[2] >= LEFT_OUT
    }


@pytest.mark.parametrize("general", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_mean_wait_of_one_server(general: bool) -> None:
    """M/M/1: rho / (mu - lambda) (A. K. Erlang 1909)."""
    runs = replications(per_lot(DOCK), [0.5], general=general)
    assert_mean([float(np.mean(list(waits(bench).values()))) for bench, _ in runs], 1.0)


@pytest.mark.slow  # the quick verification has a scenario of it
def test_mean_wait_by_rank() -> None:
    """A. Cobham (Oper. Res. 2, 1954, equation 3)."""
    runs = replications(per_lot(URGENT_FIRST), [0.25, 0.25])
    for rank, expected in enumerate((0.5 / 0.75, 0.5 / (0.75 * 0.5))):
        means = [
            float(np.mean([w for trip, w in waits(bench).items() if products[trip] == rank]))
            for bench, products in runs
        ]
        assert_mean(means, expected)


def test_mean_time_by_rank_with_interruption() -> None:
    """H. White & L. S. Christie (Oper. Res. 6, 1958)."""
    runs = replications(per_lot(INTERRUPTED), [0.25, 0.25])
    for rank, expected in enumerate((1 / 0.75, 1 / 0.75 + 0.5 / (0.75 * 0.5))):
        means = [
            float(
                np.mean(
                    [
                        row[5] - row[3]
                        for row in bench.rows
                        if row[7] and row[2] >= LEFT_OUT and products[int(row[2])] == rank
                    ]
                )
            )
            for bench, products in runs
        ]
        assert_mean(means, expected)


def test_share_turned_away() -> None:
    """M/M/2/5: the chance of five, by the balance of births and deaths."""
    load, servers, room = 1.6, 2, 5
    weights = [
        load**n / (factorial(min(n, servers)) * servers ** max(n - servers, 0))
        for n in range(room + 1)
    ]
    station = per_lot(DOCK, servers=2.0, yard=float(room - servers))
    shares = [
        float(np.mean([trip in bench.refused for trip in range(LEFT_OUT, SHIPMENTS)]))
        for bench, _ in replications(station, [load])
    ]
    assert_mean(shares, weights[-1] / sum(weights))


@pytest.mark.slow  # the quick verification has a scenario of it
def test_mean_wait_with_breakdowns_while_working() -> None:
    """D. P. Gaver (J. R. Stat. Soc. B 24, 1962): M/G/1 in the time to completion, whose mean is
    s (1 + repair / after) and whose second moment E S^2 (1 + repair / after)^2 + s E R^2 / after.
    """
    after, repair, rate = 2.0, 0.5, 0.4
    breakdown = BreakdownSpec(Exponential(after), Exponential(repair), "working")
    mean = 1 + repair / after
    second = 2 * mean**2 + 2 * repair**2 / after
    runs = replications(per_lot(DOCK, breakdown=breakdown), [rate])
    expected = rate * second / (2 * (1 - rate * mean))
    assert_mean([float(np.mean(list(waits(bench).values()))) for bench, _ in runs], expected)


def test_share_of_time_at_work_with_breakdowns_by_the_calendar() -> None:
    """A renewal process: after / (after + repair) of the time, for two servers that always work."""
    breakdown = BreakdownSpec(Exponential(3.0), Exponential(1.0), "calendar")
    station = replace(DOCK, servers=2.0, breakdown=breakdown)
    shares = []
    for seed in range(1, REPLICATIONS + 1):
        bench = Bench(station, horizon=600.0, seed=seed).run([(0.0, 7)] * 200)
        spans = np.array([(b, 600.0 if e != e else e) for _, b, e in bench.spans() if b == b])
        shares.append(float((spans[:, 1] - spans[:, 0]).sum() / 1200.0))
    assert_mean(shares, 0.75)
