"""What is lost or damaged on the way between two sites."""

from __future__ import annotations

from math import isnan

from scipy.special import bdtr

from sim.plan.specs import LossSpec
from sim.streams import Stream

Load = dict[int, int]


class Transit:
    """Loses goods of one origin and destination, shipment by shipment.

    Every shipment takes one draw for itself and one for each of its products, in their order.
    """

    __slots__ = ("_spec", "_stream")

    def __init__(self, spec: LossSpec, stream: Stream) -> None:
        self._spec = spec
        self._stream = stream

    def lost(self, load: Load) -> Load:
        """Return what is lost of a load: units by product, nothing where none are."""
        whole = self._stream.uniform() < self._spec.shipments
        chances = {product: self._stream.uniform() for product in load}
        if whole:
            return dict(load)
        lost = {
            product: binomial_quantile(chances[product], units, self._spec.units)
            for product, units in load.items()
        }
        return {product: units for product, units in lost.items() if units}


def binomial_quantile(u: float, n: int, p: float) -> int:
    """Return the smallest k with P(B <= k) >= u, B binomial (n, p): by bisection on its law."""
    if p <= 0.0:
        return 0
    if p >= 1.0:
        return n
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        below = float(bdtr(middle, n, p))
        if isnan(below) or below >= u:
            high = middle
        else:
            low = middle + 1
    return low
