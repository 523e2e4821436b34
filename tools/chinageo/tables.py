"""The columns of each packaged table, and how they are written to disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = Mapping[str, Any]

_PLACE = [
    ("code", pa.int32()),
    ("name", pa.string()),
    ("name_zh", pa.string()),
    ("parent", pa.int32()),  # code of the unit one level up
    ("lat", pa.float64()),  # WGS84 degrees, 5 decimals; null where no source has a point
    ("lon", pa.float64()),
    ("coord_source", pa.string()),
]
_VILLAGES = [
    ("village_committees", pa.int32()),
    ("communities", pa.int32()),
    ("other_villages", pa.int32()),
]
SCHEMAS: dict[str, pa.Schema] = {
    "provinces": pa.schema([field for field in _PLACE if field[0] != "parent"]),
    "prefectures": pa.schema([*_PLACE, ("pseudo", pa.bool_())]),
    "counties": pa.schema(
        [*_PLACE, ("functional_zone", pa.bool_()), ("area_km2", pa.int32()), *_VILLAGES]
    ),
    "towns": pa.schema([*_PLACE, ("kind", pa.string()), *_VILLAGES]),
    "clinics": pa.schema(
        [
            ("code", pa.int32()),
            ("estimate_a", pa.int32()),
            ("estimate_b", pa.int32()),
            ("estimate_c", pa.int32()),
            ("reported", pa.int32()),  # a later provincial report; null where there is none
            ("health_centres", pa.int32()),
        ]
    ),
    "key_counties": pa.schema(
        [("code", pa.int32()), ("status", pa.string()), ("source", pa.string())]
    ),
    "aliases": pa.schema([("code", pa.int32()), ("alias", pa.string())]),
    "outline": pa.schema(
        [
            ("part", pa.int32()),  # number of the ring or line
            ("kind", pa.string()),  # "province" or "boundary"
            ("code", pa.int32()),  # the province's code; 0 for a boundary line
            ("lon_e4", pa.int32()),  # 1e-4 degrees
            ("lat_e4", pa.int32()),
        ]
    ),
}


def write_table(folder: Path, name: str, rows: Iterable[Row]) -> Path:
    """Write ``rows`` as ``folder/name.parquet``; equal rows give equal bytes.

    Rows keep their order. Columns that repeat (names of sources, kinds) are dictionary encoded,
    whole numbers as deltas; no time stamp and no schema copy is stored.
    """
    schema = SCHEMAS[name]
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    integers = {f.name: "DELTA_BINARY_PACKED" for f in schema if pa.types.is_integer(f.type)}
    path = folder / f"{name}.parquet"
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[
            f.name for f in schema if f.name in ("coord_source", "kind", "status", "source")
        ],
        column_encoding=integers,
        write_statistics=False,
        store_schema=False,
        row_group_size=1 << 20,
    )
    return path
