"""Write docs/statistics.md: are Postroad's intervals, tests and advice as good as they say?

    python tools/study_statistics.py                 runs the study (an hour), then writes
    python tools/study_statistics.py --page          writes the page and the figure from the results
    python tools/study_statistics.py --keep FOLDER   keeps the values of runs there, and reads them

The results are kept in docs/statistics.json. Seeds are 0, 1, 2 and so on: the same study gives the
same results, on any number of processes.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS.parent)]

from statstudy.cells import Cell  # noqa: E402
from statstudy.facts import facts_of  # noqa: E402
from statstudy.judge import judge  # noqa: E402
from statstudy.page import build_page, draw_figure  # noqa: E402
from statstudy.runs import run_worlds  # noqa: E402

DOCS = TOOLS.parent / "docs"
RESULTS, PAGE, FIGURE = (
    DOCS / name for name in ("statistics.json", "statistics.md", "images/statistics.png")
)
EXPERIMENTS = 2_000


def read_results() -> tuple[list[Cell], dict[str, object]]:
    """Return the committed cells, and the facts about the systems."""
    kept = json.loads(RESULTS.read_text(encoding="utf-8"))
    return [Cell(**each) for each in kept["cells"]], kept["facts"]


def main() -> None:
    """Run, or read what was run, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--experiments", type=int, default=EXPERIMENTS)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--keep", type=Path, help="folder for the values of runs")
    parser.add_argument("--page", action="store_true", help="from docs/statistics.json alone")
    given = parser.parse_args()
    if not given.page:
        values = run_worlds(given.experiments, given.jobs, keep=given.keep)
        kept = {
            "facts": facts_of(values),
            "cells": [each.document() for each in judge(values)],
        }
        RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    cells, facts = read_results()
    PAGE.write_text(build_page(cells, facts), encoding="utf-8")
    draw_figure(cells).savefig(FIGURE, dpi=130, metadata={"Software": "postroad"})
    for each in cells:
        if each.verdict != "":
            print(f"{each.verdict:13} {each.share:6.1%} {each.system}: {each.what}, {each.runs}")


if __name__ == "__main__":
    main()
