"""Ledgers on disk: for each replication a Parquet file of its events, deliveries included, and one
for each of what else happened: services at stations, losses, uses, disruptions and requests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.ledger import Cause, Kind, Ledger, events_of
from sim.plan.specs import Plan
from sim.store.files import replacing
from sim.store.tables import write_table

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
#: Columns of the other tables, with words for numbers: stations, sites, products and so on.
TABLES: dict[str, tuple[str, ...]] = {
    "services": ("station", "site", "trip", "joined", "began", "ended", "part", "done"),
    "losses": ("time", "trip", "site", "station", "product", "units", "cause"),
    "uses": ("spec", "place", "site", "wanted", "met", "empty", "stock", "left"),
    "strikes": ("disruption", "site", "begin", "end"),
    "requests": (
        "spec", "site", "number", "product", "units", "asked", "answered", "received", "given_up",
    ),
    "answers": ("request", "giver", "trip", "units", "time"),
}  # fmt: skip
#: What a table calls the column ``spec``, the name of a table of the scenario.
SPEC_COLUMN = {"uses": "consumption", "requests": "requests"}
_ROWS = 1 << 16
Column = NDArray[Any] | int


def write_ledger(ledger: Ledger, plan: Plan, folder: Path) -> Path:
    """Write all events of one replication, block by block, and return the file.

    Events between sites come first, in order of time; then, for each last-mile lane, the departures
    of its tours and the deliveries at their stops, in the order of the tours. ``trip`` numbers
    trips between sites and, on a last mile, tours. A receipt is of what was not lost on the way.
    Services, losses, uses, disruptions, requests and what answered them (``request`` is its row
    among the requests, from 0) stand beside them in files of their own, as
    ``000000.losses.parquet``, if there are any.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write_tables(ledger, plan, folder)
    path = folder / f"{ledger.replication:06d}.parquet"
    kinds = pa.array([kind.name.lower() for kind in Kind], pa.string())
    sites = pa.array([*plan.site_keys, ""], pa.string())
    products = pa.array(plan.products, pa.string())
    none = len(plan.site_keys)

    with (
        replacing(path, durable=False) as temporary,
        pq.ParquetWriter(temporary, SCHEMA, compression="zstd") as writer,
    ):

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
            tour_of_stop = np.repeat(np.arange(len(planned), dtype=np.int32), stops)
            taken = planned.units_of_tours()
            for product in range(len(plan.products)):
                out = left[taken[left, product] > 0]
                got = came[planned.units[came, product] > 0]
                tour = tour_of_stop[got]
                write(
                    len(out),
                    hour=done.began[out],
                    kind=int(Kind.DISPATCHED),
                    site=planned.site[out],
                    other=none,
                    facility=-1,
                    product=product,
                    units=taken[out, product],
                    trip=out,
                )
                write(
                    len(got),
                    hour=done.delivered[got],
                    kind=int(Kind.DELIVERED),
                    site=planned.site.astype(np.int32)[tour],
                    other=none,
                    facility=planned.facility[got],
                    product=product,
                    units=planned.units[got, product],
                    trip=tour,
                )
    return path


def _write_tables(ledger: Ledger, plan: Plan, folder: Path) -> None:
    """Write what else happened, a file for each kind of it that has rows."""
    sites = pa.array([*plan.site_keys, ""], pa.string())
    words = {
        "site": sites,
        "station": pa.array([*(spec.name for spec in plan.stations), ""], pa.string()),
        "product": pa.array(plan.products, pa.string()),
        "cause": pa.array([cause.name.lower().replace("_", "-") for cause in Cause], pa.string()),
        "giver": sites,
        "disruption": pa.array([spec.name for spec in plan.disruptions], pa.string()),
    }
    specs = {
        "uses": [spec.name for spec in plan.consumption],
        "requests": [spec.name for spec in plan.requests],
    }
    for name, columns in TABLES.items():
        words["spec"] = pa.array(specs.get(name, []), pa.string())
        table = getattr(ledger, name)
        path = folder / f"{ledger.replication:06d}.{name}.parquet"
        path.unlink(missing_ok=True)
        if not len(getattr(table, columns[0])):
            continue
        arrays = []
        for column in columns:
            values = getattr(table, column)
            if column in words:
                last = len(words[column]) - 1  # stands for none
                index = np.where(values < 0, last, values)
                arrays.append(_words(index, words[column], pa.int32()))
            elif values.dtype == np.float64:
                arrays.append(pa.array(values, mask=np.isnan(values)))
            else:
                arrays.append(pa.array(values))
        names = [SPEC_COLUMN[name] if column == "spec" else column for column in columns]
        write_table(pa.table(arrays, names), path)


def _part(column: Column, rows: slice) -> NDArray[Any]:
    if isinstance(column, int):
        return np.full(rows.stop - rows.start, column)
    return column[rows]


def _words(index: NDArray[Any], words: pa.Array, kind: pa.DataType) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(
        pa.array(index.astype(kind.to_pandas_dtype()), kind), words
    )
