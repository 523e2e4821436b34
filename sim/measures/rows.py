"""Rows: the values of one run, one for each measure, product, echelon, region and entity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.catalogue import find_measure
from sim.measures.scope import NATIONAL


@dataclass(frozen=True, slots=True)
class Row:
    """One value of one run. ``entity`` is the fleet, station or lane it is about, if any."""

    measure: str
    product: str
    echelon: str
    region: str
    entity: str
    value: float


class Rows:
    """Collects rows and refuses a measure that is not in the catalogue."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(
        self,
        measure: str,
        value: float,
        *,
        product: str = "",
        echelon: str = "",
        region: str = NATIONAL,
        entity: str = "",
    ) -> None:
        """Add a value; an infinite one is one that did not come by the horizon, NaN.

        Raises:
            KeyError: the catalogue has no such measure.
        """
        find_measure(measure)
        value = float(value)
        self.rows.append(
            Row(measure, product, echelon, region, entity, np.nan if np.isinf(value) else value)
        )
