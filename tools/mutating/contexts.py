"""A plugin of pytest: which lines are run by which test, and how long each test takes.

For a run under ``coverage run``. The name of the test is also put into the environment, so that
processes that a test starts say for whom they ran (``context`` in the settings of coverage). Each
test that passed is added with its seconds, set-up included, to the file named by ``TEST_TIMES``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from coverage import Coverage

VARIABLE = "COVERAGE_TEST"

_times: dict[str, float] = {}
_passed: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Say for whom lines are run, from set-up to tear-down."""
    measuring = Coverage.current()
    os.environ[VARIABLE] = item.nodeid
    if measuring is not None:
        measuring.switch_context(item.nodeid)
    try:
        return (yield)
    finally:
        del os.environ[VARIABLE]
        if measuring is not None:
            measuring.switch_context("")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of a test."""
    _times[report.nodeid] = _times.get(report.nodeid, 0.0) + report.duration
    if report.when == "call" and report.passed:
        _passed.add(report.nodeid)


def pytest_sessionfinish() -> None:
    """Write the times of the tests that passed, if asked to."""
    if name := os.environ.get("TEST_TIMES"):
        times = {test: round(_times[test], 4) for test in _times if test in _passed}
        Path(name).write_text(json.dumps(times, indent=0) + "\n", encoding="utf-8")
