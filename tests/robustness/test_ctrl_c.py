"""Ctrl-C at any stage: one line, what is finished is kept, and going on gives the same bytes."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from reference.calling import Call
from robustness.commands import PLAN, RUN, SWEEP, begin, end, tables_of
from robustness.crashpoints import watching

SLOW = pytest.mark.slow
MILD = "error,ignore::ResourceWarning"


@pytest.mark.parametrize(
    ("command", "stage", "said"),
    [
        (RUN, "parts/.000001", "stopped with 1 of 3 replications finished; they are kept in r: "),
        (RUN, ".runs.parquet", "stopped with 3 of 3 replications finished; they are kept in r: "),
        (RUN, ".verdicts.json", "stopped with 3 of 3 replications finished; they are kept in r: "),
        (SWEEP, "000001/.000001", "stopped with 4 of 6 replications finished; they are kept in r"),
        (SWEEP, ".summary.parquet", "stopped with 6 of 6 replications finished; they are kept "),
        (PLAN, "000000/.000001", "stopped after "),
        (PLAN, ".plan.json", "stopped after "),
        pytest.param(RUN, ".coverage.csv", "stopped while the figures in r were", marks=SLOW),
        pytest.param(PLAN, ".chance.csv", "stopped while the figures in r were", marks=SLOW),
        pytest.param(SWEEP, "figures/.", "stopped while the figures in r were", marks=SLOW),
    ],
)
def test_ctrl_c_at_each_stage(
    command: tuple[str, ...], stage: str, said: str, here: Path, call: Call
) -> None:
    pressed: list[str] = []

    def press(path: str) -> None:
        if stage in path and not pressed:
            pressed.append(path)
            raise KeyboardInterrupt

    figures = () if "figures" in said else ("--no-figures",)
    with watching(press):
        ran = call(*command, *figures)
    assert pressed
    assert (ran.code, ran.err.count("\n")) == (130, 1), ran.err
    assert ran.err.startswith(said)
    assert "--out r --resume" in ran.err
    assert call(*command, *figures, "--resume").code == 0
    kept = tables_of(here / "r")
    assert call(*command, *figures, "--overwrite").code == 0
    assert tables_of(here / "r") == kept


@pytest.mark.slow
@pytest.mark.parametrize(("jobs", "times"), [(1, 30), (2, 60)])
def test_ctrl_c_at_any_moment(jobs: int, times: int, here: Path) -> None:
    """From the first import to the last figure."""
    command = ("run", "road.toml", "--replications", "150", "--jobs", str(jobs), "--out")
    begun = time.monotonic()
    assert end(begin(*command, "whole", cwd=here)).code == 0
    takes = time.monotonic() - begun
    whole = tables_of(here / "whole")
    draw = random.Random(jobs * 1000 + times)
    for number in range(times):
        out = here / f"r{number}"
        # A library that is interrupted as it opens a file does not close it.
        process = begin(*command, out.name, cwd=here, PYTHONWARNINGS=MILD)
        # Python itself is not ready for it before.
        time.sleep(draw.uniform(0.25, 1.05) * takes)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        said = end(process)
        # Where C code runs Python code, Python ends with the signal, which shells show as 130.
        assert said.code in (0, 130, -signal.SIGINT), said.err
        if said.code == -signal.SIGINT and not said.err:  # all was done, and Python on its way out
            assert tables_of(out) == whole
        elif said.code:
            assert said.err.splitlines()[-1].startswith("stopped"), said.err
            assert "Traceback" not in said.err
        more = ("--resume",) if (out / "manifest.json").exists() else ()
        again = end(begin(*command, out.name, *more, "--no-figures", cwd=here))
        assert (again.code, again.err) == (0, "")
        assert tables_of(out) == whole
