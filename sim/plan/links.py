"""Links: which sites lanes may connect, how far apart they are, and in which order they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.geography.distance import great_circle_km
from sim.network import ListedLinks, Network
from sim.plan.specs import Links
from sim.policies.allocation import PRIORITY_ORDERS
from sim.scenario.flow import Lane
from sim.scenario.schema import Scenario

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Pairs(NamedTuple):
    """Who sends how much to whom along which lane: arrays of one row each."""

    lane: Ints
    origin: Ints
    destination: Ints
    product: Ints
    units: Ints


def join(parts: Sequence[Pairs]) -> Pairs:
    """Return the rows of all parts, which may be none."""
    nothing = Pairs(*(np.empty(0, np.int64) for _ in Pairs._fields))
    return Pairs(*(np.concatenate(columns) for columns in zip(nothing, *parts, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """The ways into the sites of one echelon; matrices are (lanes ×) origins × destinations.

    ``open`` says which pairs each of ``lanes`` may connect. A finite need goes by ``lane`` (-1:
    no way) at ``cost``: km or hours, inf where there is no way; ``comparable`` is False where
    neither is known of all ways. ``forced`` are destinations to which the file leaves one origin.
    """

    lanes: Ints
    origins: Ints
    destinations: Ints
    open: Flags
    lane: Ints
    cost: Floats
    forced: Flags
    comparable: bool


def ways_into(
    scenario: Scenario,
    network: Network,
    lanes: Sequence[int],
    destinations: Ints,
    circuity: Sequence[float],
    finite: Flags,
) -> tuple[Ways, list[str]]:
    """Return the ways of ``lanes`` (by index) into the listed or drawn sites ``destinations``.

    A lane connects the pairs that it lists, or else all; a site with a supplier of its own has no
    other, unless that one is closed, which the notes then say. A finite need goes by a lane that
    lists a link to the site rather than by one that lists none. Costs are km where all are known
    for the destinations of a ``finite`` need, else hours: great circles count by the lane's
    circuity over the first lane's, so that one lane is judged by great circles alone.
    """
    sites, specs = network.sites, list(scenario.lanes.values())
    starts = [network.of_echelon(network.echelons.index(specs[i].from_)) for i in lanes]
    origins = np.unique(np.concatenate(starts))
    straight = great_circle_km(
        sites.lat[origins][:, None],
        sites.lon[origins][:, None],
        sites.lat[destinations],
        sites.lon[destinations],
    )
    each = [
        _ways_of_lane(
            specs[i], network.links.get(i), np.isin(origins, start), origins, destinations,
            straight, circuity[i] / circuity[lanes[0]], circuity[lanes[0]],
        )
        for i, start in zip(lanes, starts, strict=True)
    ]  # fmt: skip
    allowed, listed, km, hours = (np.stack(matrices) for matrices in zip(*each, strict=True))
    allowed[:, sites.closed[origins]] = False
    notes = _keep_suppliers(network, origins, destinations, allowed, listed)
    named = allowed & listed
    chosen = allowed & (listed | ~named.any(axis=(0, 1)))
    alone = chosen.any(axis=0).sum(axis=0) == 1
    judged = chosen & finite & ~alone
    known = [bool(np.isfinite(measure[judged]).all()) for measure in (km, hours)]
    measure = km if known[0] else hours if known[1] else np.zeros(km.shape)
    cost = np.where(chosen, np.nan_to_num(measure, nan=0.0), np.inf)
    best, lowest = np.argmin(cost, axis=0), np.min(cost, axis=0)
    ways = Ways(
        lanes=np.asarray(lanes),
        origins=origins,
        destinations=destinations,
        open=allowed,
        lane=np.where(np.isfinite(lowest), np.asarray(lanes)[best], -1),
        cost=lowest,
        forced=alone & named.any(axis=(0, 1)),
        comparable=any(known),
    )
    return ways, notes


def _ways_of_lane(
    lane: Lane,
    links: ListedLinks | None,
    starts: Flags,
    origins: Ints,
    destinations: Ints,
    straight: Floats,
    factor: float,
    circuity: float,
) -> tuple[Flags, Flags, Floats, Floats]:
    """Return which pairs a lane may connect and which it lists, and their km and hours."""
    km = straight if factor == 1 else straight * factor
    hours = np.full(km.shape, lane.time.make().mean if lane.time is not None else np.nan)
    allowed, listed = np.zeros(km.shape, bool), np.zeros(km.shape, bool)
    if links is None:
        allowed[starts] = True
        return allowed, listed, km, hours
    row = np.searchsorted(origins, links.origin)
    column = np.searchsorted(destinations, links.destination)
    allowed[row, column] = listed[row, column] = True
    km = km.copy()
    for matrix, said in ((km, links.km / circuity), (hours, links.hours)):
        some = np.isfinite(said)
        matrix[row[some], column[some]] = said[some]
    return allowed, listed, km, hours


def _keep_suppliers(
    network: Network, origins: Ints, destinations: Ints, allowed: Flags, listed: Flags
) -> list[str]:
    """Leave a site with a supplier of its own no other, as if that link alone were listed."""
    sites, notes = network.sites, list[str]()
    for column in np.flatnonzero(sites.above[destinations] >= 0):
        supplier = sites.above[destinations[column]]
        if sites.closed[supplier]:
            whom = sites.name[destinations[column]]
            notes.append(f'"{sites.name[supplier]}" is closed; others supply "{whom}"')
            continue
        allowed[:, origins != supplier, column] = False
        listed[:, :, column] = allowed[:, :, column]
    return notes


def order_links(
    lane: Lane,
    index: int,
    network: Network,
    pairs: Pairs,
    wave: Ints,
    circuity: float,
) -> Links:
    """Return the links of one lane from its rows of ``pairs``, each of a ``wave``, sorted as
    ``Links`` says."""
    _, origin, destination, product, units = pairs
    sites = network.sites
    km = np.asarray(
        circuity
        * great_circle_km(
            sites.lat[origin], sites.lon[origin], sites.lat[destination], sites.lon[destination]
        )
    )
    hours, share = np.full(len(km), np.nan), np.full(len(km), float(lane.share))
    links = network.links.get(index)
    if links is not None:
        row = _listed_rows(links, origin, destination)
        km = np.where(np.isfinite(links.km[row]), links.km[row], km)
        hours, share = links.hours[row], share * links.share[row]
    priority = _priority(lane, network, km, hours, destination, units)
    order = np.lexsort((product, destination, priority, wave, origin))
    return Links(
        lane=np.full(len(order), index),
        origin=origin[order],
        destination=destination[order],
        product=product[order],
        units=units[order],
        km=km[order],
        wave=wave[order],
        hours=hours[order],
        share=share[order],
    )


def _listed_rows(links: ListedLinks, origin: Ints, destination: Ints) -> Ints:
    """Return the row among a lane's listed links of each pair, all of which are listed."""
    row = {pair: i for i, pair in enumerate(zip(links.origin, links.destination, strict=True))}
    pairs = zip(origin, destination, strict=True)
    return np.array([row[pair] for pair in pairs], np.int64)


def _priority(
    lane: Lane, network: Network, km: Floats, hours: Floats, destination: Ints, units: Ints
) -> Floats:
    """Return what links are sorted by within a wave: lowest first, NaN last."""
    what, sign = PRIORITY_ORDERS[lane.allocation.order]
    if what == "attribute":
        assert lane.allocation.attribute is not None
        by = network.sites.attributes[lane.allocation.attribute][destination]
    elif what == "need":
        by = units.astype(np.float64)
    else:
        by = hours if np.isnan(km).any() and np.isfinite(hours).all() else km
    return np.asarray(sign * by)


def concatenate(tables: Sequence[Links]) -> Links:
    """Return the links of all lanes in one table; ``tables`` are in the order of the lanes."""
    whole = dict.fromkeys(("lane", "origin", "destination", "product", "units", "wave"), np.int64)
    kinds: dict[str, Any] = whole | dict.fromkeys(("km", "hours", "share"), np.float64)
    return Links(
        **{
            name: np.concatenate(
                [np.empty(0, kind), *(getattr(table, name) for table in tables)]
            ).astype(kind)
            for name, kind in kinds.items()
        }
    )
