"""The figures of a plan: what stands in them, from made-up runs."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.lines import Line2D

from sim.plots.deciding.chance import plot_attained, plot_chance
from sim.plots.deciding.costgrid import plot_costs
from sim.plots.deciding.gallery import draw_decision
from sim.store.decisions import RUNS, Decision


def heights_of(line: Line2D) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(line.get_ydata(), np.float64)


def runs(count: int, held: int, low: float, high: float, outcome: str) -> dict[str, Any]:
    return {"runs": count, "held": held, "low": low, "high": high, "outcome": outcome}


def made_up(path: Path, choices: int = 1) -> Decision:
    """Three values of each choice: not enough, undecided (with late runs), enough."""
    seen = [
        (runs(8, 1, 0.01, 0.47, "not reached"), None),
        (runs(8, 7, 0.53, 0.99, "undecided"), runs(166, 162, 0.94, 0.99, "undecided")),
        (runs(8, 8, 0.69, 1.0, "reached"), runs(63, 63, 0.95, 1.0, "reached")),
    ]
    points: list[dict[str, Any]] = []
    for number in range(3**choices):
        levels = [number] if choices == 1 else [number // 3, number % 3]
        screening, confirming = seen[min(levels)] if number != 3 else (None, None)
        points.append(
            {
                "point": number,
                "settings": {f"fleets.f{i}.vehicles": str(k + 1) for i, k in enumerate(levels)},
                "numbers": [k + 1.0 for k in levels],
                "cost": float(sum(levels)),
                "screening": screening,
                "confirming": confirming,
            }
        )
    content = {
        "outcome": "reached",
        "answer": len(points) - 1,
        "probability": 0.95,
        "confidence": 0.95,
        "priced": choices > 1,
        "choices": [f"fleets.f{i}.vehicles" for i in range(choices)],
        "units": [""] * choices,
        "goals": [
            {
                "text": "T90 <= 10 d",
                "series": "T90@clinic",
                "operator": "<=",
                "limit": 240.0,
                "unit": "h",
                "hour": None,
            }
        ],
        "path": [],
        "open": [],
        "points": points,
    }
    rows = [
        {
            "point": point["point"],
            "replication": replication,
            "use": "screening",
            "goal": 0,
            "value": None if (point["point"], replication) == (1, 0) else 200.0 + 10 * replication,
            "holds": replication < 5 and (point["point"], replication) != (1, 0),
        }
        for point in points
        if point["screening"]
        for replication in range(8)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=RUNS), path / "runs.parquet")
    manifest = {"scenario": "made-up", "digest": "0123456789abcdef"}
    return Decision(path, manifest, content)


def test_the_chance_has_a_mark_for_each_value_that_ran(tmp_path: Path) -> None:
    decision = made_up(tmp_path)
    ax = plot_chance(decision)
    marks = {str(line.get_gid()): line for line in ax.lines if line.get_gid()}
    assert sorted(marks) == ["combination-0", "combination-1", "combination-2"]
    heights = [heights_of(marks[f"combination-{number}"])[0] for number in range(3)]
    assert heights == pytest.approx([1 / 8, 162 / 166, 1.0])
    colours = {marks[name].get_color() for name in marks}
    assert len(colours) == 3
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["asked: 95 %", "3 is enough"]
    assert any(heights_of(line).tolist() == [0.95, 0.95] for line in ax.lines)
    legend = ax.get_legend()
    assert legend is not None
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["enough", "not enough", "undecided"]


def test_each_run_is_a_dot_and_late_ones_are_on_the_rim(tmp_path: Path) -> None:
    ax = plot_attained(made_up(tmp_path))
    by_marker = {
        marker: np.concatenate(
            [heights_of(line) for line in ax.lines if line.get_marker() == marker]
        )
        for marker in ".^"
    }
    assert len(by_marker["."]) == 23
    assert len(by_marker["^"]) == 1
    assert by_marker["^"][0] > 270 / 24
    assert [text.get_text() for text in ax.texts] == ["none by the horizon"]
    assert ax.get_ylabel() == "T90 of clinic, days since the start"


def test_a_grid_of_two_choices(tmp_path: Path) -> None:
    ax = plot_costs(made_up(tmp_path, 2))
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("63/63") == 1
    assert texts.count("1/8") == 4  # the fourth of five such cells never ran
    with pytest.raises(ValueError, match="two choices"):
        plot_costs(made_up(tmp_path))


def test_files_of_the_figures(tmp_path: Path) -> None:
    written = draw_decision(made_up(tmp_path, 2))
    assert [path.name for path in written] == [
        f"{stem}.{kind}" for stem in ("chance", "costs") for kind in ("png", "svg", "csv")
    ]
    with written[2].open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["held"] for row in rows if row["panel"] == "chance"][:2] == ["1", "1"]
    assert sum(row["panel"] == "T90 <= 10 d" for row in rows) == 8 * 8
