"""Expected values as a table: theory, what was simulated, and whether the two agree."""

from __future__ import annotations

from math import log10
from typing import Any

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from sim.report.layout import WideOrNarrow, plain_table
from sim.report.words import VERDICT_STYLE


def theory_table(rows: list[dict[str, Any]]) -> WideOrNarrow:
    """Return the expected values: case, what theory says, what was simulated, z, and the verdict.

    ``rows`` are those of ``Result.expected``.
    """
    table = plain_table("theory", "measure", "expected", "simulated [95 %]", "z", "verdict")
    for column in table.columns[2:5]:
        column.justify = "right"
    lines: list[RenderableType] = []
    for row in rows:
        about = " ".join(filter(None, (row["echelon"], row["entity"], row["product"])))
        measure = f"{row['measure']}, {about}" if about else row["measure"]
        expected = f"{digits(row['expected'])} {row['unit']}"
        simulated, z = _simulated(row), _z(row)
        verdict = Text(row["verdict"], style=VERDICT_STYLE[row["verdict"]])
        remark = row["why"] or ("" if row["shows_2_percent"] else _WEAK)
        if remark and row["verdict"] != "not judged":
            verdict.append(f" ({remark})", style="dim")
        table.add_row(row["id"], measure, expected, simulated, z, verdict)
        lines.append(Text.assemble(f"{row['id']} ({measure}): ", verdict))
        said = f"expected {expected}, simulated {simulated}" + (f", z {z}" if z else "")
        lines.append(Padding(said, (0, 0, 0, 4), expand=False))
    return WideOrNarrow(table, tuple(lines))


_WEAK = "an error of 2 % might not show"


def digits(value: float | None) -> str:
    """Write a number with six significant digits, and no exponent where that reads well."""
    if value is None:
        return "-"
    if value == 0 or 1e-4 <= abs(value) < 1e9:
        places = 5 - int(log10(abs(value))) if abs(value) >= 1 else 6
        text = f"{value:,.{max(places, 0)}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.6g}"


def _simulated(row: dict[str, Any]) -> str:
    if row["mean"] is None:
        return "no value"
    if row["low"] is None or row["low"] == row["high"]:
        return digits(row["mean"])
    return f"{digits(row['mean'])} [{digits(row['low'])}, {digits(row['high'])}]"


def _z(row: dict[str, Any]) -> str:
    if row["exact"]:
        return "exact"
    if row["z"] is None:  # nothing to judge by, or no spread at all
        return "∞" if row["verdict"] == "differs" and row["mean"] is not None else ""
    return f"{row['z']:+.2f}"
