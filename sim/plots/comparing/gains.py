"""Time gained or lost by place: what the map of a variant against the base draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.comparing.by_place import PlaceGains, place_gains
from sim.comparing.compare import Comparison
from sim.comparing.pairing import shortest_horizon
from sim.geography.nation import load_nation
from sim.plots.drawn import Row
from sim.plots.places import mapped_ends
from sim.plots.words import echelon_title

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_DAY = 24.0
#: Widths of the spans of days that share a colour, and how many there are at most on either side.
_STEPS = (1 / 24, 1 / 12, 1 / 6, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 7.0, 14.0)
_MOST_SPANS = 7
_SHARE = 0.95  # of the places lies inside the spans; the outermost are open

#: Why a place has no difference: in which results it was not served in all runs.
ONLY_VARIANT, ONLY_BASE, NEITHER = "only-variant", "only-base", "neither"


@dataclass(frozen=True, slots=True, eq=False)
class GainData:
    """Places and the time that a variant gains there; arrays have one row a place, by code.

    ``gains`` holds differences in hours (variant less base, negative is sooner). ``edges`` bound
    spans of days that share a colour: they lie evenly around zero, and the outermost are open.
    """

    end: str
    places: str
    facility: str
    variant: str
    base: str
    name: tuple[str, ...]
    name_zh: tuple[str, ...]
    lat: Floats
    lon: Floats
    gains: PlaceGains
    edges: Floats

    @property
    def facilities(self) -> Ints:
        """How many facilities each place serves."""
        return self.gains.facilities

    @property
    def days(self) -> Floats:
        """The difference in days, NaN where there is none."""
        return self.gains.difference / _DAY

    @property
    def span(self) -> Ints:
        """The span of ``edges`` of each place, -1 where there is no difference."""
        days = self.days
        index = np.searchsorted(self.edges, np.nan_to_num(days), side="right") - 1
        return np.where(np.isfinite(days), np.clip(index, 0, len(self.edges) - 2), -1)

    @property
    def apart(self) -> list[str]:
        """For each place, "" or in which results it was served in all runs, as it was not in the
        other, or in neither."""
        base, variant = self.gains.base_served, self.gains.variant_served
        words = []
        for before, after in zip(base.tolist(), variant.tolist(), strict=True):
            always = (before == 1, after == 1)
            names = {(True, True): "", (False, True): ONLY_VARIANT, (True, False): ONLY_BASE}
            words.append(names.get(always, NEITHER))
        return words


def read_gains(comparison: Comparison, variant: str) -> list[GainData]:
    """Return a map for each echelon at which goods end in places of the nation; empty where no
    place of both results is one of the nation's.

    Raises ValueError if the comparison has no such variant.
    """
    theirs = next((result for result in comparison.variants if result.name == variant), None)
    if theirs is None:
        raise ValueError(f'there is no variant "{variant}"')
    base = comparison.base
    nation = load_nation(base.scenario.geography.nation)
    found = []
    for end, places, level in mapped_ends(base):
        known = nation.level(level)
        gains = place_gains(
            base,
            theirs,
            comparison.replications,
            end,
            known.code,
            horizon=shortest_horizon(comparison.results),
            level=comparison.each,
        )
        if gains is None:
            continue
        at = np.searchsorted(known.code, gains.code)
        found.append(
            GainData(
                end,
                echelon_title(base.scenario, places),
                echelon_title(base.scenario, end) if places != end else "",
                variant,
                base.name,
                tuple(known.name[i] for i in at),
                tuple(known.name_zh[i] for i in at),
                known.lat[at],
                known.lon[at],
                gains,
                _edges(gains.difference / _DAY),
            )
        )
    return found


def _edges(days: Floats) -> Floats:
    """Return edges of spans of one width, of which the one in the middle is centred at zero."""
    sizes = np.abs(days[np.isfinite(days)])
    reach = float(np.quantile(sizes, _SHARE)) if len(sizes) else 0.0
    step = next((step for step in _STEPS if reach <= step * (_MOST_SPANS + 0.5)), _STEPS[-1])
    spans = min(max(int(np.ceil(reach / step - 0.5)), 1), _MOST_SPANS)
    return np.asarray(step * (np.arange(-spans, spans + 2) - 0.5), np.float64)


GAIN_COLUMNS = (
    "variant",
    "code",
    "name",
    "name_zh",
    "lat",
    "lon",
    "facilities",
    "days",
    "low",
    "high",
    "base_runs_served",
    "variant_runs_served",
    "colour_from",
    "colour_to",
)


def gain_rows(data: GainData) -> list[Row]:
    """Return a row for each place; ``days`` is variant less base, negative is sooner."""
    gains, span = data.gains, data.span
    return [
        {
            "variant": data.variant,
            "code": int(gains.code[i]),
            "name": data.name[i],
            "name_zh": data.name_zh[i],
            "lat": float(data.lat[i]),
            "lon": float(data.lon[i]),
            "facilities": int(gains.facilities[i]),
            "days": float(data.days[i]),
            "low": float(gains.low[i]) / _DAY,
            "high": float(gains.high[i]) / _DAY,
            "base_runs_served": float(gains.base_served[i]),
            "variant_runs_served": float(gains.variant_served[i]),
            "colour_from": float(data.edges[index]) if index >= 0 else "",
            "colour_to": float(data.edges[index + 1]) if index >= 0 else "",
        }
        for i, index in enumerate(span.tolist())
    ]
