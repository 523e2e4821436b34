"""Random small scenarios for hypothesis: documents as a scenario file holds them, and their text.

A chain of two to four echelons of listed sites without a geography, at times with a second end,
with neighbours that share, with waves, orders, stations, disruptions, use and loss: a few sites, so
that a run takes milliseconds. Names are all different, whatever table they stand in: so a name can
be replaced wherever it stands.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from reference.random_choices import START, Choices, Wants
from reference.random_rules import (
    random_disruption,
    random_fleet,
    random_lane,
    random_station,
    random_tours,
    random_travel,
)

Table = dict[str, Any]
REGIONS = ("north", "south")
#: Most units of a product that one end is to get.
MOST = 4


@st.composite
def scenarios(draw: st.DrawFn, wants: Wants | None = None) -> Table:
    """Return the document of a scenario. Without ``wants`` half of them have no luck at all."""
    if wants is None:
        wants = Wants(luck=draw(st.booleans()))
    return random_scenario(Choices(draw, wants))


def random_scenario(choose: Choices) -> Table:
    """Return the document of a scenario."""
    return _Scenario(choose).document


class _Scenario:
    def __init__(self, choose: Choices) -> None:
        self.choose = choose
        self.sites: dict[str, list[str]] = {}
        self.document: Table = {}
        self._head()
        self._echelons()
        self._lanes()
        self._needs()
        self._supply()
        self._sharing()
        self._waves()
        self._stations()
        self._use()
        count = choose.of(0, 1, 0, 2)
        trouble = {f"trouble-{n}": random_disruption(choose, self.document) for n in range(count)}
        self._put("disruptions", trouble)

    def _put(self, table: str, entries: Table) -> None:
        if entries:
            self.document[table] = {**self.document.get(table, {}), **entries}

    def _head(self) -> None:
        choose = self.choose
        self.document |= {
            "title": "A random scenario",
            "start": START,
            "horizon": f"{choose.horizon} h",
            "seed": choose.number(0, 3),
            "geography": {"nation": "none", "circuity": choose.of(1.0, 1.25)},
        }
        if choose.maybe(3):
            self.document["warm-up"] = choose.hours(0, 12)
        if choose.maybe(4):
            self.document["stop"] = "delivered"
        self._put("calendars", choose.calendars())

    def _echelons(self) -> None:
        choose = self.choose
        middle = ["depot", "store"][: choose.number(0, 2)]
        self.chain = ["maker", *middle, "clinic"]
        names = list(self.chain)
        if choose.maybe(4):
            names.append("ward")  # a second end, supplied by the makers
        self.products = ["kit", "serum"][: choose.number(1, 2)]
        self._put("echelons", {name: {} for name in names})
        self._put(
            "products",
            {
                name: {
                    "carton": {"units": 4, "volume": "1 m3", "weight": "8 kg"},
                    "priority": choose.number(-1, 1),
                }
                for name in self.products
            },
        )
        for name in names:
            count = choose.number(1, 4 if name == "clinic" else 2)
            self.sites[name] = [f"{name}-{k}" for k in range(count)]
            for number, site in enumerate(self.sites[name]):
                region = "north" if number == 0 else choose.of(*REGIONS)
                place = [choose.number(0, 12) / 8, 30 + choose.number(0, 12) / 8]
                people = {"people": choose.number(1, 4)}
                entry = {"echelon": name, "at": place, "region": region, "attributes": people}
                self._put("sites", {site: entry})

    def _lanes(self) -> None:
        choose, tours = self.choose, self.choose.maybe()
        ways = list(zip(self.chain, self.chain[1:], strict=False))
        ways += [("maker", "ward")] if "ward" in self.sites else []
        self.tours = tours
        self.planned: list[Table] = []
        fleets: Table = {}
        pooled = choose.maybe(8) and len(self.chain) > 2
        for origin, destination in ways:
            on_tour = tours and destination == "clinic"
            fleet = f"{origin}-truck"
            if destination == "ward" and choose.maybe() and not (tours and len(self.chain) == 2):
                pass  # the trucks that serve the chain serve the second end as well
            elif pooled and origin == self.chain[1]:
                fleet = "maker-truck"
                if on_tour:
                    for key in ("unloading", "when-none-free"):
                        fleets[fleet].pop(key, None)
                    fleets[fleet].pop("capacity", None)
                fleets[fleet]["home"] = ["maker", origin]
            else:
                fleet = f"{origin}-truck" if destination != "ward" else "ward-truck"
                fleets[fleet] = random_fleet(choose, [origin], tours=on_tour, most=2 * MOST)
            lane: Table = {"from": origin, "to": destination, "fleet": fleet}
            if on_tour:
                lane["tours"] = random_tours(choose)
                if choose.wants.luck and choose.maybe():
                    lane["travel"] = random_travel(choose)
            else:
                lane |= random_lane(choose)
                if choose.maybe(6):
                    fleets[f"{origin}-van"] = random_fleet(choose, [origin], tours=False, most=1)
                    lane["fleet"] = [fleet, f"{origin}-van"]
                if choose.maybe(4):
                    lane["links"] = self._links(origin, destination)
                self.planned.append(lane)
            self._put("lanes", {f"to-{destination}": lane})
        self._put("fleets", fleets)
        for name, fleet in fleets.items():  # pooled trucks that also go on tours
            toured = any(
                "tours" in lane and name in (lane["fleet"], *lane["fleet"])
                for lane in self.document["lanes"].values()
            )
            if toured:
                fleet.pop("unloading", None)
                fleet.pop("when-none-free", None)

    def _links(self, origin: str, destination: str) -> list[Table]:
        choose, links = self.choose, []
        for to in self.sites[destination]:
            for site in choose.some(self.sites[origin]):
                link: Table = {"from": site, "to": to, "km": f"{8 * choose.number(1, 30)} km"}
                links.append(link)
        linked = {link["from"] for link in links}
        for site in [
            site for site in self.sites[origin] if site not in linked
        ]:  # what is there would have nowhere to go
            to = choose.of(*self.sites[destination])
            links.append({"from": site, "to": to, "km": "8 km"})
        for link in links:
            if choose.maybe(4):
                link["time"] = choose.hours(0.125, 4)
        return links

    def _needs(self) -> None:
        choose, sites = self.choose, self.document["sites"]
        self.takes_all = choose.wants.luck and not self.tours and choose.maybe(6)  # by chance
        for echelon in ("clinic", "ward"):
            if echelon not in self.sites:
                continue
            if self.takes_all and echelon == "clinic":
                for site in self.sites[echelon]:
                    sites[site]["need"] = dict.fromkeys(self.products, "all")
                continue
            due = {product: choose.number(1, MOST) for product in self.products}
            self.document["echelons"][echelon]["entitlement"] = due
            for site in self.sites[echelon][1:]:
                if choose.maybe(4):
                    sites[site]["need"] = {p: choose.number(0, MOST) for p in self.products}

    def _supply(self) -> None:
        choose, sites = self.choose, self.document["sites"]
        # Beyond the window, what lots bring is counted hour by hour, which no factor scales.
        window = choose.hours(24, 96) if choose.wants.clock else f"{choose.horizon} h"
        self.document["sourcing"] = {
            "rule": choose.of("nearest", "nearest", "nearest", "least-cost"),
            "window": window,
        }
        for number, name in enumerate(self.sites["maker"]):
            site = sites[name]
            for product in self.products:
                kind = choose.number(0, 3)
                if kind in (0, 3) or number == 0:
                    site.setdefault("stock", {})[product] = choose.number(4, 24)
                if kind in (1, 3):
                    site.setdefault("output", {})[product] = f"{choose.number(1, 4)}/h"
                if kind == 2:
                    self._put("supply", {f"lots-{name}-{product}": self._lots(name, product)})
            if choose.wants.clock and choose.maybe(4):
                site["shifts"] = "early"
            if choose.maybe(4):
                site["begins"] = choose.moment(0, 0.25)
            site["lot"] = f"{choose.number(1, 4)} h"
        if choose.maybe(4):
            order = {"from": "maker-0", "product": "kit", "regions": ["north"]}
            order["units"] = choose.number(1, 3)
            self._put("orders", {"contract": order})
        for name in self.chain[1:-1]:
            if choose.maybe(4):
                sites[f"{name}-0"]["stock"] = {"kit": choose.number(1, 4)}
        destination = self.sites[self.chain[1]][-1]
        if choose.maybe(6) and "links" not in self.document["lanes"][f"to-{self.chain[1]}"]:
            sites[destination]["supplied-by"] = "maker-0"

    def _lots(self, site: str, product: str) -> Table:
        """Return a supply of lots; an empty ``site`` leaves it to the caller to say where."""
        choose = self.choose
        # Where what lots bring on the mean limits who supplies whom, it is made whole.
        by_chance = choose.wants.rounding or self.document["sourcing"]["rule"] == "nearest"
        table: Table = {"product": product} | ({"site": site} if site else {})
        table["lot"] = choose.size(8) if by_chance else choose.number(1, 8)
        if choose.maybe(3):
            table["at"] = sorted({choose.moment(), choose.moment()})
            return table
        table["gap"] = choose.law(1, 12) if by_chance else choose.hours(1, 12)
        table |= {"most": choose.number(1, 5), **choose.calendar()}
        if choose.maybe(3):
            table["first"] = choose.law(0, 6)
        if choose.maybe(4):
            table["begins"] = choose.moment(0, 0.25)
        if choose.maybe(4):
            table["ends"] = choose.moment(0.5, 1)
        return table

    def _sharing(self) -> None:
        """Sites of a middle echelon are given some, and ask each other for some."""
        choose = self.choose
        if len(self.chain) == 2 or choose.number(0, 3) < 3:
            return
        echelon = self.chain[1]
        fleet = self.document["lanes"][f"to-{self.chain[2]}"]["fleet"]
        sharing: Table = {}
        if choose.maybe(3):
            sharing["reach"] = f"{8 * choose.number(2, 30)} km"
        if choose.wants.luck and choose.maybe(3):
            sharing["willing"] = choose.share()
        if choose.maybe(3):
            sharing["keeps"] = choose.number(0, 2)
        if choose.maybe(4):
            sharing["whole"] = True
        lane = {"from": echelon, "to": echelon, "fleet": fleet, "sharing": sharing}
        self._put("lanes", {"lend": lane})
        self._put("supply", {"gifts": {"echelon": echelon} | self._lots("", "kit")})
        asked = {"echelon": echelon} | self._lots("", "kit")
        asked["units"] = asked.pop("lot")
        if choose.maybe():
            asked["gives-up"] = choose.law(1, 12)
        self._put("requests", {"wishes": asked})

    def _waves(self) -> None:
        choose = self.choose
        free = [name for name, lane in self.document["lanes"].items() if "tours" not in lane]
        free = [name for name in free if name != "lend"]
        if not free or choose.number(0, 2) < 2:
            return
        lane = choose.of(*free)
        self._put("waves", {"wave-1": {"lane": lane, "regions": ["north"]}})
        self._put("waves", {"wave-2": {"lane": lane, "regions": "rest"}})
        for wave in self.document["waves"].values():
            wave["release"] = choose.period()

    def _stations(self) -> None:
        choose = self.choose
        lanes = list(self.planned)
        if "lend" in self.document["lanes"]:
            lanes.append(self.document["lanes"]["lend"])
        for number in range(choose.number(0, 3) if lanes else 0):
            station = random_station(choose, lanes, self.sites)
            self._put("stations", {f"stop-{number}": station})

    def _use(self) -> None:
        choose = self.choose
        if choose.number(0, 2) < 2:
            return
        use: Table = {"echelon": "clinic", "product": "kit", "stock": choose.number(0, 2)}
        patterns = ["timetable"] + (["constant"] if choose.wants.rounding else [])
        patterns += ["poisson"] if choose.wants.rounding and choose.wants.luck else []
        use["pattern"] = choose.of(*patterns)
        if use["pattern"] == "timetable":
            use["at"] = sorted({choose.moment(), choose.moment()})
            use["units"] = choose.number(1, 3)
        else:
            use["rate"] = f"{choose.number(1, 8) / 8}/h"
            if choose.maybe(3):
                use["begins"] = choose.moment(0, 0.5)
        self._put("consumption", {"wear": use})
