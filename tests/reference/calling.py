"""Commands in this process, as the console's entry point runs them, or in one of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.cli.main import main


@dataclass(frozen=True)
class Said:
    """What a command wrote and its exit code."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


def calling(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Return what runs a command; it must end with an exit code, never with a traceback."""
    monkeypatch.setattr("sim.experiment.run._commit", lambda: None)  # git takes its time

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["postroad", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main()
        code = stopped.value.code
        assert isinstance(code, int)
        return Said(code, *capsys.readouterr())

    return run


def started(*arguments: str | Path, cwd: Path, env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, as a terminal does; it goes on running."""
    return subprocess.Popen(
        [sys.executable, "-m", "sim", *map(str, arguments)],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_heed_ctrl_c,
    )


def _heed_ctrl_c() -> None:
    """A shell lets what it runs in the background ignore Ctrl-C, tests and all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
