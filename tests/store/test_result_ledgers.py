"""Ledgers on disk: every event of a run, balanced, and equal bytes for an equal run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.engine.model import run_replication
from sim.experiment.run import Prepared
from sim.store import ledgers
from sim.store.ledgers import SCHEMA, TABLES, write_ledger


def test_a_ledger_balances(prepared: Prepared, tmp_path: Path) -> None:
    path = write_ledger(run_replication(prepared.plan, 2), prepared.plan, tmp_path / "ledger")
    assert path.name == "000002.parquet"
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == [path.name, "000002.services.parquet"]
    services = pq.read_table(path.with_name(names[1]))
    assert services.column_names == list(TABLES["services"])
    assert set(services["station"].to_pylist()) == {spec.name for spec in prepared.plan.stations}
    table = pq.read_table(path)
    assert table.schema.equals(SCHEMA)
    units = {
        (row["kind"], row["last_mile"]): row["units_sum"]
        for row in table.append_column("last_mile", pc.equal(table["other"].cast("string"), ""))
        .group_by(["kind", "last_mile"])
        .aggregate([("units", "sum")])
        .to_pylist()
    }
    assert units["delivered", True] == 2 * 288
    assert units["dispatched", True] == 2 * 288
    assert units["dispatched", False] == units["received", False] == 2 * 2 * 288  # city, county
    stops = table.filter(pc.equal(table["kind"].cast("string"), "delivered"))
    assert stops.num_rows == 288
    assert len(set(stops["facility"].to_pylist())) == 288
    between = table.filter(pc.less(table["facility"], 0))
    between = between.filter(pc.not_equal(between["other"].cast("string"), ""))
    hours = between["hour"].to_numpy()
    assert (np.diff(hours) >= 0).all()


def test_equal_runs_give_equal_bytes_whatever_the_blocks_hold(
    prepared: Prepared, tmp_path: Path, monkeypatch: object
) -> None:
    one, two = (
        write_ledger(run_replication(prepared.plan, 0), prepared.plan, tmp_path / name)
        for name in ("one", "two")
    )
    assert one.read_bytes() == two.read_bytes()
    monkeypatch.setattr(ledgers, "_ROWS", 7)  # type: ignore[attr-defined]
    three = write_ledger(run_replication(prepared.plan, 0), prepared.plan, tmp_path / "three")
    assert pq.read_table(three).equals(pq.read_table(one))
