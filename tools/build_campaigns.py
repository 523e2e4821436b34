"""Fill the pages of all campaigns from their results, so that no number in them is typed.

    postroad run scenarios/*.toml --out results/campaigns --overwrite
    python tools/build_campaigns.py results/campaigns

Every result in the folder fills the page of its name in docs/campaigns/, as build_campaign_page.py
does. Then docs/campaigns.md gets its two tables: ``campaigns`` (what each is) and ``verdicts``
(every checkable figure, the model, the verdict); docs/campaigns/figures.md says of every row of the
table of reported figures where it went; and the season's page gets ``competition``: what shared
vans cost.
"""

from __future__ import annotations

import argparse
from collections import Counter
from math import isfinite
from pathlib import Path

from build_campaign_page import fill, fill_page
from figure_rows import ROOT, left_out, read_rows, uses

from sim.comparing.compare import compare_results
from sim.measures.scope import NATIONAL
from sim.report.words import as_reported, interval, quantity, tolerance
from sim.store.result import Result, open_result

DOCS = ROOT / "docs"
SEASON, APART = "season-2023", "season-apart-2023"
CENTRES, BEFORE = "county-centres-2024", "county-centres-2023"


def campaigns_block(results: dict[str, Result]) -> str:
    """Return the list of campaigns: page, where goods end, when."""
    lines = [
        "| campaign | scenario | from | figures: agree, spread, contradicted |",
        "|---|---|---|---|",
    ]
    for name, result in results.items():
        page = f"campaigns/{name}.md"
        title = result.scenario.title
        shown = f"[{title}]({page})" if (DOCS / page).exists() else title
        count = Counter(row["verdict"] for row in result.verdicts)
        verdicts = ", ".join(
            str(count[word]) for word in ("agrees", "within spread", "contradicted")
        )
        day = f"{result.start.day} {result.start:%b %Y}"
        file = f"[{name}](../scenarios/{name}.toml)"
        lines.append(f"| {shown} | {file} | {day} | {verdicts if result.verdicts else 'none'} |")
    return "\n".join(lines) + "\n"


def verdicts_block(results: dict[str, Result]) -> str:
    """Return every figure of every campaign with the model's value and the verdict."""
    lines = [
        "| scenario | row | figure | use | reported | tolerance | model, 95 % of runs | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        if name in (SEASON, APART):
            continue  # the same figures again, under competition: on the season's page
        for row in result.verdicts:
            unit, start = row["unit"], result.start
            model = interval(start, row["model_median"], row["model_low"], row["model_high"], unit)
            cells = (
                name,
                row["row"] or "",
                row["id"],
                row["use"],
                as_reported(start, row["reported"], unit),
                tolerance(start, row["low"], row["high"], unit),
                model,
                f"**{row['verdict']}**",
            )
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def rows_block() -> str:
    """Return where each row of the table of reported figures went."""
    used, reasons = uses(), left_out()
    lines = ["| row | actor | what was reported | role | where it went |", "|---|---|---|---|---|"]
    for row in read_rows():
        use = used[row["id"]]
        where = [f"check in {name}" for name in use.checks]
        where += [f"input of {name}" for name in use.inputs if name not in use.checks]
        if row["id"] in reasons:
            where.append(f"not modelled: {reasons[row['id']]}")
        what = f"{row['quantity']} {row['unit']}".strip()
        said = "; ".join(where) or "context only"
        lines.append(f"| {row['id']} | {row['actor']} | {what} | {row['role']} | {said} |")
    return "\n".join(lines) + "\n"


def difference_block(base: Result, other: Result, names: tuple[str, str]) -> str:
    """Return when half and nine tenths were served in two results, and the paired differences."""
    first, second = names
    head = f"| to | share served | {first} | {second} | {second}: later by (95 % interval) |"
    lines = [head, "|---|---|---|---|---|"]
    rows = {row.key: row for row in compare_results([base, other]).differences}
    ends = [name for name, echelon in base.scenario.echelons.items() if echelon.entitlement]
    for echelon in ends:
        for measure, words in {"T50": "half", "T90": "90 %"}.items():
            row = rows.get((measure, "", echelon, NATIONAL, ""))
            if row is None:
                continue
            cost = f"{row.difference:.1f} h [{row.low:.1f}, {row.high:.1f}]"
            if not isfinite(row.difference):
                cost = row.method
            title = base.scenario.echelons[echelon].title or echelon
            times = [quantity(base.start, v, "time") for v in (row.base_value, row.variant_value)]
            lines.append(f"| {title} | {words} | {times[0]} | {times[1]} | {cost} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a folder with a result for each scenario")
    args = parser.parse_args()
    names = sorted(path.stem for path in (ROOT / "scenarios").glob("*.toml"))
    found = [open_result(path) for path in sorted(args.folder.iterdir()) if path.is_dir()]
    results = {result.name: result for result in found if result.name in names}
    missing = [name for name in names if name not in results]
    if missing:
        raise SystemExit(f"no result of {', '.join(missing)} in {args.folder}")
    for name, result in results.items():
        page = DOCS / "campaigns" / f"{name}.md"
        if page.exists():
            fill_page(result, page)
    fill(
        DOCS / "campaigns.md",
        {"campaigns": campaigns_block(results), "verdicts": verdicts_block(results)},
    )
    fill(DOCS / "campaigns" / "figures.md", {"rows": rows_block()})
    fill(
        DOCS / "campaigns" / f"{SEASON}.md",
        {
            "competition": difference_block(
                results[APART], results[SEASON], ("own vans", "shared vans")
            ),
        },
    )
    fill(
        DOCS / "campaigns" / f"{CENTRES}.md",
        {
            "comparison": difference_block(
                results[BEFORE], results[CENTRES], ("network of 2023", "network of 2024")
            )
        },
    )


if __name__ == "__main__":
    main()
