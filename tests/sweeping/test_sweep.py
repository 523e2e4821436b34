"""Sweeps: the points' runs are those of the same scenario, and what they say is right."""

from __future__ import annotations

from hashlib import sha256
from math import isnan
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sim.errors import RunError, ScenarioError, UsageError
from sim.experiment.executors import ThisProcess, Workers, open_workers
from sim.experiment.run import prepare, run_experiment
from sim.measures.summary import Key
from sim.scenario.load import load_scenario
from sim.store.sweeps import Sweep, open_sweep
from sim.store.tables import values_by_key
from sim.sweeping.choose import Wanted, choose_axes, split_sets
from sim.sweeping.effects import effects_of, effects_table
from sim.sweeping.layout import Kind, lay_out
from sim.sweeping.measured import check_measures, choose_measures
from sim.sweeping.sweep import check_points, run_sweep, sweep_folder

COURIERS = Path(__file__).parents[2] / "scenarios" / "courier-packs-2022.toml"
T90: Key = ("T90", "", "end", "national", "")
ROAD = """
title = "A road"
start = 2024-01-01T00:00:00+00:00
horizon = "100 h"
replications = 3
[geography]
nation = "none"
[products.kit]
[echelons.depot]
[echelons.end]
entitlement = { kit = 1 }
[sites.gate]
echelon = "depot"
stock = { kit = { value = 1, range = [1, 9], status = "assumed" } }
[sites.store]
echelon = "end"
[fleets.van]
home = "depot"
vehicles = "unlimited"
[lanes.road]
from = "depot"
to = "end"
fleet = "van"
time = { mean = "10 h", range = ["4 h", "40 h"], status = "assumed", source = "a guess" }
"""


@pytest.fixture
def road(tmp_path: Path) -> Path:
    """A scenario in which T90 is the time on the road, to the hour."""
    path = tmp_path / "road.toml"
    path.write_text(ROAD, encoding="utf-8")
    return path


def swept(
    path: Path,
    out: Path,
    *sets: str,
    kind: Kind = "grid",
    vary: tuple[str, ...] = (),
    points: int | None = None,
    workers: Workers | None = None,
    resume: bool = False,
) -> Sweep:
    fixed, factors = split_sets(sets)
    loaded = load_scenario(path, fixed)
    axes = choose_axes(loaded.document, Wanted(factors, vary))
    layout = lay_out(kind, axes, points, loaded.scenario.seed)
    checked = check_points(path, fixed, layout)
    return run_sweep(checked, out, workers=workers or ThisProcess(), resume=resume)


def hashes(folder: Path) -> dict[str, str]:
    files = (*folder.glob("*.parquet"), *folder.glob("*.csv"), folder / "points.json")
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_time_on_the_road_is_what_the_point_says(road: Path, tmp_path: Path) -> None:
    sweep = swept(road, tmp_path / "out", "lanes.road.time=4 h,10 h,40 h,2 d")
    assert sweep.settings(sweep.axes[0]) == ["10 h", "4 h", "40 h", "2 d"], "of two units: texts"
    assert sweep.values(T90).tolist() == [[10.0, 4.0, 40.0, 48.0]] * 3
    rows = sweep.summary.filter(pc.equal(sweep.summary["measure"], "T90")).to_pylist()
    assert [row["mean"] for row in rows] == [10.0, 4.0, 40.0, 48.0]
    assert [row["difference"] for row in rows] == [None, -6.0, 30.0, 38.0]
    assert [row["better"] for row in rows] == [None, 1.0, 0.0, 0.0]
    assert rows[2]["difference-low"] == rows[2]["difference-high"] == 30.0


def test_one_at_a_time_says_which_assumption_decides(road: Path, tmp_path: Path) -> None:
    ranges = ("lanes.road.time", "sites.gate.stock.kit")
    sweep = swept(road, tmp_path / "out", kind="one-at-a-time", vary=ranges)
    found = effects_of(sweep, T90, "h")
    assert found.ranked == ["lanes.road.time", "sites.gate.stock.kit"]
    assert dict(found.weights) == {"lanes.road.time": 36.0, "sites.gate.stock.kit": 0.0}
    differences = [(row.setting, row.found.estimate) for row in found.rows]
    assert differences == [(9, 0.0), (4.0, -6.0), (40.0, 30.0)], "in the order of the file"
    table = effects_table(sweep, [found]).to_pylist()
    assert [row["rank"] for row in table] == [2, 1, 1]
    assert {row["axis-unit"] for row in table} == {"h", ""}


