"""Killed with all its workers, at moments nobody chose, and resumed: the same bytes."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from robustness.commands import begin, end, kill, tables_of

RUN = ("run", "road.toml", "--replications", "200", "--jobs", "2", "--no-figures")
SWEEP = (
    *("sweep", "road.toml", "--set", "fleets.van.vehicles=1:3", "--measure", "T100@end"),
    *("--replications", "60", "--jobs", "2", "--no-figures"),
)
PLAN = (
    *("plan", "road.toml", "--choose", "fleets.van.vehicles=1:3", "--until", "T100 <= 40 h"),
    *("--probability", "0.8", "--confidence", "0.95", "--jobs", "2", "--no-figures"),
)


def whole_of(command: tuple[str, ...], here: Path) -> tuple[dict[str, bytes], float]:
    """Run a command without a stop; return its tables, and how long it took."""
    begun = time.monotonic()
    said = end(begin(*command, "--out", "whole", cwd=here))
    assert said.code == 0, said.err
    return tables_of(here / "whole"), time.monotonic() - begun


def option(out: Path) -> tuple[str, ...]:
    return ("--resume",) if (out / "manifest.json").exists() else ()


def wait_for_moment(out: Path, draw: random.Random, takes: float) -> None:
    """Wait for a moment of a run: any at all, or, each second time, one of those in which tables
    are joined and parts go away, which are few."""
    late = draw.random() < 0.5
    until = time.monotonic() + (3 * takes if late else draw.uniform(0, takes))
    while time.monotonic() < until:
        if late and (out / ".runs.parquet.tmp").exists() | (out / "runs.parquet").exists():
            time.sleep(draw.uniform(0, 0.3))
            return
        time.sleep(0.002)


def check_kills(command: tuple[str, ...], kills: int, here: Path, seed: int) -> None:
    """Kill a command so many times, each time going on where it was; begin anew if it got
    through, and compare what came of it."""
    whole, takes = whole_of(command, here)
    draw = random.Random(seed)
    done = rounds = 0
    while done < kills:
        rounds += 1
        out = here / f"r{rounds}"
        while done < kills:
            process = begin(*command, "--out", out.name, *option(out), cwd=here)
            wait_for_moment(out, draw, takes)
            if not kill(process):
                assert process.returncode == 0
                break
            done += 1
        said = end(begin(*command, "--out", out.name, *option(out), cwd=here))
        assert (said.code, said.err) == (0, "")
        assert tables_of(out) == whole
        assert not (here / out.name / "parts").exists() or command[0] == "sweep"
        assert not list(out.rglob("*.tmp"))


@pytest.mark.slow
def test_a_run_that_is_killed_a_hundred_times(here: Path) -> None:
    check_kills(RUN, 100, here, seed=100)


@pytest.mark.slow
@pytest.mark.parametrize("command", [SWEEP, PLAN], ids=["sweep", "plan"])
def test_a_sweep_and_a_plan_that_are_killed_again_and_again(
    command: tuple[str, ...], here: Path
) -> None:
    check_kills(command, 10, here, seed=1)
