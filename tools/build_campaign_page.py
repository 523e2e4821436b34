"""Fill a campaign's page and the README from a result folder, so that no number in them is typed.

    python tools/build_campaign_page.py results/oximeters-2023-... docs/campaigns/oximeters-2023.md

Between the markers ``<!-- NAME -->`` and ``<!-- /NAME -->`` of the page (and of README.md, for a
result whose page is named there) it writes: ``outcome`` (what the run printed), ``verdicts`` (a
table) and, with ``--sweep FOLDER``, ``moves`` (which assumptions move each figure most, from a
``postroad sweep`` one at a time). The figures are copied to docs/images/.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
from math import inf, isfinite
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.experiment.run import prepare
from sim.measures.scope import NATIONAL
from sim.report.outcome import outcome_text
from sim.report.words import as_reported, interval, number, quantity, tolerance
from sim.store.result import Result, open_result
from sim.store.sweeps import REPORTED, Sweep, open_sweep
from sim.sweeping.scales import setting_text


def fill(page: Path, blocks: dict[str, str]) -> None:
    """Replace what stands between the markers of each block that the page has."""
    text = page.read_text(encoding="utf-8")
    for name, block in blocks.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, block=block: match[1] + block + match[2], text)  # type: ignore[misc]
    page.write_text(text, encoding="utf-8")


def outcome_block(result: Result) -> str:
    """Return what the run printed, without the machine's times."""
    console = Console(width=132, record=True, file=io.StringIO(), highlight=False)
    for block in outcome_text(result, prepare(result.loaded)):
        console.print(block)
    lines = [line.rstrip() for line in console.export_text().splitlines()]
    kept = [
        re.sub(r" in [\d.]+ s of CPU| *, [\d.]+ s of CPU each", "", line)
        for line in lines
        if not line.strip().startswith(("next:", "postroad "))
    ]
    text = "\n".join(kept).strip().replace(str(result.path), f"results/{result.path.name}")
    return f"```\n{text}\n```\n"


def verdict_block(result: Result) -> str:
    """Return the table of verdicts with sources and wording."""
    rows = [
        "| row | figure | use | reported | tolerance | model, 95 % of runs | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result.verdicts:
        unit, start = row["unit"], result.start
        model = interval(start, row["model_median"], row["model_low"], row["model_high"], unit)
        cells = (
            row["row"],
            row["id"],
            row["use"],
            as_reported(start, row["reported"], unit),
            tolerance(start, row["low"], row["high"], unit),
            model,
            f"**{row['verdict']}**",
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def moves_block(result: Result, sweep: Sweep, most: int = 3) -> str:
    """Return, for each figure, the assumptions whose range moves its median most.

    ``sweep`` is one at a time, of the same scenario. A run in which a time did not come counts as
    later than any.
    """
    lines = ["| figure | as assumed | moved most by |", "|---|---|---|"]
    settings = {axis: sweep.settings(axis) for axis in sweep.axes}
    for row in result.verdicts:
        figure, unit, start = row["id"], row["unit"], result.start
        values = sweep.values((REPORTED, "", "", NATIONAL, figure))
        medians = np.median(np.where(np.isnan(values), np.inf, values), axis=0).tolist()
        centre = medians[0]
        moves: list[tuple[float, str]] = []
        for axis, places in settings.items():
            moved = [point for point in sweep.rows if places[point] != places[0]]
            ends = [
                f"{_plain(unit, start, medians[point])} at {setting_text(places[point], axis.unit)}"
                for point in moved
            ]
            swing = max((_swing(medians[point], centre) for point in moved), default=0.0)
            moves.append((swing, f"`{axis.name}` ({', '.join(ends)})"))
        ranked = sorted(moves, key=lambda move: -move[0])[:most]
        said = "; ".join(text for swing, text in ranked if swing > 1e-9) or "none"
        lines.append(f"| {figure} | {_plain(unit, start, centre)} | {said} |")
    return "\n".join(lines) + "\n"


def _swing(value: float, centre: float) -> float:
    return abs(value - centre) if isfinite(value) and isfinite(centre) else inf


def _plain(unit: str, start: object, value: float) -> str:
    return quantity(start, value, unit) if unit == "time" else number(value, unit)  # type: ignore[arg-type]


def fill_page(result: Result, page: Path, sweep: Sweep | None = None) -> None:
    """Fill a campaign's page from its result, and copy the figures that the page shows.

    What moves its figures is left as it is unless there is a sweep.
    """
    blocks = {"outcome": outcome_block(result), "verdicts": verdict_block(result)}
    if sweep is not None:
        blocks["moves"] = moves_block(result, sweep)
    fill(page, blocks)
    readme = Path("README.md")
    if f"docs/campaigns/{page.name}" in readme.read_text(encoding="utf-8"):
        fill(readme, {"outcome": blocks["outcome"]})
    for target in re.findall(r"\(\.\./images/([\w-]+\.png)\)", page.read_text(encoding="utf-8")):
        name = target.removeprefix(f"{page.stem}-")
        figure = result.path / "figures" / name
        if figure.exists():
            shutil.copyfile(figure, Path("docs/images") / target)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=Path)
    parser.add_argument("page", type=Path)
    parser.add_argument("--sweep", type=Path, help="folder of a sweep one at a time")
    args = parser.parse_args()
    sweep = None if args.sweep is None else open_sweep(args.sweep)
    fill_page(open_result(args.result), args.page, sweep)


if __name__ == "__main__":
    main()
