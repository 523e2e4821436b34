"""Lots that appear: by timetable, at intervals, by chance, in shifts; and what cuts leave."""

from __future__ import annotations

from dataclasses import replace
from math import inf, sqrt

import numpy as np
import pytest
from reference.plans import ALWAYS, CITY, FACTORY, chain, daily
from scipy import stats

from sim.engine import lots
from sim.engine.lots import draw_lots
from sim.engine.strikes import draw_strikes
from sim.lawkinds import make_law
from sim.laws import Constant, Empirical, Exponential, Law, Uniform
from sim.plan.specs import DisruptionSpec, Plan, Shift, Supply, SupplyProcess
from sim.streams import Streams

MAKER, TOWN = 0, 1


def process(
    gap: Law | None = None,
    *,
    name: str = "lots",
    size: Law | None = None,
    times: tuple[float, ...] = (),
    first: float | Law | None = None,
    begins: float = 0.0,
    ends: float = inf,
    most: float = inf,
    shift: Shift = ALWAYS,
) -> SupplyProcess:
    return SupplyProcess(
        name, MAKER, 0, size or Constant(1.0), gap, times,
        Constant(first) if isinstance(first, float) else first, begins, ends, most, shift,
    )  # fmt: skip


def plan_of(
    *processes: SupplyProcess,
    horizon: float = 100.0,
    supplies: tuple[tuple[int, int, list[tuple[float, int]]], ...] = (),
    owed: int = 10**6,
    disruptions: tuple[DisruptionSpec, ...] = (),
) -> Plan:
    plan = chain(
        sites=(("site/maker", FACTORY), ("city/1", CITY)),
        supplies=supplies,
        links=((MAKER, TOWN, 0, owed, 1.0, -1),),
        horizon=horizon,
    )
    return replace(plan, processes=processes, disruptions=disruptions)


def draw(plan: Plan, replication: int = 0) -> tuple[Supply, ...]:
    streams = Streams(5, replication)
    return draw_lots(plan, streams, draw_strikes(plan, streams))


def times_of(made: SupplyProcess, horizon: float = 100.0, replication: int = 0) -> list[float]:
    found = draw(plan_of(made, horizon=horizon), replication)
    return found[0].times.tolist() if found else []


def test_equal_intervals() -> None:
    assert times_of(process(Constant(30.0))) == [30.0, 60.0, 90.0]
    assert times_of(process(Constant(25.0))) == [25.0, 50.0, 75.0, 100.0]  # the horizon counts
    assert times_of(process(Constant(30.0), first=0.0)) == [0.0, 30.0, 60.0, 90.0]
    assert times_of(process(Constant(30.0), first=5.0, begins=10.0)) == [15.0, 45.0, 75.0]
    assert times_of(process(Constant(30.0), begins=10.0, ends=70.0)) == [40.0, 70.0]
    assert times_of(process(Constant(30.0), first=0.0, most=2)) == [0.0, 30.0]
    assert times_of(process(Constant(0.1)), horizon=0.3) == [0.1, 0.2, 0.3]  # not 0.1 * 3 > 0.3
    assert times_of(process(Constant(101.0))) == []
    assert times_of(process(Constant(1.0), first=101.0)) == []
    assert times_of(process(Constant(1.0), begins=60.0, ends=50.0)) == []


def test_the_kth_lot_is_no_running_sum() -> None:
    """A running sum of 0.1 is off by 1e-10 after 10,000 lots."""
    k = np.arange(10_001)
    found = times_of(process(Constant(0.1), first=0.3, begins=7.0), horizon=1007.3)
    assert found == np.minimum(7.0 + 0.3 + k * 0.1, 1007.3).tolist()
    found = times_of(process(Constant(0.1)), horizon=1000.0)
    assert found == np.minimum(k[1:] * 0.1, 1000.0).tolist()


