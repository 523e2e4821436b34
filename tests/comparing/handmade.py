"""Result folders whose values by replication are given, for comparisons."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from math import isnan
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.catalogue import find_measure
from sim.measures.summary import summarise
from sim.store.result import Result, open_result
from sim.store.tables import SCHEMAS, summary_table, values_by_key, write_table

SMALL = Path(__file__).parents[1] / "scenario" / "data" / "small.toml"
#: Measure, echelon and entity; all else is empty and national.
Values = Mapping[tuple[str, str, str], Sequence[float]]
T90 = ("T90", "clinic", "")
COVERAGE = ("coverage", "clinic", "")


def write_result(
    folder: Path, name: str, values: Values, *, change: tuple[str, str] = ("", ""), **manifest: Any
) -> Result:
    """Write a result with these values by replication (NaN is none), of the small scenario."""
    path = folder / name
    path.mkdir(parents=True)
    text = SMALL.read_text(encoding="utf-8")
    assert change[0] in text
    (path / "scenario.toml").write_text(text.replace(*change), encoding="utf-8")
    rows = [
        {
            "replication": replication,
            "measure": measure,
            "product": "",
            "echelon": echelon,
            "region": "national",
            "entity": entity,
            "unit": find_measure(measure).unit,
            "value": None if isnan(value) else value,
        }
        for (measure, echelon, entity), runs in values.items()
        for replication, value in enumerate(runs)
    ]
    runs = pa.Table.from_pylist(rows, SCHEMAS["runs"])
    write_table(runs, path / "runs.parquet")
    write_table(summary_table(summarise(values_by_key(runs))), path / "measures.parquet")
    for table in ("curves", "arrivals", "evidence"):
        write_table(SCHEMAS[table].empty_table(), path / f"{table}.parquet")
    (path / "verdicts.json").write_text("[]")
    whole = {
        "layout": 1,
        "status": "finished",
        "scenario": name,
        "digest": "0123456789abcdef",
        "seed": 0,
        "streams": "a scheme",
        "replications": max(map(len, values.values())),
        "timings": {},
        **manifest,
    }
    (path / "manifest.json").write_text(json.dumps(whole))
    return open_result(path)
