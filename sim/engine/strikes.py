"""Disruptions of one replication: when what goes wrong goes wrong, and what the model may ask.

All windows are drawn before the model starts. Each is half-open, [begin, end): at its end things
are as they were. A disruption that could change nothing (a factor of 1, a share or a length of 0)
leaves no window behind, so nothing anywhere depends on it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.calendars import SLACK, WorkingCalendar
from sim.engine.windows import Closures, Span, Steps, close, multiply
from sim.ledger import Strikes
from sim.plan.specs import DisruptionSpec, Plan, Shift
from sim.streams import Streams, entity_ids

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Windows of one disruption by the site that they strike by itself, or by ``ALL``.
Windows = dict[int, list[Span]]

ALL = -1
_ROADS = ("closed-road", "slow-road")
#: The amount with which a disruption changes nothing.
_IDLE = {"slow-road": 1.0, "sudden-need": 1.0, "output-cut": 0.0, "fewer-vehicles": 0.0}


@dataclass(frozen=True, slots=True)
class Road:
    """The state of the road between two sites."""

    closures: Closures
    slow: Steps

    def open_at(self, t: float) -> float:
        """Return the first moment from ``t`` on at which journeys may begin."""
        return self.closures.open_at(t)

    def pace(self, t: float) -> float:
        """Return what the driving time of a journey that begins at ``t`` is multiplied by."""
        return self.slow.at(t)


@lru_cache(maxsize=256)
def shut(shift: Shift, closures: Closures | None) -> Shift:
    """Return the shift with the closures taken out of its working time.

    One that is always open becomes a calendar at whose closures work pauses. What would be open
    for less than ``sim.calendars.SLACK`` between closures stays closed.
    """
    if closures is None or not closures.begins:
        return shift
    calendar, spans = shift.calendar, closures.spans
    opens, closes = list[float](), list[float]()

    def keep(begin: float, end: float) -> None:
        if end - begin > SLACK:
            opens.append(begin)
            closes.append(end)

    for opening, closing in zip(calendar.opens, calendar.closes, strict=True):
        first = max(0, bisect_right(closures.begins, opening) - 1)
        for begin, end in spans[first:]:
            if begin >= closing:
                break
            keep(opening, min(begin, closing))
            opening = max(opening, end)
        keep(opening, closing)
    closing_rule = "pause" if shift.always else shift.closing
    return Shift(WorkingCalendar(tuple(opens), tuple(closes)), closing_rule, always=False)


class Struck:
    """What the disruptions of one replication do to sites, roads, fleets, output and need."""

    __slots__ = ("_active", "_gates", "_plan", "_roads", "_touched", "_windows")

    def __init__(self, plan: Plan, windows: list[Windows]) -> None:
        """``windows`` are those of each of the plan's disruptions."""
        self._plan = plan
        self._windows = windows
        self._active: dict[str, list[int]] = {}
        for index, found in enumerate(windows):
            if found:
                self._active.setdefault(plan.disruptions[index].kind, []).append(index)
        self._touched = [
            frozenset(spec.sites) if found else frozenset[int]()
            for spec, found in zip(plan.disruptions, windows, strict=True)
        ]
        self._gates: dict[tuple[tuple[int, int], ...], Closures] = {}
        self._roads: dict[tuple[tuple[int, int], ...], Road] = {}

    def gate(self, site: int) -> Closures | None:
        """Return when a site is shut; None if it never is."""
        found = self._holding("closed-site", site)
        if not found:
            return None
        if found not in self._gates:
            self._gates[found] = close(span for key in found for span in self._spans(key))
        return self._gates[found]

    def road(self, lane: int, origin: int, destination: int) -> Road | None:
        """Return the state of a road; None if nothing ever happens to it.

        On a lane with tours, ``destination`` does not count: its tours share the roads of their
        origin.
        """
        touched = origin if self._plan.lanes[lane].is_last_mile else destination
        found = tuple(
            key
            for kind in _ROADS
            for key in self._holding(kind, touched, origin)
            if self._plan.disruptions[key[0]].lane == lane
        )
        if not found:
            return None
        if found not in self._roads:
            spans: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in _ROADS}
            for key in found:
                spec = self._plan.disruptions[key[0]]
                spans[spec.kind] += [(*span, spec.amount) for span in self._spans(key)]
            self._roads[found] = Road(
                close((begin, end) for begin, end, _ in spans["closed-road"]),
                multiply(spans["slow-road"]),
            )
        return self._roads[found]

    def away(self, fleet: int, site: int) -> list[tuple[float, float, int]]:
        """Return when how many vehicles of a fleet are away from a site: (begin, end, vehicles)."""
        specs = self._plan.disruptions
        return sorted(
            (*span, int(specs[key[0]].amount))
            for key in self._holding("fewer-vehicles", site)
            if specs[key[0]].fleet == fleet
            for span in self._spans(key)
        )

    def cut(self, site: int, product: int, times: Floats, units: Ints) -> Ints:
        """Return the units that are left of lots that would appear at ``times``, ascending.

        Of what windows cut, the whole units kept by each moment are those of the running sum,
        rounded down: fractions are not lost lot by lot.
        """
        windows = self._amounts("output-cut", site, product)
        if not windows:
            return units
        kept = multiply([(begin, end, 1.0 - share) for begin, end, share in windows])
        lost = np.cumsum(units * (1.0 - kept.at_all(times)))  # adds 0, exactly, outside windows
        whole = np.ceil(lost - 1e-9).astype(np.int64)
        return units - np.minimum(np.diff(whole, prepend=0), units)

    def need_factor(
        self, echelon: int, product: int, site: int
    ) -> list[tuple[float, float, float]]:
        """Return when the need of a site's facilities, or its own, is multiplied, and by what:
        (begin, end, factor). Windows may overlap; then their factors multiply."""
        return self._amounts("sudden-need", site, product, echelon)

    def strikes(self) -> Strikes:
        """Return what happened for the ledger; an end past the horizon is NaN, as anywhere."""
        rows = [
            (index, site, begin, end if end <= self._plan.horizon else np.nan)
            for index, windows in enumerate(self._windows)
            for site, spans in windows.items()
            for begin, end in spans
        ]
        table = np.array(rows, np.float64).reshape(-1, 4)
        which, site = table[:, :2].astype(np.int64).T
        return Strikes(which.copy(), site.copy(), table[:, 2].copy(), table[:, 3].copy())

    def _holding(
        self, kind: str, touched: int, entity: int | None = None
    ) -> tuple[tuple[int, int], ...]:
        """Return disruption and site of all windows of a kind that hold for the site ``touched``,
        where those drawn for each are drawn for ``entity``."""
        if kind not in self._active:
            return ()
        found = []
        for index in self._active[kind]:
            if touched in self._touched[index]:
                each = self._plan.disruptions[index].each
                own = (touched if entity is None else entity) if each else ALL
                if own in self._windows[index]:
                    found.append((index, own))
        return tuple(found)

    def _spans(self, key: tuple[int, int]) -> list[Span]:
        return self._windows[key[0]][key[1]]

    def _amounts(
        self, kind: str, site: int, product: int, echelon: int | None = None
    ) -> list[tuple[float, float, float]]:
        found = []
        for key in self._holding(kind, site):
            spec = self._plan.disruptions[key[0]]
            if spec.products and product not in spec.products:
                continue
            if echelon is None or spec.echelon == echelon:
                found += [(*span, spec.amount) for span in self._spans(key)]
        return found


