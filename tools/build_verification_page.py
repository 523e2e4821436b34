"""Write docs/verification.md: what the engine does against what theory says it must do.

    python tools/build_verification_page.py                     runs every scenario, then writes
    python tools/build_verification_page.py --results FOLDER    reads what was run into FOLDER

Every scenario in scenarios/verification runs by the same command as any other; a case is one of
its [expected] values, and its numbers on the page come from the result folder.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path
from typing import Any

from scipy.special import stdtrit

from sim.expectation import AGREES, FALSE_ALARM, POWER, SHOWN, critical_z
from sim.scenario.load import load_scenario
from sim.store.result import Result, open_result

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "scenarios" / "verification"
PAGE = ROOT / "docs" / "verification.md"

#: The order of the page; a scenario that is in no part is refused.
PARTS: dict[str, tuple[str, ...]] = {
    "One station": (
        "queues-mmc",
        "queues-mmck",
        "queues-mdc",
        "queues-mg1",
        "queues-gim1",
        "priorities",
        "preemption",
        "breakdowns",
    ),
    "Networks of stations": ("tandem", "split", "blocking"),
    "Fleets and roads": (
        "fleet-loss",
        "transit",
        "closed-fleet",
        "closed-fleet-constant",
        "closed-fleet-rounds",
        "driving-rest",
        "loss",
    ),
    "When goods leave": ("departures", "dispatch-full", "timetable"),
    "Batches and schedules": (
        "batch-servers",
        "batch-trips",
        "flow-shop-johnson",
        "flow-shop-best",
        "flow-shop-taillard",
    ),
    "Working time": ("calendars", "calendars-crews"),
    "Who gets what": ("allocation", "consumption-constant", "consumption-poisson"),
    "What goes wrong": ("disruptions",),
}


_HEAD = """\
# Verification

The engine against results that do not know it: queueing theory, schedules worked out exactly, and
small examples worked out by hand. Each case is an `[expected]` value of a scenario in
`scenarios/verification/`, which runs like any other:

```
postroad run scenarios/verification/queues-mmc.toml
```

This page is written by `tools/build_verification_page.py` from the results of such runs, and
`make verify` runs them all again and compares. The expected values are computed in
`tests/verification/cases/` from the formulas in `tests/verification/theory/`, and a test holds the
files to them.

**{agree} of {cases} cases agree**, in {files} scenarios: {exact} exact ones and {chance} by chance.

- An exact case must hold in every replication, to 1e-9 of its value.
- A case by chance is the mean over replications, each with its own luck, and is judged by Student's
  t; z is the normal value with the same chance. It differs if |z| is above {critical:.2f}. If the
  engine is right, that happens in one of {one_in:,.0f} cases, and somewhere among these {chance}
  with a chance of {any_alarm:.1%}.
- Runs are so long that a small error cannot hide: one of {shown:.0%} of the value would be found
  with a chance of {power:.0%} or more, in each case. The column "shows" says which error would.

The largest |z| is {largest:.2f}. The case that sees least shows an error of {worst:.1%}. Times are
in hours."""


_TABLE = (
    "| case | source | measure | expected | simulated, 95 % | z | shows | verdict | scenario |",
    "|---|---|---|---|---|---|---|---|---|",
)


def scenario_files() -> list[Path]:
    """Return the scenarios in the order of the page.

    Raises:
        ValueError: a file is in no part, or a part names one that is not there.
    """
    named = [name for names in PARTS.values() for name in names]
    found = {file.stem for file in SCENARIOS.glob("*.toml")}
    if sorted(named) != sorted(found):
        odd = sorted(found.symmetric_difference(named))
        raise ValueError(f"not both a file and in a part: {odd}")
    return [SCENARIOS / f"{name}.toml" for name in named]


def run_scenarios(files: Iterable[Path], folder: Path, jobs: int) -> None:
    """Run each scenario by the command line into a folder of its name, ``jobs`` at a time.

    Raises:
        RuntimeError: a run failed, with what it said.
    """

    def run(file: Path) -> None:
        command = [sys.executable, "-m", "sim", "run", str(file), "--out", str(folder / file.stem)]
        options = ["--jobs", "1", "--no-figures", "--overwrite"]
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{file.stem}: {done.stderr}")

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, files))


def error_seen(row: dict[str, Any]) -> float:
    """Return the error, as a share of the expected value, that a case finds with the stated power.

    (t_critical + t_power) standard errors (J. Cohen, Statistical Power Analysis, 1988, chapter 2);
    0 for an exact case, inf for one without an interval.
    """
    if row["exact"]:
        return 0.0
    if row["low"] is None:
        return inf
    freedom = row["runs"] - 1
    error = (row["high"] - row["low"]) / 2 / float(stdtrit(freedom, 0.975))
    steps = float(stdtrit(freedom, 1 - FALSE_ALARM / 2) + stdtrit(freedom, POWER))
    return steps * error / abs(row["expected"])


def build_page(results: dict[str, Result]) -> str:
    """Return the text of the page; ``results`` are by the name of the scenario."""
    rows = [row for result in results.values() for row in result.expected]
    lines = [_head(rows, len(results))]
    for part, names in PARTS.items():
        lines += ["", f"## {part}", "", *_TABLE]
        lines += [_row(name, row) for name in names for row in results[name].expected]
    return "\n".join(lines) + "\n"


def _head(rows: list[dict[str, Any]], files: int) -> str:
    by_chance = [row for row in rows if not row["exact"]]
    return _HEAD.format(
        agree=sum(row["verdict"] == AGREES for row in rows),
        cases=len(rows),
        files=files,
        exact=len(rows) - len(by_chance),
        chance=len(by_chance),
        critical=critical_z(),
        one_in=1 / FALSE_ALARM,
        any_alarm=1 - (1 - FALSE_ALARM) ** len(by_chance),
        shown=SHOWN,
        power=POWER,
        largest=max(inf if row["z"] is None else abs(row["z"]) for row in by_chance),
        worst=max(error_seen(row) for row in by_chance),
    )


def _row(scenario: str, row: dict[str, Any]) -> str:
    if row["low"] is None:
        found, z = row["why"], ""
    elif row["exact"]:
        found, z = _number(row["mean"]), "exact"
    else:
        found = f"{_number(row['mean'])} [{_number(row['low'])}, {_number(row['high'])}]"
        z = "inf" if row["z"] is None else f"{row['z']:+.2f}"
    shows = "" if row["exact"] or row["low"] is None else f"{error_seen(row):.1%}"
    cells = (
        row["note"] or row["id"],
        row["source"],
        f"`{row['measure']}`",
        f"{_number(row['expected'])} {row['unit']}",
        found,
        z,
        shows,
        row["verdict"],
        f"[{scenario}](../scenarios/verification/{scenario}.toml)",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _number(value: float) -> str:
    """Five digits, and no more zeros than needed."""
    return f"{value:.5g}"


def main() -> None:
    """Run, or read what was run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, help="folder with a result folder per scenario")
    parser.add_argument("--jobs", type=int, default=2, help="scenarios to run at a time")
    given = parser.parse_args()
    files = scenario_files()
    with tempfile.TemporaryDirectory() as made:
        folder = given.results or Path(made)
        if given.results is None:
            for file in files:
                load_scenario(file)  # all are checked before the first one runs
            run_scenarios(files, folder, given.jobs)
        results = {file.stem: open_result(folder / file.stem) for file in files}
        PAGE.write_text(build_page(results), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