@pytest.mark.parametrize("kind", ["grid", "sobol", "latin"])
def test_other_designs_say_so_too(road: Path, tmp_path: Path, kind: Kind) -> None:
    ranges = ("lanes.road.time", "sites.gate.stock.kit")
    points = {"grid": 3, "sobol": 8, "latin": 12}[kind]
    sweep = swept(road, tmp_path / "out", "replications=2", kind=kind, vary=ranges, points=points)
    found = effects_of(sweep, T90, "h")
    assert found.ranked[0] == "lanes.road.time"
    wanted = "slope" if kind == "latin" else "total"
    road_time, stock = (found.of(name, wanted)[0].found.estimate for name in ranges)
    assert road_time == pytest.approx(1.0, abs=0.1 if kind != "sobol" else 0.3)
    assert stock == pytest.approx(0.0, abs=1e-6)
    assert found.noise == pytest.approx(0.0, abs=1e-12)
    (first, unit) = choose_measures((), sweep.keys, sweep.loaded.scenario)[0]
    assert (first, unit) == (T90, "h")


def test_what_does_not_come_counts_as_come_at_the_horizon(road: Path, tmp_path: Path) -> None:
    sweep = swept(
        road, tmp_path / "out", "lanes.road.time=20 h,60 h,150 h", "lanes.road.time-back=1 h,2 h"
    )
    values = sweep.values(T90)
    late = [isnan(value) for value in values[0]]
    assert late.count(True) == 2, "two of the six points, and not the scenario itself"
    found = effects_of(sweep, T90, "h")
    assert (found.late, found.runs) == (6, 21)
    assert found.ranked[0] == "lanes.road.time"
    alone = swept(road, tmp_path / "alone", "lanes.road.time=20 h,150 h", kind="one-at-a-time")
    differences = {row.setting: row.found.estimate for row in effects_of(alone, T90, "h").rows}
    assert differences == {20.0: 10.0, 150.0: float("inf")}


def test_a_point_runs_as_the_same_scenario_does(tmp_path: Path) -> None:
    sets = ("fleets.van.speed=15 km/h", "fleets.van.vehicles=2", "replications=3")
    sweep = swept(COURIERS, tmp_path / "out", "fleets.van.speed=15 km/h,35 km/h", *sets[1:])
    result = run_experiment(prepare(load_scenario(COURIERS, sets)), tmp_path / "run")
    point = sweep.settings(sweep.axes[0]).index(15.0)
    table = pq.read_table(sweep.path / "runs.parquet")
    of_point = table.filter(pc.equal(table["point"], point)).select(result.runs.schema.names)
    ran = of_point.filter(pc.not_equal(of_point["measure"], "reported"))
    national = result.runs.filter(pc.equal(result.runs["region"], "national"))
    assert ran.to_pylist() == national.to_pylist()
    speeds = table.filter(pc.equal(table["point"], point))["fleets.van.speed"]
    assert set(speeds.to_pylist()) == {15.0}
    key: Key = ("T90", "", "hand-out", "national", "")
    alone = dict(values_by_key(result.runs))[key]
    assert len(set(alone)) == 3, "every run has luck of its own"
    assert sweep.values(key)[:, point].tolist() == alone
    reported = of_point.filter(pc.equal(of_point["measure"], "reported"))
    assert reported["value"].to_pylist() == result.evidence["value"].to_pylist()


def test_the_same_bytes_from_one_worker_and_from_two(tmp_path: Path) -> None:
    sets = ("fleets.van.vehicles=1:3", "replications=2")
    one = swept(COURIERS, tmp_path / "one", *sets)
    with open_workers(2) as workers:
        two = swept(COURIERS, tmp_path / "two", *sets, workers=workers)
    assert hashes(one.path) == hashes(two.path)
    assert len(hashes(one.path)) == 6


