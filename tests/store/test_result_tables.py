"""Tables of a result: fixed schemas, equal bytes for equal input, null for what never came."""

from __future__ import annotations

from math import inf, isnan, nan
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.catalogue import find_measure
from sim.errors import UsageError
from sim.measures.curves import Curve
from sim.measures.run import Arrivals, Row, RunMeasures
from sim.measures.summary import summarise
from sim.store.result import Result
from sim.store.tables import (
    BY_RUN,
    SCHEMAS,
    read_table,
    summary_table,
    tables_of_run,
    values_by_key,
    write_table,
)

CODES = np.array([0, 460200, 460400])


def run(number: int, *rows: Row) -> RunMeasures:
    arrivals = Arrivals(
        "clinic",
        site=np.array([2, 1]),
        facilities=np.array([7, 3]),
        received=np.array([1.5, inf]),
        first=np.array([2.0, inf]),
        half=np.array([3.0, inf]),
        ninety=np.array([inf, inf]),
        last=np.array([inf, nan]),
    )
    curve = Curve("received", "oximeter", "county", "", np.array([0.0, 5.0, nan]))
    return RunMeasures(number, rows, (curve,), (arrivals,))


def t50(value: float, region: str = "national") -> Row:
    return Row("T50", "", "clinic", region, "", value)


@pytest.fixture
def tables() -> dict[str, pa.Table]:
    return tables_of_run(run(4, t50(nan), t50(7.5, "Hainan")), {"half": inf, "all": 3.0}, CODES)


def test_every_table_has_its_schema(tables: dict[str, pa.Table]) -> None:
    assert tuple(tables) == BY_RUN
    for name, table in tables.items():
        assert table.schema == SCHEMAS[name]
        assert set(table["replication"].to_pylist()) == {4}


def test_what_never_came_is_null(tables: dict[str, pa.Table]) -> None:
    assert tables["runs"].to_pylist() == [
        {
            "replication": 4,
            "measure": "T50",
            "product": "",
            "echelon": "clinic",
            "region": region,
            "entity": "",
            "unit": "h",
            "value": value,
        }
        for region, value in (("national", None), ("Hainan", 7.5))
    ]
    assert tables["evidence"].to_pylist() == [
        {"replication": 4, "figure": "half", "value": None},
        {"replication": 4, "figure": "all", "value": 3.0},
    ]
    arrivals = tables["arrivals"].to_pylist()
    assert arrivals[0] == {
        "replication": 4,
        "echelon": "clinic",
        "code": 460400,
        "facilities": 7,
        "received": 1.5,
        "first": 2.0,
        "half": 3.0,
        "ninety": None,
        "last": None,
    }
    assert [arrivals[1][key] for key in ("code", "received", "last")] == [460200, None, None]
    assert tables["curves"]["hour"].to_pylist() == [0.0, 1.0, 2.0]
    assert tables["curves"]["value"].to_pylist() == [0.0, 5.0, None]
    for table in tables.values():  # no NaN hides behind the nulls
        for column in table.columns:
            if column.type == pa.float64():
                assert np.isfinite(column.drop_null().to_numpy()).all()


def test_a_run_without_rows_has_empty_tables_of_the_same_schema() -> None:
    tables = tables_of_run(RunMeasures(0, (), (), ()), {}, CODES)
    for name, table in tables.items():
        assert table.num_rows == 0
        assert table.schema == SCHEMAS[name]


