"""Write the table of measures into ``docs/measures.md`` from the catalogue.

Run it after a change of the catalogue; a test compares the page with what it would write.
"""

from __future__ import annotations

from pathlib import Path

from sim.catalogue import CATALOGUE, Measure
from sim.measures.summary import summarise

PAGE = Path(__file__).parents[2] / "docs" / "measures.md"
BEGIN, END = "<!-- measures: begin -->", "<!-- measures: end -->"


def statistics(measure: Measure) -> str:
    """Return what the summary gives for a measure, found out by asking it."""
    rows = summarise([((measure.name, "", "", "", ""), [0.0, 1.0])])
    return ", ".join(f"`{row.statistic}`" for row in rows)


def table() -> str:
    """Return the table of all measures in Markdown."""
    lines = ["| measure | unit | what it says | statistics | better |", "|---|---|---|---|---|"]
    for name, measure in CATALOGUE.items():
        better = measure.better or "–"
        lines.append(
            f"| `{name}` | {measure.unit} | {measure.meaning} | {statistics(measure)} | {better} |"
        )
    return "\n".join(lines)


def with_table(page: str) -> str:
    """Return the page with the table between its two marker comments."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no line {BEGIN} with a line {END} after it")
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
