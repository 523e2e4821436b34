"""A hostile file ends in a clear error, within bounded time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safety.hostile import CASES, LONG

TESTS = Path(__file__).parents[1]
Said = dict[str, tuple[int, str, float]]


def _judged(which: str, folder: Path) -> Said:
    paths = [str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "safety.judge", which, str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert not done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {name: (code, said, seconds) for name, code, said, seconds in rows}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Said:
    return _judged("short", tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("name", CASES)
def test_hostile_file(name: str, judged: Said) -> None:
    code, said, seconds = judged[name]
    assert (code, CASES[name][1] in said) == (2, True), said
    assert seconds < 10
    assert "root:" not in said  # the password file


@pytest.mark.slow
def test_large_hostile_files(tmp_path: Path) -> None:
    judged = _judged("long", tmp_path)
    assert judged.keys() == LONG.keys()
    for name, (code, said, seconds) in judged.items():
        assert (code, LONG[name][1] in said) == (2, True), (name, said)
        assert seconds < 100, name
