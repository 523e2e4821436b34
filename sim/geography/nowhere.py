"""The nation without a place, for scenarios whose sites are all listed."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.geography.nation import Nation
from sim.geography.packaged import freeze
from sim.geography.tables import (
    ClinicEstimates,
    Counties,
    Flags,
    Floats,
    Int32s,
    Int64s,
    KeyCounties,
    Prefectures,
    Provinces,
    Strings,
    Towns,
)

_INT32S: Int32s = freeze(np.empty(0, np.int32))
_COUNTS: Int64s = freeze(np.empty(0, np.int64))
_NUMBERS: Floats = freeze(np.empty(0, np.float64))
_FLAGS: Flags = freeze(np.empty(0, np.bool_))
_TEXTS: Strings = freeze(np.empty(0, np.str_))
_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(("code", "parent"), _INT32S),
    **dict.fromkeys(("name", "name_zh"), ()),
    **dict.fromkeys(("lat", "lon", "area_km2"), _NUMBERS),
    **dict.fromkeys(("village_committees", "communities"), _COUNTS),
    "coord_source": _TEXTS,
}


@dataclass(frozen=True, eq=False)
class _Nowhere(Nation):
    """A nation whose tables are all empty; see the base class."""

    @functools.cached_property
    def towns(self) -> Towns:
        return Towns(**_COLUMNS, kind=_TEXTS)

    @functools.cached_property
    def key_counties(self) -> KeyCounties:
        return KeyCounties(county=_INT32S, sourced=_FLAGS, source=())

    @functools.cached_property
    def aliases(self) -> tuple[tuple[int, str], ...]:
        return ()


@functools.cache
def nowhere() -> Nation:
    """Return the nation "none"; the same object each time."""
    return _Nowhere(
        name="none",
        provinces=Provinces(**_COLUMNS),
        prefectures=Prefectures(**_COLUMNS, pseudo=_FLAGS),
        counties=Counties(**_COLUMNS, functional_zone=_FLAGS, area_source=_TEXTS),
        clinics=ClinicEstimates(_COUNTS, _COUNTS, _COUNTS, _COUNTS, _COUNTS),
    )
