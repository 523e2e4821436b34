"""Change the code in small ways, and see whether a test notices: the score of the suite.

    python tools/mutate.py FOLDER --sample 400
    python tools/mutate.py FOLDER --sample 400 --again      judges the survivors once more
    python tools/mutate.py FOLDER --again --also tests/x.py ... and by tests written since
    python tools/mutate.py FOLDER --report                  only writes what was found so far

Mutants of the packages named below are those of cosmic-ray, without what cannot matter (see
``mutating/mutants.py``). They are drawn at random, stratified by module; the first of a larger
sample are those of a smaller. Each is put to the tests that run the changed statement, the
quickest first, until one fails; running out of time counts as failing. The tests with the golden
summary do not count: they notice every change of any number.

FOLDER keeps which tests run which lines (measured once, by part of the suite: delete its files to
measure again) and what became of each mutant, while the file that it changes stays as it is; the
survivors are in FOLDER/report.md. ``mutation-survivors.toml`` lists those that were read and found
to do the same as the code: they do not count. Needs what ``requirements-mutation.txt`` names.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parent
sys.path[:0] = [str(TOOLS)]

from mutating.covering import Covering, measure  # noqa: E402
from mutating.judging import Copy, Found, Task  # noqa: E402
from mutating.mutants import Mutant, in_order, mutants_of, mutated  # noqa: E402
from mutating.scoring import Judged, read_equivalent, score_lines, write_report  # noqa: E402

PACKAGES = ("sim/engine", "sim/measures", "sim/statistics")
PARTS = "api chains cli comparing deciding engine evidence experiment leaves measures network plan"
MORE_PARTS = "policies reference report scenario statistics store study sweeping verification"
#: Seconds that tests may take: so many more than without mutation, and some to begin.
SLOWER, START = 3.0, 15.0
ALSO = 10.0  # seconds without mutation of a file that was not measured


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="keeps what is found")
    parser.add_argument("--sample", type=int, default=400, metavar="N", help="draw so many mutants")
    parser.add_argument("--all", action="store_true", help="judge all mutants (days)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default 1)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="judge so many at a time")
    parser.add_argument("--parts", help="of tests: folders or files, by commas (default: most)")
    parser.add_argument(
        "--budget", type=float, default=0.0, metavar="S", help="ask tests of so many seconds only"
    )
    parser.add_argument("--only", choices=PACKAGES, help="judge only those of this package")
    parser.add_argument(
        "--also", default="", metavar="FILES", help="ask these first, not measured, by commas"
    )
    parser.add_argument("--again", action="store_true", help="judge survivors again")
    parser.add_argument("--report", action="store_true", help="judge nothing, only report")
    args = parser.parse_args()
    os.nice(10)
    args.folder.mkdir(parents=True, exist_ok=True)
    files = sorted(
        path.relative_to(ROOT).as_posix()
        for name in PACKAGES
        for path in (ROOT / name).glob("*.py")
    )
    everything = [mutant for file in files for mutant in mutants_of(ROOT, file, args.folder)]
    order = in_order(everything, args.seed)
    kept = args.folder / "judged.jsonl"
    known = _read(kept)
    sample = list(_drawn(order, len(order) if args.all else args.sample))
    if not args.report:
        parts = args.parts.split(",") if args.parts else f"{PARTS} {MORE_PARTS}".split()
        for part in parts:
            if (ROOT / "tests" / part).exists():
                measure(ROOT, args.folder, part)
        covering = Covering(ROOT, args.folder)
        again = {"survived", "uncovered"} if args.again else set()
        tasks = [
            _task(mutant, text, covering, args.budget, tuple(filter(None, args.also.split(","))))
            for mutant, text in sample
            if mutant.package in ([args.only] if args.only else PACKAGES)
            and (mutant.name not in known or known[mutant.name].outcome in again)
        ]
        _judge(tasks, frozenset(files), args.folder, args.jobs, known)
    judged = [
        Judged(mutant, text, known[mutant.name]) for mutant, text in sample if mutant.name in known
    ]
    equivalent = read_equivalent(TOOLS / "mutation-survivors.toml")
    write_report(ROOT, args.folder / "report.md", judged, equivalent)
    print(f"{len(everything)} mutants, {len(judged)} judged")
    print("\n".join(score_lines(ROOT, judged, equivalent)))


def _drawn(order: list[Mutant], count: int) -> Iterator[tuple[Mutant, str]]:
    """Yield the first mutants of an order that are other programs, with their texts."""
    for mutant in order:
        if count <= 0:
            return
        text = mutated(ROOT, mutant)
        if text is not None:
            count -= 1
            yield mutant, text


def _task(
    mutant: Mutant, text: str, covering: Covering, budget: float, also: tuple[str, ...]
) -> Task:
    """Return the task of judging a mutant, by tests of no more than ``budget`` seconds, if any, and
    by what is asked ``also``."""
    tests, spent = [], 0.0
    for test in covering.tests(mutant.file, mutant.line):
        spent += covering.seconds[test]
        if budget and tests and spent > budget:
            break
        tests.append(test)
    seconds = sum(covering.seconds[test] for test in tests) + ALSO * len(also)
    return Task(mutant.name, mutant.file, text, (*also, *tests), START + SLOWER * seconds)


def _read(kept: Path) -> dict[str, Found]:
    """Return what was found before, the latest for each mutant."""
    if not kept.exists():
        return {}
    rows = map(json.loads, kept.read_text(encoding="utf-8").splitlines())
    return {row["name"]: Found(**row) for row in rows}


def _judge(
    tasks: list[Task],
    mutated_files: frozenset[str],
    folder: Path,
    jobs: int,
    known: dict[str, Found],
) -> None:
    """Judge mutants in processes of their own; add what is found to ``known`` and to the folder."""
    start = multiprocessing.get_context("fork")
    todo: Any = start.Queue()
    done: Any = start.Queue()
    for task in tasks:
        todo.put(task)
    for _ in range(jobs):
        todo.put(None)
    workers = [
        start.Process(target=_work, args=(todo, done, folder / f"copy-{at}", mutated_files))
        for at in range(jobs)
    ]
    for worker in workers:
        worker.start()
    left = len(tasks)
    with (folder / "judged.jsonl").open("a", encoding="utf-8") as file:
        while left:
            try:
                found = done.get(timeout=5.0)
            except Empty:
                if not any(worker.is_alive() for worker in workers):
                    raise SystemExit("a process that judges mutants has ended early") from None
                continue
            left -= 1
            known[found.name] = found
            row = {"name": found.name, "outcome": found.outcome, "by": found.by}
            file.write(json.dumps(row) + "\n")
            file.flush()
            print(f"{len(tasks) - left}/{len(tasks)} {found.outcome} {found.name} ({found.by})")
            sys.stdout.flush()
    for worker in workers:
        worker.join()


def _work(todo: Any, done: Any, copy_to: Path, mutated_files: frozenset[str]) -> None:
    copy = Copy(ROOT, copy_to.resolve(), mutated_files)
    while (task := todo.get()) is not None:
        done.put(copy.judge(task))


if __name__ == "__main__":
    main()
