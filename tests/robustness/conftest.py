"""A working folder with a small campaign in it, and commands in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from reference.calling import Call, calling
from robustness.commands import ROAD


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with ``road.toml`` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "road.toml").write_text(ROAD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in this process."""
    return calling(capsys, monkeypatch)
