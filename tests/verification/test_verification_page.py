"""docs/verification.md is what the verification scenarios give. Slow: runs them all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from reference.tools import load_tool

from sim.expectation import AGREES
from sim.store.result import Result, open_result

ROOT = Path(__file__).parents[2]

TOOL = load_tool("build_verification_page")
NUMBER = re.compile(r"(?<![\w.])[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


def test_the_page_shows_every_scenario() -> None:
    page = TOOL.PAGE.read_text(encoding="utf-8")
    for file in TOOL.scenario_files():
        assert f"verification/{file.name})" in page


def test_the_page_says_that_all_agree() -> None:
    page = TOOL.PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "| case |" not in line]
    assert rows
    assert all(f"| {AGREES} | [" in row for row in rows)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """All verification scenarios, run by the command line."""
    folder = tmp_path_factory.mktemp("verification")
    files = TOOL.scenario_files()
    TOOL.run_scenarios(files, folder, jobs=2)
    return {file.stem: open_result(folder / file.stem) for file in files}


@pytest.mark.slow
def test_all_cases_agree(results: dict[str, Result]) -> None:
    amiss = [row for row in _rows(results) if row["verdict"] != AGREES]
    assert not amiss


@pytest.mark.slow
def test_all_cases_would_show_an_error_of_2_percent(results: dict[str, Result]) -> None:
    blind = [(row["id"], row["note"]) for row in _rows(results) if not row["shows_2_percent"]]
    assert not blind


@pytest.mark.slow
def test_the_page_is_up_to_date(results: dict[str, Result]) -> None:
    """The same words and, but for the last printed digit, the same numbers."""
    made, kept = TOOL.build_page(results), TOOL.PAGE.read_text(encoding="utf-8")
    assert NUMBER.sub("#", made) == NUMBER.sub("#", kept)
    for mine, theirs in zip(NUMBER.findall(made), NUMBER.findall(kept), strict=True):
        assert _value(mine) == pytest.approx(_value(theirs), rel=2e-4, abs=0.02), mine


def _rows(results: dict[str, Result]) -> list[dict[str, Any]]:
    return [row for result in results.values() for row in result.expected]


def _value(text: str) -> float:
    return float(text.replace(",", "").rstrip("."))