def test_an_interrupted_sweep_is_resumed_to_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = ("fleets.van.vehicles=1:3", "replications=2")
    whole = swept(COURIERS, tmp_path / "whole", *sets)
    out = tmp_path / "part"
    swept(COURIERS, out, *sets)
    gone = [
        out / "parts" / "000001" / "000001.part",
        out / "parts" / "000002" / "000000.part",
    ]
    for file in gone:
        file.unlink()
    ran: list[int] = []
    run_many = ThisProcess.run_many

    def counted(self: ThisProcess, work):  # type: ignore[no-untyped-def]
        for key, done in run_many(self, work):
            ran.append(done.replication)
            yield key, done

    monkeypatch.setattr(ThisProcess, "run_many", counted)
    again = swept(COURIERS, out, *sets, resume=True)
    assert ran == [1, 0], "what was missing, and nothing else"
    assert hashes(again.path) == hashes(whole.path)
    with pytest.raises(UsageError, match="what is asked differ"):
        swept(COURIERS, out, "fleets.van.vehicles=1:4", "replications=2", resume=True)
    more = swept(COURIERS, out, "fleets.van.vehicles=1:3", "replications=3", resume=True)
    assert ran[2:] == [2, 2, 2]
    assert more.replications == 3


def test_every_point_is_checked_and_all_problems_are_said(road: Path) -> None:
    loaded = load_scenario(road)
    _, factors = split_sets(["lanes.road.time=4 h,5 km,0 h", "lanes.read.time=1 h,2 h,3 h"])
    layout = lay_out("grid", choose_axes(loaded.document, Wanted(factors)), None, 0)
    with pytest.raises(ScenarioError) as caught:
        check_points(road, (), layout)
    said = str(caught.value).splitlines()
    assert any("5 km" in line for line in said)
    assert any("lanes.read" in line and "(and 2 other values)" in line for line in said)
    assert len(said) == 2
    _, seeds = split_sets(["seed=1,2"])
    with pytest.raises(UsageError, match="share their luck"):
        check_points(road, (), lay_out("grid", choose_axes({}, Wanted(seeds)), None, 0))


def test_a_scenario_that_changes_under_way_stops_the_sweep(road: Path, tmp_path: Path) -> None:
    _, factors = split_sets(["lanes.road.time=4 h,5 h"])
    layout = lay_out("grid", choose_axes(load_scenario(road).document, Wanted(factors)), None, 0)
    checked = check_points(road, (), layout)
    road.write_text(ROAD.replace('"100 h"', '"90 h"'), encoding="utf-8")
    with pytest.raises(RunError, match="was changed"):
        run_sweep(checked, tmp_path / "out", workers=ThisProcess())
    with pytest.raises(UsageError, match="not finished"):
        open_sweep(tmp_path / "out")


def test_folders_of_different_sweeps_differ(road: Path) -> None:
    loaded = load_scenario(road)
    folders = set()
    for text in ("lanes.road.time=4 h,5 h", "lanes.road.time=4 h,6 h"):
        for kind in ("grid", "one-at-a-time"):
            _, factors = split_sets([text])
            axes = choose_axes(loaded.document, Wanted(factors))
            checked = check_points(road, (), lay_out(kind, axes, None, 0))  # type: ignore[arg-type]
            folders |= {sweep_folder(checked), sweep_folder(checked, regions=True)}
    assert len(folders) == 8
    assert {folder.name.rpartition("-")[0] for folder in folders} == {"sweep-road"}


def test_measures_are_checked_before_anything_runs(road: Path) -> None:
    scenario = load_scenario(road).scenario
    check_measures(["T90@end", "transit-time-p95@road@kit"], scenario)
    with pytest.raises(UsageError) as caught:
        check_measures(["T9", "T90@ends", "reported@any"], scenario)
    said = str(caught.value).splitlines()
    assert len(said) == 3
    assert 'did you mean "T90"' in said[0]
    assert 'did you mean "end"' in said[1]
    figure: Key = ("reported", "", "", "national", "first")
    keys: list[tuple[Key, str]] = [
        (T90, "h"),
        (("T90", "", "end", "north", ""), "h"),
        (figure, "h"),
    ]
    assert choose_measures(["T90"], keys, scenario) == keys[:1]
    assert choose_measures(["T90@north"], keys, scenario) == keys[1:2]
    assert choose_measures(["reported"], keys, scenario) == keys[2:]
    with pytest.raises(UsageError, match="have no T50"):
        choose_measures(["T50@end"], keys, scenario)
