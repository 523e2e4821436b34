"""Where supply ends: with the last unit that is owed. The engine asks for it after cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sim.plan.specs import Ints, LaneSpec, Links, Supply, TourPlan


def limit_to_assigned(
    supplies: tuple[Supply, ...],
    links: Links,
    tours: Sequence[TourPlan],
    lanes: Sequence[LaneSpec],
    site_echelon: Ints,
) -> tuple[Supply, ...]:
    """Return the supplies cut off once all that is owed by their site has been made.

    A factory stops making a product for the campaign with the last unit that it owes, along links
    and on tours. Where goods end nothing is cut off: what is there is for the site itself; nor
    where they are shared with who asks for them.
    """
    senders = {lane.origin for lane in lanes if lane.sharing is None}
    sharers = sharing_places(lanes)
    limited = []
    for supply in supplies:
        echelon = int(site_echelon[supply.site])
        if echelon not in senders or (echelon, supply.product) in sharers:
            limited.append(supply)
            continue
        owed = owed_units(links, tours, supply.site, supply.product)
        made = np.minimum(np.cumsum(supply.units), owed)
        units = np.diff(made, prepend=0)
        if units.any():
            some = units > 0
            limited.append(replace(supply, times=supply.times[some], units=units[some]))
    return tuple(limited)


def owed_units(links: Links, tours: Sequence[TourPlan], site: int, product: int) -> int:
    """Return the units of a product that a site owes in all, along links and on tours."""
    mine = (links.origin == site) & (links.product == product)
    owed = int(links.units[mine].sum())
    for plan in tours:
        here = plan.site == site
        if here.any():
            owed += int(plan.units_of_tours()[here, product].sum())
    return owed


def passing_on(links: Links, tours: Sequence[TourPlan]) -> set[tuple[int, int]]:
    """Return the sites that owe a product to others, and which product."""
    found = set(zip(links.origin.tolist(), links.product.tolist(), strict=True))
    for plan in tours:
        tour, product = np.nonzero(plan.units_of_tours())
        found |= set(zip(plan.site[tour].tolist(), product.tolist(), strict=True))
    return found


def sharing_places(lanes: Sequence[LaneSpec]) -> set[tuple[int, int]]:
    """Return the echelons whose sites share a product with who asks, and which product."""
    return {
        (lane.origin, product)
        for lane in lanes
        if lane.sharing is not None
        for product in lane.sharing.products
    }
