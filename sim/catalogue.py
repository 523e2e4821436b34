"""The catalogue of measures: what each is called, its unit, and what it says.

The docs and the command line print it, and a run may only produce what stands here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure. ``kind`` decides the interval over replications: a mean (Student's t) or a
    probability (Wilson); ``better`` is which way a planner wants it. A name that ends in ``-pNN``
    stands for one measure for each of the scenario's percentiles."""

    name: str
    unit: str
    meaning: str
    kind: Literal["mean", "probability"] = "mean"
    better: Literal["less", "more", ""] = ""


def _same(what: str) -> str:
    return f"the same, NN-th percentile over {what}"


_FLOWS = (
    Measure("dispatched", "units", "units that left the sites of the echelon by the horizon"),
    Measure("received", "units", "units signed for at the echelon by the horizon", better="more"),
    Measure("in-transit", "units", "units dispatched and neither received nor lost at the horizon"),
    Measure("on-hand", "units", "units left at the sites of the echelon at the horizon"),
    Measure(
        "sites-reached", "sites", "sites with at least one receipt by the horizon", better="more"
    ),
)
_COVERAGE = (
    Measure(
        "coverage",
        "share",
        "share of sites or facilities that hold their whole entitlement at the horizon",
        better="more",
    ),
    Measure("T50", "h", "hours from the start until half of them hold it", better="less"),
    Measure("T90", "h", "hours from the start until nine tenths of them hold it", better="less"),
    Measure("T100", "h", "hours from the start until all of them hold it", better="less"),
    Measure(
        "complete",
        "probability",
        "whether all of them hold it by the horizon",
        kind="probability",
        better="more",
    ),
)
_TIMES = (
    Measure(
        "lead-time-mean", "h", "dispatch at the factory to receipt, mean over units", better="less"
    ),
    Measure("lead-time-median", "h", "the same, median over units", better="less"),
    Measure("lead-time-p90", "h", "the same, ninth decile over units", better="less"),
)
_LANES = (
    Measure(
        "transit-time-mean", "h", "dispatch to receipt on one lane, mean over units", better="less"
    ),
    Measure("transit-time-pNN", "h", _same("units"), better="less"),
    Measure("in-transit-mean", "shipments", "shipments on the way on one lane, mean over time"),
    Measure("in-transit-pNN", "shipments", "the same, NN-th percentile over time"),
    Measure("in-transit-units-mean", "units", "units on the way on one lane, mean over time"),
    Measure(
        "dispatch-wait-mean",
        "h",
        "time from when goods are at a site until a shipment or tour of one lane is put together "
        "with them, mean over units",
        better="less",
    ),
    Measure(
        "stay-mean", "h", "time from when goods are at a site until they leave, mean over units",
        better="less",
    ),
    Measure("lost-units", "units", "units lost or damaged on the way on one lane", better="less"),
    Measure(
        "lost-share",
        "share",
        "share of the units that came to the end of one lane that were lost or damaged on it",
        better="less",
    ),
)  # fmt: skip
_STATIONS = (
    Measure(
        "wait-mean",
        "h",
        "time in the queue of a station before service, closing times "
        "included, mean over shipments",
        better="less",
    ),
    Measure("wait-pNN", "h", _same("shipments"), better="less"),
    Measure(
        "waited-share", "share", "share of shipments that wait at a station at all", better="less"
    ),
    Measure(
        "station-time-mean", "h", "time in queue and service, mean over shipments", better="less"
    ),
    Measure("station-time-pNN", "h", _same("shipments"), better="less"),
    Measure(
        "number-waiting",
        "shipments",
        "shipments at a station that nobody works on, mean over time",
        better="less",
    ),
    Measure(
        "number-waiting-pNN", "shipments", "the same, NN-th percentile over time", better="less"
    ),
    Measure(
        "number-at-station", "shipments", "shipments waiting or in service, mean over time",
        better="less",
    ),
    Measure(
        "station-use",
        "share",
        "busy share of the servers' working time, from the first "
        "shipment at any site to the last",
        better="",
    ),
    Measure("throughput", "shipments/h", "shipments served by a station per hour", better="more"),
    Measure(
        "turned-away", "shipments", "shipments that found the yard of a station full", better="less"
    ),
    Measure(
        "turned-away-share", "share", "these as a share of all that came to it", better="less"
    ),
)  # fmt: skip
_FLEETS = (
    Measure(
        "vehicle-wait-mean",
        "h",
        "time that a shipment or tour waits for a vehicle, mean",
        better="less",
    ),
    Measure("trips", "trips", "trips and tours that left"),
    Measure("trips-per-hour", "trips/h", "trips and tours that left, per hour"),
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
    Measure("vehicles-out", "vehicles", "vehicles out, all sites together, mean over time"),
    Measure(
        "cycle-time-mean",
        "h",
        "time from when a vehicle is taken until it is home again, mean over trips and tours",
        better="less",
    ),
    Measure("units-per-trip", "units", "units carried by a trip, mean"),
    Measure(
        "fill-share",
        "share",
        "share of a vehicle that its load fills, by the limit that is filled most, mean over "
        "trips and tours",
        better="more",
    ),
    Measure(
        "no-vehicle",
        "shipments",
        "shipments lost to another carrier because no vehicle was free",
        better="less",
    ),
    Measure(
        "no-vehicle-share", "share", "these as a share of all that asked for a vehicle",
        better="less",
    ),
)  # fmt: skip
_WHOLE = (
    Measure(
        "time-in-system-mean",
        "h",
        "from when goods appear until they are received where goods end, mean over units",
        better="less",
    ),
    Measure("time-in-system-pNN", "h", _same("units"), better="less"),
    Measure(
        "in-system-mean",
        "units",
        "units that have appeared, are not yet where goods end, and are not lost, mean over time",
    ),
    Measure(
        "throughput-units", "units/h", "units received where goods end, per hour", better="more"
    ),
    Measure(
        "backlog",
        "units",
        "units that are not where they are due at the end; where goods end at sites that take "
        "all that comes, units still in the network",
        better="less",
    ),
    Measure(
        "makespan",
        "h",
        "hours from the start until the last unit is where it is due",
        better="less",
    ),
)
_CONSUMPTION = (
    Measure(
        "need-met-share", "share", "share of the units asked for by facilities that they had",
        better="more",
    ),
    Measure(
        "stock-out-share", "share", "share of the facilities' time in which they had no stock",
        better="less",
    ),
    Measure(
        "facilities-stocked-out", "share", "share of facilities that ever lacked a unit asked for",
        better="less",
    ),
    Measure("stock-mean", "units", "stock of a facility, mean over facilities and time"),
    Measure(
        "days-of-stock", "days", "days that what is left at the end would last at the mean need"
    ),
)  # fmt: skip
_REQUESTS = (
    Measure("requests", "requests", "requests that sites made"),
    Measure("requested-units", "units", "units that they asked for"),
    Measure(
        "answered-share",
        "share",
        "share of requests for which all units were promised by the end",
        better="more",
    ),
    Measure(
        "served-share", "share", "share of requests all of whose units were received by the end",
        better="more",
    ),
    Measure(
        "requested-units-received-share",
        "share",
        "share of the units asked for that were received by the end",
        better="more",
    ),
    Measure(
        "withdrawn-share",
        "share",
        "share of requests withdrawn before all of their units were promised",
        better="less",
    ),
    Measure(
        "answer-time-mean",
        "h",
        "time from asking until all units are promised, mean over the requests answered",
        better="less",
    ),
    Measure("answer-time-pNN", "h", _same("the requests answered"), better="less"),
    Measure(
        "request-time-mean",
        "h",
        "time from asking until all units are received, mean over the requests served",
        better="less",
    ),
    Measure("request-time-pNN", "h", _same("the requests served"), better="less"),
    Measure(
        "givers-mean", "sites", "sites that gave to a request answered, mean over these requests"
    ),
    Measure(
        "answer-km-mean",
        "km",
        "road distance from the site that gives to the one that asked, mean over the units given",
        better="less",
    ),
)  # fmt: skip
_EQUITY = (
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

#: All measures by name, in the order of the docs; see :func:`find_measure` for ``-pNN``.
CATALOGUE: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        *_FLOWS,
        *_COVERAGE,
        *_TIMES,
        *_LANES,
        *_STATIONS,
        *_FLEETS,
        *_WHOLE,
        *_CONSUMPTION,
        *_REQUESTS,
        *_EQUITY,
    )
}

#: Measures that say when something came: a run without a value is one in which it had not come by
#: the horizon, later than any time. Of other measures such a run had nothing to measure.
MOMENTS = frozenset({"T50", "T90", "T100", "makespan"})

_PERCENTILE = re.compile(r"-p([1-9][0-9]?)$")


@cache
def find_measure(name: str) -> Measure:
    """Return a measure by its name; ``wait-p95`` is one of ``wait-pNN``, which is found as well.

    Raises:
        KeyError: there is no such measure.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    found = _PERCENTILE.search(name)
    if found is None:
        raise KeyError(name)
    family = CATALOGUE[_PERCENTILE.sub("-pNN", name)]
    return replace(family, name=name, meaning=family.meaning.replace("NN", found[1]))
