"""The page on measures says what the code does."""

from __future__ import annotations

import re

import pytest
from measures.measures_page import BEGIN, END, PAGE, table, with_table

from sim.catalogue import CATALOGUE
from sim.evidence import AGREES, CONTRADICTED, NOT_RECORDED, WITHIN_SPREAD
from sim.measures.summary import LATE_SHARE
from sim.scenario.figures import FIGURE_MEASURES
from sim.statistics.intervals import quantile_interval

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_table_is_that_of_the_catalogue() -> None:
    assert with_table(TEXT) == TEXT, "run python tests/measures/measures_page.py"


def test_the_table_has_a_row_for_every_measure() -> None:
    names = re.findall(r"^\| `([^`]+)` \|", table(), re.MULTILINE)
    assert names == list(CATALOGUE)
    assert "| `complete` | probability |" in table()
    assert table().count("`quantile-90`") == 3


def test_what_the_page_says_of_verdicts_and_figures() -> None:
    for verdict in (AGREES, WITHIN_SPREAD, CONTRADICTED, NOT_RECORDED):
        assert f"- **{verdict}**: " in TEXT
    rows = TEXT.partition("| measure of the figure |")[2].partition("\n\n")[0].splitlines()[2:]
    named = [name for row in rows for name in re.findall("`([^`]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(FIGURE_MEASURES)


def test_how_many_runs_an_upper_bound_takes() -> None:
    """The page names the number of runs from which the ninth decile has an upper bound."""
    (stated,) = re.findall(r"upper bound on the ninth decile it\s+takes (\d+) runs", TEXT)
    for runs, there in ((int(stated) - 1, False), (int(stated), True)):
        high = quantile_interval([float(i) for i in range(runs)], LATE_SHARE).high
        assert (high == high) is there


def test_markers_are_needed() -> None:
    assert with_table(f"a\n{BEGIN}\nold\n{END}\nb") == f"a\n{BEGIN}\n{table()}\n{END}\nb"
    with pytest.raises(ValueError, match="has no line"):
        with_table(f"{END} {BEGIN}")
