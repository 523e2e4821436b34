"""A working folder with a small campaign in it, and commands in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from robustness.commands import ROAD, Said

from sim.cli.main import main


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with ``road.toml`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "road.toml").write_text(ROAD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Said]:
    """Run a command in this process; it must end with an exit code, never with a traceback."""
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