def draw_strikes(plan: Plan, streams: Streams) -> Struck:
    """Draw the disruptions of one replication."""
    return Struck(plan, [_draw(plan, spec, streams) for spec in plan.disruptions])


def _draw(plan: Plan, spec: DisruptionSpec, streams: Streams) -> Windows:
    """Draw the windows of one disruption that begin by the horizon.

    Draw 0 of each stream says whether it happens, draws 1 and 2 when it begins and how long it
    lasts, draws 3 and 4 the next one, and so on: no parameter moves another's draws.
    """
    if not spec.sites or _IDLE.get(spec.kind) == spec.amount:
        return {}
    sites = [ALL]
    if spec.each:
        origins = np.flatnonzero(plan.site_echelon == plan.lanes[spec.lane].origin).tolist()
        sites = origins if spec.kind in _ROADS else sorted(spec.sites)
    keys = ["" if site == ALL else f"{plan.site_keys[site]}/" for site in sites]
    ids = entity_ids(f"{key}disruption/{spec.name}" for key in keys)
    windows: Windows = {}
    rows = np.flatnonzero(streams.uniforms(ids, 0) < spec.chance)
    over = np.zeros(len(ids))
    draw = 1
    while rows.size:
        luck = streams.uniforms(ids[rows], draw)
        if spec.every is None:
            begin = spec.earliest + luck * (spec.latest - spec.earliest)
        else:
            begin = over[rows] + spec.every.quantile(luck)
        end = begin + spec.lasts.quantile(streams.uniforms(ids[rows], draw + 1))
        over[rows] = end
        draw += 2
        for row, since, until in zip(rows.tolist(), begin.tolist(), end.tolist(), strict=True):
            if since <= plan.horizon and until > since:
                windows.setdefault(sites[row], []).append((since, until))
        rows = rows[begin <= plan.horizon] if spec.every is not None else rows[:0]
    return dict(sorted(windows.items()))
