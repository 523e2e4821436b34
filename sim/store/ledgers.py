"""Ledgers on disk: one Parquet file a replication, one row an event, deliveries included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.ledger import Kind, Ledger, events_of
from sim.plan.specs import Plan

#: Columns of a ledger file. ``facility`` is the row of a facility in its echelon, -1 for events
#: between sites; ``site`` and ``other`` are keys of sites.
SCHEMA = pa.schema(
    [
        ("hour", pa.float64()),
        ("kind", pa.dictionary(pa.int8(), pa.string())),
        ("site", pa.dictionary(pa.int32(), pa.string())),
        ("other", pa.dictionary(pa.int32(), pa.string())),
        ("facility", pa.int32()),
        ("product", pa.dictionary(pa.int8(), pa.string())),
        ("units", pa.int32()),
        ("trip", pa.int32()),
    ]
)
_ROWS = 1 << 16
Column = NDArray[Any] | int


def write_ledger(ledger: Ledger, plan: Plan, folder: Path) -> Path:
    """Write all events of one replication, block by block, and return the file.

    Events between sites come first, in order of time; then, for each last-mile lane, the departures
    of its tours and the deliveries at their stops, in the order of the tours. ``trip`` numbers
    trips between sites and, on a last mile, tours.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{ledger.replication:06d}.parquet"
    temporary = path.with_name(path.name + ".tmp")
    kinds = pa.array([kind.name.lower() for kind in Kind], pa.string())
    sites = pa.array([*plan.site_keys, ""], pa.string())
    products = pa.array(plan.products, pa.string())
    none = len(plan.site_keys)

    with pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer:

        def write(count: int, **columns: Column) -> None:
            """Write rows; a column is an array of ``count``, or one number for all of them."""
            for begin in range(0, count, _ROWS):
                rows = slice(begin, min(begin + _ROWS, count))
                part = {name: _part(column, rows) for name, column in columns.items()}
                arrays = [
                    pa.array(part["hour"], pa.float64()),
                    _words(part["kind"], kinds, pa.int8()),
                    _words(part["site"], sites, pa.int32()),
                    _words(part["other"], sites, pa.int32()),
                    pa.array(part["facility"].astype(np.int32)),
                    _words(part["product"], products, pa.int8()),
                    pa.array(part["units"].astype(np.int32)),
                    pa.array(part["trip"].astype(np.int32)),
                ]
                writer.write_table(pa.table(arrays, schema=SCHEMA))

        events = events_of(ledger)
        write(
            len(events.time),
            hour=events.time,
            kind=events.kind,
            site=events.site,
            other=np.where(events.other < 0, none, events.other),
            facility=-1,
            product=events.product,
            units=events.units,
            trip=events.trip,
        )
        for planned, done in zip(plan.tours, ledger.tours, strict=True):
            stops = np.diff(planned.first)
            left = np.flatnonzero(~np.isnan(done.began))
            came = np.flatnonzero(~np.isnan(done.delivered))
            tour = np.repeat(np.arange(len(planned), dtype=np.int32), stops)[came]
            for product, units in enumerate(planned.units):
                if not units:
                    continue
                write(
                    len(left),
                    hour=done.began[left],
                    kind=int(Kind.DISPATCHED),
                    site=planned.site[left],
                    other=none,
                    facility=-1,
                    product=product,
                    units=stops[left] * units,
                    trip=left,
                )
                write(
                    len(came),
                    hour=done.delivered[came],
                    kind=int(Kind.DELIVERED),
                    site=planned.site.astype(np.int32)[tour],
                    other=none,
                    facility=planned.facility[came],
                    product=product,
                    units=units,
                    trip=tour,
                )
    temporary.replace(path)
    return path


def _part(column: Column, rows: slice) -> NDArray[Any]:
    if isinstance(column, int):
        return np.full(rows.stop - rows.start, column)
    return column[rows]


def _words(index: NDArray[Any], words: pa.Array, kind: pa.DataType) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(kind.to_pandas_dtype()), kind), words
    )
