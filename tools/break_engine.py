"""Break the engine on purpose and see which test notices: a suite that cannot fail proves nothing.

Each break is an edit of one file of ``sim`` that makes one of ten mistakes (see
``break_engine.toml``); where several pieces could make it, each is broken in turn. It is made in a
copy of the working tree, never in the tree itself. What is printed is a Markdown table of the
breaks and the first test that fails for each: first among the tests that should notice, then in
the whole suite. A test counts only if it passes without the break. The golden summary does not
count: it notices every change of any number.

    python tools/break_engine.py
    python tools/break_engine.py --only plain-dock --only "rate taken for mean"
    python tools/break_engine.py --only plain-dock --all-tests

The exit code is 1 if a break survives. An edit whose text is not found exactly once ends it all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = Path(__file__).with_suffix(".toml")
NOT_COPIED = (".*", "__pycache__", "baselines", "results")
#: Where to look when no test notices that should: first where the engine is run most.
NEXT = ("engine", "leaves", "plan", "policies", "verification", "measures", "experiment")
NOT_ASKED = "--deselect=tests/national/test_golden.py"
#: Search as always, but show the first failure found: making it small takes minutes.
PLUGIN = """
from hypothesis import Phase, settings

settings.register_profile(
    "breaks", deadline=None, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
"""
USUAL = (
    "--no-header -q -rfE --tb=no -p no:cacheprovider -p breaks_plugin --hypothesis-profile=breaks"
)
LIMIT = 1200.0  # seconds that one run of tests may take


@dataclass(frozen=True, slots=True)
class Break:
    """One mistake: ``edits`` replace text of ``file``; ``tests`` (patterns) should notice it."""

    name: str
    mistake: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]


def read_breaks() -> list[Break]:
    """Return the table of breaks."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [
        Break(
            name=row["name"],
            mistake=row["mistake"],
            file=f"sim/{row['file']}",
            edits=tuple((edit["old"], edit["new"]) for edit in row["edits"]),
            tests=tuple(f"tests/{pattern}" for pattern in table["tests"][row["file"]]),
        )
        for row in table["break"]
    ]


def broken(made: Break, root: Path) -> str:
    """Return the text of a break's file as broken.

    Raises SystemExit if a text to replace is not there exactly once, or two overlap.
    """
    text = (root / made.file).read_text(encoding="utf-8")
    spots = []
    for old, new in made.edits:
        if text.count(old) != 1:
            raise SystemExit(f"{made.name}: found {text.count(old)} times in {made.file}: {old!r}")
        begin = text.index(old)
        spots.append((begin, begin + len(old), new))
    end = len(text)
    for begin, after, new in sorted(spots, reverse=True):
        if after > end:
            raise SystemExit(f"{made.name}: two edits of {made.file} overlap")
        text, end = text[:begin] + new + text[after:], begin
    return text


def copy_tree(source: Path, to: Path) -> Path:
    """Copy what the suite needs to a new folder and return it."""
    return Path(shutil.copytree(source, to, ignore=shutil.ignore_patterns(*NOT_COPIED)))


def run(root: Path, *args: str) -> tuple[int, str]:
    """Run Python in a copy of the tree, with its ``sim``; return the exit code and the output."""
    paths = {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "240"}
    try:
        done = subprocess.run(
            [sys.executable, *args],
            cwd=root,
            env=os.environ | paths,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SystemExit(f"no end in {LIMIT:g} s: choose a break that ends ({root.name})") from None
    return done.returncode, done.stdout


def failing(root: Path, tests: Iterable[str], *options: str) -> list[str]:
    """Return the ids of the tests that fail in a copy of the tree.

    Raises SystemExit if the copy's own ``sim`` is not what is tested, or pytest cannot go through:
    a break that keeps modules from being imported would show nothing.
    """
    _, where = run(root, "-c", "import sim; print(sim.__file__)")
    if Path(where.strip()).resolve() != (root / "sim" / "__init__.py").resolve():
        raise SystemExit(f"not the copy would be tested, but {where}")
    (root / "breaks_plugin.py").write_text(PLUGIN, encoding="utf-8")
    code, out = run(root, "-m", "pytest", *USUAL.split(), *options, *tests)
    ids = [
        line.split(" ", 1)[1].partition(" - ")[0]
        for line in out.splitlines()
        if line.startswith(("FAILED ", "ERROR "))
    ]
    if code not in (0, 1) or bool(ids) != (code == 1):
        raise SystemExit(f"pytest ended with {code}:\n{out[-3000:]}")
    return ids


class Judge:
    """Makes breaks in copies of one snapshot of the tree and asks the suite about each."""

    def __init__(self, folder: Path, snapshot: Path) -> None:
        self._folder = folder
        self._snapshot = snapshot
        self._failed_before: list[str] = []

    def noticed(self, made: Break, every: bool) -> list[str]:
        """Return the first test that notices a break, or with ``every`` all; none if none does."""
        root = copy_tree(self._snapshot, self._folder / made.name)
        (root / made.file).write_text(broken(made, root), encoding="utf-8")
        likely = [
            str(path.relative_to(root))
            for pattern in made.tests
            for path in sorted(root.glob(pattern))
        ]
        folders = {path.parent.name for path in root.glob("tests/*/test_*.py")} - {"plots"}
        whole = [f"tests/{name}" for name in (*NEXT, *sorted(folders.difference(NEXT)))]
        try:
            if every:
                return self._ask(root, whole)
            return self._ask(root, likely, "-x") or self._ask(root, whole, "-x")
        finally:
            shutil.rmtree(root)

    def _ask(self, root: Path, tests: list[str], *options: str) -> list[str]:
        """Return tests that fail in ``root`` and pass in the snapshot."""
        while True:
            left_out = (f"--deselect={test}" for test in self._failed_before)
            found = failing(root, tests, *options, NOT_ASKED, *left_out)
            before = failing(self._snapshot, found) if found else []
            if before:
                print(f"fails without any break: {', '.join(before)}", file=sys.stderr)
                self._failed_before += before
            noticed = [test for test in found if test not in before]
            if noticed or not before or not options:
                return noticed


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", action="append", metavar="NAME", help="a break, or a mistake")
    parser.add_argument("--all-tests", action="store_true", help="list all tests that notice")
    parser.add_argument("--list", action="store_true", help="check the edits, and run no test")
    args = parser.parse_args()
    breaks = read_breaks()
    known = {made.name for made in breaks} | {made.mistake for made in breaks}
    if not known.issuperset(args.only or ()):
        parser.error(f"--only takes one of: {', '.join(sorted(known))}")
    if args.only:
        breaks = [made for made in breaks if {made.name, made.mistake} & set(args.only)]
    survived = 0
    with tempfile.TemporaryDirectory() as name:
        snapshot = copy_tree(ROOT, Path(name) / "snapshot")
        for made in breaks:
            broken(made, snapshot)
        judge = Judge(Path(name), snapshot)
        print("| Mistake | Break | File | Caught by |\n|---|---|---|---|", flush=True)
        for made in breaks:
            caught = "not asked"
            if not args.list:
                tests = judge.noticed(made, args.all_tests)
                survived += not tests
                caught = "<br>".join(f"`{test}`" for test in tests) or "SURVIVED"
            print(f"| {made.mistake} | {made.name} | `{made.file}` | {caught} |", flush=True)
    sys.exit(1 if survived else 0)


if __name__ == "__main__":
    main()
