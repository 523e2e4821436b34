"""Killed at any step: resumed, or overwritten, an experiment comes to the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from reference.known import KNOWN
from robustness.commands import ROAD, tables_of
from robustness.crashpoints import states_of

from sim.deciding.choices import parse_choices
from sim.deciding.decide import decide
from sim.deciding.question import ask_question
from sim.experiment.executors import ThisProcess
from sim.experiment.run import prepare, run_experiment
from sim.measures.goals import parse_goals
from sim.scenario.load import load_scenario
from sim.store.result import open_result
from sim.sweeping.choose import Wanted, choose_axes, split_sets
from sim.sweeping.layout import lay_out
from sim.sweeping.sweep import check_points, run_sweep

#: Every so many states are tried: some in the default suite, all by make verify.
STEPS = pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)])


@pytest.fixture(autouse=True)
def no_git(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking git for the commit, for the manifest, takes longer than all the rest."""
    monkeypatch.setattr("sim.experiment.run._commit", lambda: None)


@pytest.fixture
def road(tmp_path: Path) -> Path:
    (tmp_path / "road.toml").write_text(ROAD, encoding="utf-8")
    return tmp_path / "road.toml"


def runner(road: Path, *settings: str) -> Callable[..., object]:
    """Return what runs the scenario into a folder."""
    prepared = prepare(load_scenario(road, settings))
    return lambda out, **how: run_experiment(prepared, out, **how)


def sweeper(road: Path) -> Callable[..., object]:
    """Return what sweeps over two numbers of vans into a folder."""
    fixed, factors = split_sets(["fleets.van.vehicles=1:2", "replications=2"])
    loaded = load_scenario(road, fixed)
    layout = lay_out("grid", choose_axes(loaded.document, Wanted(factors)), None, 0)
    checked = check_points(road, fixed, layout)
    return lambda out, **how: run_sweep(checked, out, workers=ThisProcess(), **how)


def planner(known: Path) -> Callable[..., object]:
    """Return what plans among two numbers of vans into a folder."""
    choices = parse_choices(["fleets.van.vehicles=3:4"], ())
    question = ask_question(
        known,
        (),
        choices,
        parse_goals(["received(5 h) >= 12"]),
        probability=0.7,
        confidence=0.7,
        most=None,
    )
    return lambda out, **how: decide(question, out, **how)


def check_states(
    states: list[Path], step: int, work: Callable[..., object], whole: dict[str, bytes]
) -> None:
    """Go on from every state as a user would, and compare."""
    for state in [*states[::step], states[-2], states[-1]]:
        there = (state / "manifest.json").exists()
        assert there or not state.exists() or not any(f.name[0] != "." for f in state.iterdir())
        for file in state.glob(".*") if not there and state.exists() else ():
            file.unlink()  # a manifest that was being written: nothing is lost with it
        work(state, resume=there)
        assert tables_of(state) == whole, state
        assert not list(state.rglob("*.tmp")), state


@STEPS
def test_a_run_killed_at_any_step_is_resumed_to_the_same_bytes(
    road: Path, tmp_path: Path, step: int
) -> None:
    run = runner(road)
    run(tmp_path / "whole")
    out = tmp_path / "r"
    states = states_of(lambda: run(out), out, tmp_path / "states")
    assert len(states) > 30
    check_states(states, step, run, tables_of(tmp_path / "whole"))


@STEPS
def test_a_result_is_extended_whenever_that_is_killed(
    road: Path, tmp_path: Path, step: int
) -> None:
    """Its tables are taken apart for that, and joined again."""
    out, longer = tmp_path / "r", runner(road, "replications=4")
    longer(tmp_path / "whole")
    runner(road)(out)
    states = states_of(lambda: longer(out, resume=True), out, tmp_path / "states")
    check_states(states, step, longer, tables_of(tmp_path / "whole"))


@STEPS
def test_nothing_of_an_old_experiment_survives_overwriting(
    road: Path, tmp_path: Path, step: int
) -> None:
    """Killed while it removes what was there, the command goes on with either option."""
    out, other = tmp_path / "r", runner(road, "fleets.van.vehicles=1", "replications=2")
    other(tmp_path / "whole")
    runner(road)(out)
    states = states_of(lambda: other(out, overwrite=True), out, tmp_path / "states")
    whole = tables_of(tmp_path / "whole")
    before = states[0]
    assert open_result(before).replications == 3
    for state in [*states[1::step], states[-2], states[-1]]:
        if open_finished(state) != "old":
            other(state, resume=True)
            assert tables_of(state) == whole, state


def open_finished(state: Path) -> str:
    """Return "old" for a folder that still is the old result, whole."""
    text = (state / "manifest.json").read_text(encoding="utf-8")
    if '"replications": 3' not in text:
        return "new"
    open_result(state).check()
    return "old"


@STEPS
def test_a_sweep_killed_at_any_step_is_resumed_to_the_same_bytes(
    road: Path, tmp_path: Path, step: int
) -> None:
    sweep = sweeper(road)
    sweep(tmp_path / "whole")
    out = tmp_path / "s"
    states = states_of(lambda: sweep(out), out, tmp_path / "states")
    assert len(states) > 20
    check_states(states, step, sweep, tables_of(tmp_path / "whole"))


@STEPS
def test_a_plan_killed_at_any_step_is_resumed_to_the_same_bytes(tmp_path: Path, step: int) -> None:
    (tmp_path / "known.toml").write_text(KNOWN, encoding="utf-8")
    plan = planner(tmp_path / "known.toml")
    plan(tmp_path / "whole")
    out = tmp_path / "p"
    states = states_of(lambda: plan(out), out, tmp_path / "states")
    assert len(states) > 20
    check_states(states, 3 * step, plan, tables_of(tmp_path / "whole"))