def test_gaps_count_working_time() -> None:
    shift = daily(8.0, 16.0, "pause")
    assert times_of(process(Constant(3.0), shift=shift), horizon=48.0) == [
        11.0, 14.0, 24 + 9.0, 24 + 12.0, 24 + 15.0,
    ]  # fmt: skip
    assert times_of(process(Constant(4.0), shift=shift), horizon=48.0) == [12, 16, 36, 40]
    # begun at 20 o'clock, the first at once: that is at the next opening
    late = process(Constant(4.0), first=0.0, begins=20.0, shift=shift)
    assert times_of(late, horizon=48.0) == [32.0, 36.0, 40.0]
    assert times_of(process(Constant(4.0), first=0.0, shift=shift), horizon=16.0) == [8, 12, 16]
    over = process(Constant(4.0), begins=2000.0, shift=daily(8.0, 16.0, "pause", days=3))
    assert times_of(over, horizon=3000.0) == []


def test_a_timetable() -> None:
    times = (1.0, 2.5, 2.5, 60.0, 99.0, 101.0)
    assert times_of(process(times=times)) == [1.0, 2.5, 2.5, 60.0, 99.0]
    assert times_of(process(times=times, ends=60.0)) == [1.0, 2.5, 2.5, 60.0]
    assert times_of(process(times=times, most=2)) == [1.0, 2.5]


def test_sizes_are_whole_and_at_least_one() -> None:
    """Half to even, as Python rounds; one unit at least."""
    for value, whole in ((0.2, 1), (0.5, 1), (1.5, 2), (2.5, 2), (3.5, 4), (7.4, 7)):
        (found,) = draw(plan_of(process(Constant(10.0), size=Constant(value))))
        assert set(found.units.tolist()) == {whole}
        (found,) = draw(plan_of(process(Constant(10.0), size=Empirical((value,)))))
        assert set(found.units.tolist()) == {whole}
        assert found.units.dtype == np.int64


def test_draws_are_those_of_the_named_streams() -> None:
    gap, size = Exponential(7.0), Uniform(20.0, 0.4)
    (found,) = draw(plan_of(process(gap, name="milk", size=size)))
    gaps = Streams(5, 0).stream("supply/milk/gaps")
    sizes = Streams(5, 0).stream("supply/milk/sizes")
    now = 0.0
    for time, units in zip(found.times.tolist(), found.units.tolist(), strict=True):
        now += gap.quantile_at(gaps.uniform())
        assert time == pytest.approx(now, rel=1e-12)
        assert units == round(size.quantile_at(sizes.uniform()))
    assert now + gap.quantile_at(gaps.uniform()) > 100.0


def test_the_first_lot_of_a_random_process() -> None:
    (late,) = draw(plan_of(process(Exponential(7.0), first=3.0, begins=2.0)))
    (usual,) = draw(plan_of(process(Exponential(7.0))))
    assert late.times[0] == 5.0
    assert np.diff(late.times[:5]).tolist() == pytest.approx(
        np.diff(usual.times[:5], prepend=0.0)[:4].tolist()
    )


def test_how_many_draws_are_made_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = process(Exponential(0.7), size=Uniform(20.0, 0.4))
    (whole,) = draw(plan_of(made))
    monkeypatch.setattr(lots, "_BLOCK", 7)
    (parts,) = draw(plan_of(made))
    assert whole.times.tolist() == parts.times.tolist()
    assert whole.units.tolist() == parts.units.tolist()
    few = replace(made, most=5)
    assert draw(plan_of(few))[0].times.tolist() == whole.times[:5].tolist()


def test_drawing_again_is_the_same() -> None:
    plan = plan_of(process(Exponential(0.7)), process(Exponential(0.7), name="other"))
    one, two = draw(plan), draw(plan)
    assert [s.times.tobytes() for s in one] == [s.times.tobytes() for s in two]
    assert one[0].times[0] != one[1].times[0]
    assert draw(plan, 1)[0].times[0] != one[0].times[0]


LAWS = {
    "exponential": make_law("exponential", 2.0),
    "erlang": make_law("erlang", 2.0, 0.5),
    "gamma": make_law("gamma", 2.0, 1.4),
    "lognormal": make_law("lognormal", 2.0, 0.6),
    "hyperexponential": make_law("hyperexponential", 2.0, 1.5),
    "uniform": make_law("uniform", 2.0, 0.5),
    "triangular": make_law("triangular", low=0.5, mode=1.0, high=4.0),
    "empirical": make_law("empirical", values=[0.5, 2.0, 6.0], weights=[2, 2, 1]),
}