def test_equal_input_gives_equal_bytes(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    for name, table in tables.items():
        slices = [table.slice(at, 1) for at in range(table.num_rows)]
        write_table(table, tmp_path / f"{name}.parquet")
        write_table(pa.concat_tables(slices).combine_chunks(), tmp_path / f"{name}-again.parquet")
        one, two = ((tmp_path / f"{name}{end}.parquet").read_bytes() for end in ("", "-again"))
        assert one == two
        assert read_table(tmp_path / f"{name}.parquet", name).equals(table)
    assert list(tmp_path.glob("*.tmp")) == []


def test_values_by_key_keep_the_order_and_fill_what_is_missing() -> None:
    """A measure that a run does not have, or that is null there, is NaN: it is never dropped."""
    trips = Row("trips", "", "county", "national", "van", 3.0)
    parts = [
        tables_of_run(run(0, t50(1.0), trips), {}, CODES),
        tables_of_run(run(2, t50(nan), t50(9.0, "Hainan")), {}, CODES),
        tables_of_run(run(5, t50(3.0, "Hainan"), t50(2.0)), {}, CODES),
    ]
    values = values_by_key(pa.concat_tables([part["runs"] for part in parts]))
    assert [key for key, _ in values] == [
        ("T50", "", "clinic", "national", ""),
        ("trips", "", "county", "national", "van"),
        ("T50", "", "clinic", "Hainan", ""),
    ]
    np.testing.assert_array_equal(values[0][1], [1.0, nan, 2.0])
    np.testing.assert_array_equal(values[1][1], [3.0, nan, nan])
    np.testing.assert_array_equal(values[2][1], [nan, 9.0, 3.0])


def test_the_summary_table_has_nulls_for_what_there_is_not() -> None:
    key = ("T50", "", "clinic", "national", "")
    table = summary_table(summarise([(key, [1.0, nan])]))
    assert table.schema == SCHEMAS["measures"]
    mean, late = table.to_pylist()
    assert (mean["mean"], mean["low"], mean["high"], mean["runs"]) == (None, None, None, 2)
    assert mean["method"] == "no mean: 1 of 2 runs had no value"
    assert late["statistic"] == "quantile-90"
    assert late["mean"] is None


def test_tables_of_a_real_run(result: Result) -> None:
    for name in (*BY_RUN, "measures"):
        table = getattr(result, name)
        assert table.schema == SCHEMAS[name]
        assert table.num_rows > 0
    for measure, unit in set(
        zip(result.runs["measure"].to_pylist(), result.runs["unit"].to_pylist(), strict=True)
    ):
        assert find_measure(measure).unit == unit
    for name in BY_RUN:
        numbers = getattr(result, name)["replication"].to_pylist()
        assert numbers == sorted(numbers)
        assert set(numbers) == {0, 1, 2}
    assert set(result.evidence["figure"].to_pylist()) == set(result.scenario.reported)
    delivered = {
        row["replication"]: row["value"]
        for row in result.runs.to_pylist()
        if row["measure"] == "received" and row["echelon"] == "clinic"
    }
    assert delivered == {0: 576.0, 1: 576.0, 2: 576.0}
    facilities = result.arrivals.to_pylist()
    assert sum(row["facilities"] for row in facilities if row["echelon"] == "clinic") == 3 * 288


def test_the_summary_is_that_of_the_runs(result: Result) -> None:
    values = dict(values_by_key(result.runs))
    for row in result.measures.to_pylist():
        key = tuple(row[name] for name in ("measure", "product", "echelon", "region", "entity"))
        runs = values[key]  # type: ignore[index]
        assert row["runs"] == 3
        if row["statistic"] == "mean" and not any(isnan(value) for value in runs):
            assert row["mean"] == pytest.approx(np.mean(runs), rel=1e-12)
            assert row["low"] <= row["mean"] <= row["high"]
    assert {(row["measure"]) for row in result.measures.to_pylist()} == {key[0] for key in values}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[: len(data) // 2], "cannot be read as the table runs: "),
        (lambda data: b"", "cannot be read as the table runs: "),
        (lambda data: b"PAR1" + b"\0" * 60 + b"PAR1", "cannot be read as the table runs: "),
    ],
)
def test_a_damaged_file_is_told(damage: object, said: str, result: Result, tmp_path: Path) -> None:
    path = tmp_path / "runs.parquet"
    path.write_bytes(damage((result.path / "runs.parquet").read_bytes()))  # type: ignore[operator]
    with pytest.raises(UsageError) as raised:
        read_table(path, "runs")
    assert str(raised.value).startswith(f"{path} {said}")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_missing_or_another_is_told(result: Result, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"runs\.parquet is missing: the result is not complete"):
        read_table(tmp_path / "runs.parquet", "runs")
    with pytest.raises(UsageError, match="its columns are not replication, figure, value"):
        read_table(result.path / "runs.parquet", "evidence")
    text = pa.table(
        {"replication": ["x"], "figure": ["half"], "value": [1.0]}
    )  # the right names, but no number
    pq.write_table(text, tmp_path / "evidence.parquet")
    with pytest.raises(UsageError, match="cannot be read as the table evidence"):
        read_table(tmp_path / "evidence.parquet", "evidence")
