"""The struct-of-arrays tables of a nation, one class per level.

Rows are sorted by code, so the children of one unit lie next to each other. Arrays are read-only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Strings = NDArray[np.str_]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Places:
    """What every level has; each array has one entry per place.

    ``parent`` is the index into the level above (provinces: 0). ``lat`` and ``lon`` are WGS84
    degrees; ``coord_source`` says which source they come from. ``village_committees`` (村委会) and
    ``communities`` (社区) are counts as of mid 2023.
    """

    code: Int32s
    name: tuple[str, ...]
    name_zh: tuple[str, ...]
    parent: Int32s
    lat: Floats
    lon: Floats
    coord_source: Strings
    area_km2: Floats
    village_committees: Int64s
    communities: Int64s

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Provinces(Places):
    """Provinces, autonomous regions and municipalities; areas are sums of county polygons."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Prefectures(Places):
    """Prefectures, and pseudo-prefectures: those that exist in the codes only.

    ``pseudo`` marks the districts of municipalities and the counties administered directly by
    their province. They receive goods like any other. Areas are sums of county polygons.
    """

    pseudo: Flags


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Counties(Places):
    """Counties and districts.

    ``functional_zone`` marks statistical zones (development zones and the like) inside other
    counties. ``area_source`` is "polygon" (area of the county's polygon) or "derived" (villages
    times the usual area of a village, see ``areas``).
    """

    functional_zone: Flags
    area_source: Strings


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Towns(Places):
    """Towns (镇, "zhen"), townships (乡, "xiang"), subdistricts ("street") and others ("other").

    About a third of the points are from GeoNames (``coord_source`` "geonames"). The others are
    "synthetic": drawn once, inside the county's polygon, and not where the town is.
    ``area_km2`` is a share of the county's area by village committees, not a measured area.
    """

    kind: Strings


@dataclass(frozen=True, slots=True, eq=False)
class ClinicEstimates:
    """Village clinics and township health centres by province; shape (provinces,) each.

    All are estimates, but for ``reported``: a later provincial report, -1 where there is none.
    A: a 2009 table raked to the national total, with the later reports kept. B and C, weaker: by
    the ratio of 2009, and by village committees alone. ``health_centres``: the national total
    shared out by towns and townships.
    """

    a: Int64s
    b: Int64s
    c: Int64s
    reported: Int64s
    health_centres: Int64s

    def estimate(self, name: str) -> Int64s:
        """Village clinics by province under estimate "A", "B" or "C"; ValueError for others."""
        choices = {"A": self.a, "B": self.b, "C": self.c}
        if name not in choices:
            raise ValueError(f"clinic estimate must be one of A, B, C, not {name!r}")
        return choices[name]


@dataclass(frozen=True, slots=True, eq=False)
class KeyCounties:
    """The national key counties for rural revitalisation; one entry per county.

    ``county`` indexes the counties. ``sourced`` is False where no published list was found to
    confirm the county: never present those as confirmed. ``source`` says where it is from.
    """

    county: Int32s
    sourced: Flags
    source: tuple[str, ...]
