"""The golden summary: what the campaign of ``golden/two-provinces.toml`` comes to.

After a change that is meant to change results, run

    PYTHONPATH=tests python tests/national/golden_summary.py

and look at the difference that it makes to ``golden/two-provinces.json`` before it is kept.
"""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path
from typing import Any

from national.two_provinces import world

from sim.audit import audit
from sim.measures.run import measure_run
from sim.measures.summary import Key, summarise

FILE = Path(__file__).parent / "golden" / "two-provinces.json"


def rounded(value: float) -> float | None:
    """Return a value with 12 significant digits; JSON has no NaN."""
    return None if isnan(value) else float(f"{value:.12g}")


def summary() -> dict[str, Any]:
    """Run the campaign and return its plan in numbers and its measures over all replications."""
    here = world()
    (tours,) = here.plan.tours
    values: dict[Key, list[float]] = {}
    for replication in range(here.scenario.replications):
        ledger, flows = here.run(replication)
        audit(ledger, here.plan)
        for row in measure_run(ledger, here.plan, here.scope, flows).rows:
            key = (row.measure, row.product, row.echelon, row.region, row.entity)
            values.setdefault(key, []).append(row.value)
    return {
        "plan": {
            "sites": len(here.network.sites),
            "links": len(here.plan.links),
            "link-kilometres": rounded(float(here.plan.links.km.sum())),
            "tours": len(tours),
            "tour-kilometres": rounded(float(tours.leg_km.sum() + tours.back_km.sum())),
            "notes": list(here.plan.notes),
        },
        "measures": {
            " ".join(filter(None, (*row[:5], row[5]))): [rounded(value) for value in row[6:]]
            for row in (
                (r.measure, r.product, r.echelon, r.region, r.entity, r.statistic, r.mean, r.low,
                 r.high)
                for r in summarise(values.items())
            )
        },
    }  # fmt: skip


def write(path: Path) -> None:
    """Write the summary of this working copy, one line a measure."""
    found = summary()
    lines = [
        f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in found["measures"].items()
    ]
    plan = json.dumps(found["plan"], ensure_ascii=False)
    text = f'{{"plan": {plan},\n"measures": {{\n' + ",\n".join(lines) + "\n}}\n"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(FILE)