@pytest.mark.parametrize("kind", LAWS)
@pytest.mark.parametrize("in_shifts", [False, True])
def test_gaps_and_sizes_follow_their_law(kind: str, in_shifts: bool) -> None:
    """Mean and cv of 20,000 gaps within 4.5 standard errors, those of the sample itself; each of
    64 comparisons fails once in 150,000 streams that are right."""
    law, count = LAWS[kind], 20_000
    shift = daily(8.0, 16.0, "pause", days=20_000) if in_shifts else ALWAYS
    made = process(law, size=law.scaled(1000.0), most=count, shift=shift)
    (found,) = draw(plan_of(made, horizon=480_000.0))
    assert len(found.times) == count
    gaps = np.diff(shift.calendar.elapsed(found.times), prepend=0.0)
    for sample in (gaps, found.units / 1000.0):
        error = sample.std() / sqrt(count)
        assert sample.mean() == pytest.approx(law.mean, abs=4.5 * error)
        squares = (sample - law.mean) ** 2
        variance = (law.cv * law.mean) ** 2
        assert squares.mean() == pytest.approx(variance, abs=4.5 * squares.std() / sqrt(count))
    both = stats.spearmanr(gaps, found.units).statistic
    assert abs(both) < 4.5 / sqrt(count)


def test_exponential_gaps_make_a_poisson_process() -> None:
    """Counts in 100 h over 2,000 replications: mean and variance are 25."""
    plan = plan_of(process(Exponential(4.0)))
    counts = np.array([len(draw(plan, replication)[0].times) for replication in range(2000)])
    assert counts.mean() == pytest.approx(25.0, abs=4.5 * 5 / sqrt(2000))
    error = 625 * (2 / 1999 + 1 / (25 * 2000))  # of the sample variance of a Poisson law
    assert counts.var(ddof=1) == pytest.approx(25.0, abs=4.5 * sqrt(error))


def cut(begin: float, lasts: float, share: float) -> DisruptionSpec:
    return DisruptionSpec(
        "strike", "output-cut", begin, begin, None, Constant(lasts), 1.0, False, (MAKER,),
        amount=share,
    )  # fmt: skip


OWN = ((MAKER, 0, [(0.0, 50), (1.0, 10), (2.0, 10), (3.0, 10), (4.0, 10)]),)


def test_plans_own_supplies_pass_as_they_are() -> None:
    plan = plan_of(supplies=OWN)
    assert draw(plan) == plan.supplies


def test_a_cut_spares_opening_stock() -> None:
    (found,) = draw(plan_of(supplies=OWN, disruptions=(cut(0.0, 2.5, 1.0),)))
    assert found.times.tolist() == [0.0, 3.0, 4.0]
    assert found.units.tolist() == [50, 10, 10]
    (found,) = draw(plan_of(supplies=OWN, disruptions=(cut(2.0, 2.0, 0.25),)))
    assert found.units.tolist() == [50, 10, 7, 8, 10]  # 7.5 and 15 kept, rounded down


def test_a_maker_makes_up_for_a_cut_while_it_owes() -> None:
    (found,) = draw(plan_of(supplies=OWN, owed=73, disruptions=(cut(1.0, 1.5, 0.5),)))
    assert found.times.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert found.units.tolist() == [50, 5, 5, 10, 3]


def test_a_cut_of_nothing_is_no_cut() -> None:
    made = process(Exponential(4.0), size=Uniform(20.0, 0.4))
    calm = draw(plan_of(made, supplies=OWN))
    idle = (cut(0.0, 50.0, 0.0),)
    for found, expected in zip(
        draw(plan_of(made, supplies=OWN, disruptions=idle)), calm, strict=True
    ):
        assert found.times.tobytes() == expected.times.tobytes()
        assert found.units.tobytes() == expected.units.tobytes()


def test_a_cut_takes_lots_of_processes_as_well() -> None:
    made = process(Constant(10.0), first=0.0, size=Constant(4.0))
    (found,) = draw(plan_of(made, disruptions=(cut(0.0, 25.0, 1.0),)))
    assert found.times.tolist() == [30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]
    (found,) = draw(plan_of(made, disruptions=(cut(15.0, 20.0, 0.5),)))
    assert found.units.tolist() == [4, 4, 2, 2, 4, 4, 4, 4, 4, 4, 4]
    assert draw(plan_of(made, disruptions=(cut(0.0, 200.0, 1.0),))) == ()
