"""Put one mutant after the other to the tests, each in a process that is split off a warm one.

A process of its own copies the tree, imports the libraries and what of ``sim`` no mutant touches,
and then forks for each mutant: starting Python and importing everything takes longer than most
tests.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

NOT_COPIED = (".*", "baselines", "results", "images")
LIBRARIES = (
    "matplotlib.pyplot",
    "numpy",
    "scipy.stats",
    "scipy.optimize",
    "simpy",
    "pydantic",
    "pyarrow.parquet",
)
MORE = ("rich.console", "networkx", "tree_sitter", "click", "hypothesis", "pytest", "tomli_w")
#: Tried in this order, as long as none imports what is to be mutated.
LOWER = ("sim.geography.nation", "sim.scenario.load", "sim.network.build", "sim.plan.build")
PROFILE = """
import os
from hypothesis import Phase, settings

settings.register_profile(
    "mutants", deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
settings.load_profile("mutants")
"""
OPTIONS = (
    *("--no-header", "-q", "-x", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("--hypothesis-profile=mutants", "-p", "mutants_profile"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
ENDED_ALL_PASSED, ENDED_SOME_FAILED, ENDED_NOT_FOUND = 0, 1, 4


@dataclass(frozen=True, slots=True)
class Task:
    """A changed text for a file, the tests to ask in their order, and the seconds they may take."""

    name: str
    file: str
    text: str
    tests: tuple[str, ...]
    limit: float


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a mutant: ``killed`` by a test, by an ``error`` or by ``timeout``;
    ``survived``; ``uncovered`` by any test."""

    name: str
    outcome: str
    by: str = ""


class Copy:
    """A copy of the tree in which mutants are judged."""

    def __init__(self, root: Path, to: Path, mutated: frozenset[str]) -> None:
        """Copy the tree and warm up; ``mutated`` are the files that mutants change."""
        self._root = to
        self._sound: dict[str, bool] = {}
        if to.exists():
            shutil.rmtree(to)
        shutil.copytree(root, to, ignore=shutil.ignore_patterns(*NOT_COPIED))
        (to / "mutants_profile.py").write_text(PROFILE, encoding="utf-8")
        # The kept bytecode of the tree is good for the copy: times of files are copied too. That of
        # a mutant must never be kept, for it is told by its time and size alone.
        sys.dont_write_bytecode = True
        os.environ |= {
            "PYTHONPATH": str(to),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        os.chdir(to)
        sys.path.insert(0, str(to))
        for name in (*LIBRARIES, *MORE):
            importlib.import_module(name)
        touched = {name.removesuffix(".py").replace("/", ".") for name in mutated}
        for name in LOWER:
            before = set(sys.modules)
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
            if touched & set(sys.modules):
                for new in set(sys.modules) - before:
                    if new.split(".")[0] == "sim":
                        del sys.modules[new]

    def judge(self, task: Task) -> Found:
        """Return what becomes of a mutant. A test counts only if it passes without the mutation."""
        if not task.tests:
            return Found(task.name, "uncovered")
        path = self._root / task.file
        kept = path.read_text(encoding="utf-8")
        tests = [test for test in task.tests if self._sound.get(test, True)]
        while tests:
            path.write_text(task.text, encoding="utf-8")
            try:
                code = self._ask(tests, task.limit)
                if code == ENDED_NOT_FOUND:  # the mutant may have changed the names of tests
                    files = sorted({test.partition("::")[0] for test in tests})
                    code = self._ask(files, task.limit)
            finally:
                path.write_text(kept, encoding="utf-8")
            if code is None:
                return Found(task.name, "killed", "timeout")
            if code == ENDED_ALL_PASSED:
                return Found(task.name, "survived", f"{len(tests)} tests")
            if code != ENDED_SOME_FAILED:
                return Found(task.name, "killed", f"error {code}")
            failed = (self._root / "failed.txt").read_text(encoding="utf-8")
            if failed not in self._sound:
                self._sound[failed] = self._ask([failed], 600.0) == ENDED_ALL_PASSED
            if self._sound[failed]:
                return Found(task.name, "killed", failed)
            print(f"fails without any mutation: {failed}", file=sys.stderr, flush=True)
            if failed not in tests:
                return Found(task.name, "survived", "0 tests")
            tests.remove(failed)
        return Found(task.name, "survived", "0 tests")

    def _ask(self, tests: list[str], limit: float) -> int | None:
        """Run tests in a process of their own; return pytest's exit code, None if out of time."""
        child = os.fork()
        if child == 0:
            code = 3
            try:
                os.setsid()
                out = os.open(self._root / "out.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
                os.dup2(out, 1)
                os.dup2(out, 2)
                code = _run_pytest(self._root, tests)
            finally:
                os._exit(code)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                _kill_group(child)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        _kill_group(child)
        os.waitpid(child, 0)
        return None


def _kill_group(leader: int) -> None:
    """End what a process that was split off has left running."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def _run_pytest(root: Path, tests: list[str]) -> int:
    """Run tests in the given order until one fails, whose name is put into ``failed.txt``."""
    import pytest

    class Order:
        """Puts the tests into the order in which they were given, and tells which failed."""

        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            place = {test: at for at, test in enumerate(tests)}
            items.sort(key=lambda item: place.get(item.nodeid, len(place)))

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                (root / "failed.txt").write_text(report.nodeid, encoding="utf-8")

    scratch = f"--basetemp={root / 'scratch'}"
    return int(pytest.main([*OPTIONS, scratch, *tests], plugins=[Order()]))
