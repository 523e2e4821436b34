"""The pool of workers: Ctrl-C at the worst moment."""

from __future__ import annotations

import signal
from concurrent.futures import _base
from pathlib import Path
from typing import Any

import pytest

from sim.errors import Interrupted
from sim.experiment.run import prepare, run_experiment
from sim.scenario.load import load_scenario

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"


def test_ctrl_c_while_the_pool_holds_locks_stops_the_run_and_hangs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``concurrent.futures.wait`` takes the locks of all futures; an exception midway keeps them,
    and the pool's own thread would wait for them for ever."""
    take = _base._AcquireFutures.__enter__  # type: ignore[attr-defined]
    pressed = []

    def take_and_press(self: Any) -> None:
        take(self)
        if not pressed:
            pressed.append(True)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(_base._AcquireFutures, "__enter__", take_and_press)  # type: ignore[attr-defined]
    handler = signal.getsignal(signal.SIGINT)
    prepared = prepare(load_scenario(SMALL, ["replications=20"]))
    with pytest.raises(Interrupted, match="of 20 replications finished"):
        run_experiment(prepared, tmp_path / "stopped", jobs=2)
    assert pressed
    assert signal.getsignal(signal.SIGINT) is handler
    done = [path for path in (tmp_path / "stopped" / "parts").iterdir() if path.name.isdigit()]
    assert len(done) < 20
