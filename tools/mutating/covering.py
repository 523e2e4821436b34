"""Which tests run which lines, and how long they take: kept in a folder, by part of the suite."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from coverage import CoverageData

NOT_ASKED = "tests/national/test_golden.py"  # it notices every change of any number


def measure(root: Path, folder: Path, part: str) -> None:
    """Run one part of the suite (a folder or file of it) under coverage, unless it was before.

    Raises SystemExit if pytest cannot go through; tests that fail are left aside.
    """
    name = part.replace("/", "-")
    times = (folder / f"times-{name}.json").resolve()
    if times.exists():
        return
    for old in folder.glob(f"coverage-{name}.*"):
        old.unlink()
    settings = {
        "PYTHONPATH": os.pathsep.join((str(root), str(root / "tools"))),
        "TEST_TIMES": str(times),
    }
    options = ("-p", "no:xdist", "-p", "no:cacheprovider", "-p", "mutating.contexts")
    command = (
        "-m",
        "coverage",
        "run",
        f"--data-file={times.with_name('coverage')}-{name}",
        "-m",
        "pytest",
    )
    done = subprocess.run(
        [sys.executable, *command, *options, f"tests/{part}"],
        cwd=root,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"pytest ended with {done.returncode}:\n{done.stdout[-3000:]}")
    if done.returncode:
        print(f"left aside:\n{done.stdout[-2000:]}", file=sys.stderr)


class Covering:
    """Tests by line, and their seconds, from all that was measured into a folder."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._root = root
        self.seconds: dict[str, float] = {}
        for file in sorted(folder.glob("times-*.json")):
            self.seconds |= json.loads(file.read_text(encoding="utf-8"))
        self._lines: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for file in sorted(folder.glob("coverage-*")):
            data = CoverageData(str(file))
            data.read()
            for name in data.measured_files():
                if not Path(name).is_relative_to(root):
                    continue
                lines = self._lines[Path(name).relative_to(root).as_posix()]
                for line, tests in data.contexts_by_lineno(name).items():
                    lines[line] |= set(tests)

    def tests(self, file: str, line: int) -> list[str]:
        """Return the tests that run the statement at a line of a file, the quickest first.

        What runs when the module is imported is run by all tests that run any function of it.
        """
        tree = ast.parse((self._root / file).read_text(encoding="utf-8"))
        first, last, inside = _statement(tree, line)
        spans = [(first, last)] if inside else list(_bodies(tree))
        found: set[str] = set()
        for begin, end in spans:
            for at in range(begin, end + 1):
                found |= self._lines[file].get(at, set())
        known = [test for test in found if test in self.seconds and NOT_ASKED not in test]
        return sorted(known, key=lambda test: (self.seconds[test], test))


def _statement(tree: ast.Module, line: int) -> tuple[int, int, bool]:
    """Return the first and last line of the statement at a line, without the statements in it.

    The last says whether it stands in the body of a function.
    """
    found = (line, line, False)

    def look(body: list[ast.stmt], inside: bool) -> None:
        nonlocal found
        for node in body:
            end = node.end_lineno or node.lineno
            begin = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            if not begin <= line <= end:
                continue
            below = [
                part
                for name in ("body", "orelse", "finalbody")
                for part in getattr(node, name, ())
                if isinstance(part, ast.stmt)
            ]
            for handler in getattr(node, "handlers", ()):
                below += handler.body
            for case in getattr(node, "cases", ()):
                below += case.body
            starts = [part.lineno for part in below if part.lineno > node.lineno]
            head = min(starts, default=end + 1) - 1
            found = (begin, max(head, begin) if line <= head else line, inside)
            if line > head:
                found = (line, line, inside)
            look(below, inside or isinstance(node, ast.FunctionDef))

    look(tree.body, False)
    return found


def _bodies(tree: ast.Module) -> list[tuple[int, int]]:
    """Return the first and last lines of the bodies of all functions."""
    return [
        (node.body[0].lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    ]
