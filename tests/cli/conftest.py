"""The command line as a user runs it: in a process of its own, or, for speed, in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from reference.calling import Call, Said, calling, started

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"


@pytest.fixture(scope="session")
def small() -> str:
    """The text of a small scenario that runs in a fraction of a second."""
    return SMALL.read_text(encoding="utf-8")


@pytest.fixture
def here(tmp_path: Path, small: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with ``small.toml`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.toml").write_text(small, encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in this process."""
    return calling(capsys, monkeypatch)


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the figures of a comparison out."""
    monkeypatch.setattr(
        "sim.plots.comparing.gallery.draw_comparison", lambda comparison, folder: []
    )


def environment(**changes: str) -> dict[str, str]:
    """The environment of a new process: plain output, a terminal of the usual width."""
    return {**os.environ, "NO_COLOR": "1", "PYTHONWARNINGS": "error", **changes}


@pytest.fixture(scope="session")
def spawn() -> Callable[..., Said]:
    """Run a command in a process of its own."""

    def run(*arguments: str | Path, cwd: Path, **variables: str) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "sim", *map(str, arguments)],
            cwd=cwd,
            env=environment(**variables),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def start() -> Callable[..., subprocess.Popen[str]]:
    """Start a command in a process group of its own, as a terminal does; it goes on running."""

    def begin(*arguments: str | Path, cwd: Path) -> subprocess.Popen[str]:
        return started(*arguments, cwd=cwd, env=environment())

    return begin


def tables_of(folder: Path) -> dict[str, bytes]:
    """What must be equal to the last byte: the tables, the verdicts and the resolved scenario."""
    return {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != "manifest.json"
    }


@pytest.fixture(scope="session")
def tables() -> Callable[[Path], dict[str, bytes]]:
    """Return a function that reads what must be equal to the last byte."""
    return tables_of


@pytest.fixture(scope="session")
def contents() -> Callable[[Path], dict[str, bytes]]:
    """Return a function that reads everything in a folder."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return read
