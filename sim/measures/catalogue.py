"""The catalogue of measures: what each is called, its unit, and what it says.

The docs and the command line print it, and a run may only produce what stands here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``kind`` decides the interval over replications: a mean (Student's t) or a
    probability (Wilson); ``better`` is which way a planner wants it."""

    name: str
    unit: str
    meaning: str
    kind: Literal["mean", "probability"] = "mean"
    better: Literal["less", "more", ""] = ""


CATALOGUE: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure("dispatched", "units", "units that left the sites of the echelon by the horizon"),
        Measure(
            "received", "units", "units signed for at the echelon by the horizon", better="more"
        ),
        Measure("in-transit", "units", "units dispatched and not yet received at the horizon"),
        Measure("on-hand", "units", "units left at the sites of the echelon at the horizon"),
        Measure(
            "sites-reached",
            "sites",
            "sites with at least one receipt by the horizon",
            better="more",
        ),
        Measure(
            "coverage",
            "share",
            "share of sites or facilities that hold their whole entitlement at the horizon",
            better="more",
        ),
        Measure("T50", "h", "hours from the start until half of them hold it", better="less"),
        Measure(
            "T90", "h", "hours from the start until nine tenths of them hold it", better="less"
        ),
        Measure("T100", "h", "hours from the start until all of them hold it", better="less"),
        Measure(
            "complete",
            "probability",
            "whether all of them hold it by the horizon",
            kind="probability",
            better="more",
        ),
        Measure(
            "lead-time-mean",
            "h",
            "dispatch at the factory to receipt, mean over units",
            better="less",
        ),
        Measure("lead-time-median", "h", "the same, median over units", better="less"),
        Measure("lead-time-p90", "h", "the same, ninth decile over units", better="less"),
        Measure(
            "transit-time-mean",
            "h",
            "dispatch to receipt on one lane, mean over units",
            better="less",
        ),
        Measure(
            "wait-mean",
            "h",
            "time in the queue of a station before service, closing times "
            "included, mean over shipments",
            better="less",
        ),
        Measure("wait-p90", "h", "the same, ninth decile over shipments", better="less"),
        Measure(
            "station-time-mean",
            "h",
            "time in queue and service, mean over shipments",
            better="less",
        ),
        Measure(
            "station-use",
            "share",
            "busy share of the servers' working time, from the first "
            "shipment at any site to the last",
            better="",
        ),
        Measure(
            "vehicle-wait-mean",
            "h",
            "time that a shipment or tour waits for a vehicle, mean",
            better="less",
        ),
        Measure("trips", "trips", "trips and tours that left"),
        Measure("kilometres", "km", "kilometres driven, out and back", better="less"),
        Measure(
            "vehicle-hours",
            "h",
            "hours that vehicles were out, in their working time",
            better="less",
        ),
        Measure(
            "vehicle-use",
            "share",
            "share of the vehicles' working time in which they were "
            "out, from the first call to the last return at each site",
        ),
        Measure(
            "vehicles-at-once", "vehicles", "most vehicles out at one moment, all sites together"
        ),
        Measure("units-per-trip", "units", "units carried by a trip, mean"),
        Measure(
            "gini-arrival",
            "gini",
            "Gini coefficient, between provinces, of the mean time "
            "until a facility is served; facilities not served count as served at the "
            "horizon",
            better="less",
        ),
        Measure(
            "worst-decile",
            "h",
            "mean time until service of the tenth of facilities served "
            "last; those not served count as served at the horizon",
            better="less",
        ),
    )
}
