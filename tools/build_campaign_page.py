"""Fill a campaign's page and the README from a result folder, so that no number in them is typed.

    python tools/build_campaign_page.py results/oximeters-2023-... docs/campaigns/oximeters-2023.md

Between the markers ``<!-- NAME -->`` and ``<!-- /NAME -->`` of the page (and of README.md, for a
result whose page is named there) it writes: ``outcome`` (what the run printed), ``verdicts`` (a
table) and ``moves`` (which assumptions move each figure most, from the CSV of
tools/one_at_a_time.py beside the page). The figures are copied to docs/images/.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import shutil
from math import isinf
from pathlib import Path

from rich.console import Console

from sim.experiment.run import prepare
from sim.report.outcome import outcome_text
from sim.report.words import as_reported, interval, number, quantity, tolerance
from sim.store.result import Result, open_result


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


def moves_block(result: Result, file: Path, most: int = 3) -> str:
    """Return, for each figure, the assumptions whose range moves its median most."""
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    base, moved = rows[0], rows[1:]
    lines = ["| figure | as assumed | moved most by |", "|---|---|---|"]
    for row in result.verdicts:
        figure, unit, start = row["id"], row["unit"], result.start
        swings: dict[str, list[tuple[str, float]]] = {}
        for move in moved:
            swings.setdefault(move["assumption"], []).append((move["set to"], float(move[figure])))
        centre = float(base[figure])

        def swing(item: tuple[str, list[tuple[str, float]]], centre: float = centre) -> float:
            return max(
                abs(value - centre) if not isinf(value - centre) else 1e12 for _, value in item[1]
            )

        ranked = sorted(swings.items(), key=swing, reverse=True)
        said = []
        for name, ends in ranked[:most]:
            if swing((name, ends)) > 1e-9:
                values = ", ".join(
                    f"{_plain(unit, start, value)} at {end.partition(': ')[2]}"
                    for end, value in ends
                )
                said.append(f"`{name}` ({values})")
        lines.append(f"| {figure} | {_plain(unit, start, centre)} | {'; '.join(said) or 'none'} |")
    return "\n".join(lines) + "\n"


def _plain(unit: str, start: object, value: float) -> str:
    return quantity(start, value, unit) if unit == "time" else number(value, unit)  # type: ignore[arg-type]


def fill_page(result: Result, page: Path) -> None:
    """Fill a campaign's page from its result, and copy the figures that the page shows."""
    moves = page.with_name(page.stem + "-moves.csv")
    blocks = {"outcome": outcome_block(result), "verdicts": verdict_block(result)}
    if moves.exists():
        blocks["moves"] = moves_block(result, moves)
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
    args = parser.parse_args()
    fill_page(open_result(args.result), args.page)


if __name__ == "__main__":
    main()
