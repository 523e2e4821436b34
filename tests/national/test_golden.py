"""A small campaign comes to what it came to before; see ``golden_summary.py`` to change that."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from national.golden_summary import FILE, summary, write

HINT = "if this is meant, run PYTHONPATH=tests python tests/national/golden_summary.py"


def test_the_golden_summary() -> None:
    kept, found = json.loads(FILE.read_text(encoding="utf-8")), summary()
    assert found["plan"].keys() == kept["plan"].keys()
    for name, value in kept["plan"].items():
        exact = isinstance(value, int | list)
        expected = value if exact else pytest.approx(value, rel=1e-9)
        assert found["plan"][name] == expected, f"{name}: {HINT}"
    assert list(found["measures"]) == list(kept["measures"]), HINT
    for name, values in kept["measures"].items():
        for was, now in zip(values, found["measures"][name], strict=True):
            expected = None if was is None else pytest.approx(was, rel=1e-9, abs=1e-12)
            assert now == expected, f"{name}: {HINT}"


def test_the_golden_file_is_as_the_script_writes_it(tmp_path: Path) -> None:
    """Same shape and names, so that a difference between two versions shows single numbers."""
    write(tmp_path / "golden.json")
    written = (tmp_path / "golden.json").read_text(encoding="utf-8").splitlines()
    kept = FILE.read_text(encoding="utf-8").splitlines()
    assert [line.partition(":")[0] for line in written] == [line.partition(":")[0] for line in kept]
    assert json.loads((tmp_path / "golden.json").read_text(encoding="utf-8")).keys() == {
        "plan", "measures",
    }  # fmt: skip
