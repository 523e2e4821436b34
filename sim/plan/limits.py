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
    and on tours. Where goods end nothing is cut off: what is there is for the site itself.
    """
    senders = {lane.origin for lane in lanes}
    limited = []
    for supply in supplies:
        if int(site_echelon[supply.site]) not in senders:
            limited.append(supply)
            continue
        mine = (links.origin == supply.site) & (links.product == supply.product)
        owed = int(links.units[mine].sum())
        for plan in tours:
            stops = np.diff(plan.first)[plan.site == supply.site]
            owed += int(stops.sum()) * plan.units[supply.product]
        made = np.minimum(np.cumsum(supply.units), owed)
        units = np.diff(made, prepend=0)
        if units.any():
            some = units > 0
            limited.append(replace(supply, times=supply.times[some], units=units[some]))
    return tuple(limited)
