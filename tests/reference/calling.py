"""Commands in this process, as the console's entry point runs them."""

from __future__ import annotations

import sys
from collections.abc import Callable
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
