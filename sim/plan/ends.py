"""What is for whom: the need of sites split by the echelons at which their goods end.

Waves may hold what is for some ends only. So the need of every site is kept by end beside the need
itself, and what is assigned to somebody is split in the same way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.geography.apportion import share_out
from sim.network import Network
from sim.plan.links import Pairs
from sim.plan.specs import OPEN

Ints = NDArray[np.int64]


class Ends:
    """The finite need of every site by end, while a plan assigns it (sites × products × echelons).

    A site's need by end always adds up to its need. What is OPEN is nobody's.
    """

    def __init__(self, network: Network) -> None:
        sites = network.sites
        need = np.where(sites.need < OPEN, sites.need, 0)
        self._units = np.zeros((*need.shape, len(network.echelons)), np.int64)
        for echelon, facilities in network.facilities.items():
            due = np.broadcast_to(
                np.asarray(facilities.entitlement, np.int64), (len(facilities), need.shape[1])
            )
            np.add.at(self._units[:, :, echelon], facilities.site, due)
        # Down the tree every site needs what those below it need; these come later in the table.
        drawn = np.flatnonzero(sites.code > 0)
        for echelon in reversed(range(len(network.echelons))):
            mine = drawn[(sites.echelon[drawn] == echelon) & (sites.above[drawn] >= 0)]
            self._keep_own(mine, need, echelon)
            np.add.at(self._units, sites.above[mine], self._units[mine])
        for echelon in range(len(network.echelons)):
            self._keep_own(network.of_echelon(echelon), need, echelon)

    def _keep_own(self, rows: Ints, need: Ints, echelon: int) -> None:
        """Note what sites need for themselves: what is for none below them."""
        self._units[rows, :, echelon] += need[rows] - self._units[rows].sum(axis=2)

    def lessen(self, rows: Ints, need: Ints) -> None:
        """Share out anew what sites need after what they have of their own, in proportion."""
        for site in rows.tolist():
            for product in range(need.shape[1]):
                total, by_end = int(need[site, product]), self._units[site, product]
                if total < OPEN and total != int(by_end.sum()):
                    self._units[site, product] = share_out(total, by_end)

    def split(self, pairs: Pairs) -> Ints:
        """Return what of the units of each row is for each end (rows × echelons).

        The rows of a destination and product are all that it is to get. Several origins get their
        parts one after the other, each in proportion to what is left; zeros are OPEN.
        """
        result = self._units[pairs.destination, pairs.product]
        result[pairs.units >= OPEN] = 0
        products = self._units.shape[1]
        key = pairs.destination * products + pairs.product
        several = np.flatnonzero(result.sum(axis=1) != np.where(pairs.units < OPEN, pairs.units, 0))
        left: dict[int, Ints] = {}
        for row in several.tolist():
            rest = left.setdefault(int(key[row]), result[row].copy())
            result[row] = share_out(int(pairs.units[row]), rest)
            left[int(key[row])] = rest - result[row]
        return result

    def ask(self, pairs: Pairs, parts: Ints) -> None:
        """Add what the origins are to send to their own need, end by end."""
        np.add.at(self._units, (pairs.origin, pairs.product), parts)


def rows_by_wave(pairs: Pairs, parts: Ints, wave_of: Ints) -> tuple[Pairs, Ints]:
    """Return rows that have one wave each, and their waves.

    ``parts`` are the units of the rows by end, and ``wave_of`` the wave of each site and end. The
    rows of one origin, destination and product follow one another, wave by wave.
    """
    wave = wave_of[pairs.destination]  # rows × ends
    found_rows, found_waves, found_units = list[Ints](), list[Ints](), list[Ints]()
    for index in np.unique(wave).tolist():
        units = np.where(wave == index, parts, 0).sum(axis=1)
        some = np.flatnonzero(units)
        found_rows.append(some)
        found_waves.append(np.full(len(some), index))
        found_units.append(units[some])
    if not found_rows:
        return pairs, np.empty(0, np.int64)
    rows, waves, units = map(np.concatenate, (found_rows, found_waves, found_units))
    order = np.lexsort((waves, rows))
    chosen = Pairs(*(column[rows[order]] for column in pairs))
    return chosen._replace(units=units[order]), waves[order]
