"""Schema of areas: named sets of counties that may stand wherever a region may."""

from __future__ import annotations

from typing import Literal

from sim.scenario.values import AreaMember, Base, Positive, Stated, Status


class Choice(Base):
    """So many counties more, by a rule: never a functional zone, nor one that the area has."""

    counties: Stated[Positive]
    """How many counties to choose."""
    from_: list[AreaMember] = []
    """The regions and areas to choose from; left out, the whole nation."""
    by: Literal["chance", "most-villages", "fewest-villages"] = "chance"
    """chance draws them, the same in every run and with every seed; most-villages and
    fewest-villages go by the village committees of a county, and of equals by its code."""
    draw: str | None = None
    """What the draws by chance are named after; left out, the area. Areas that share it, and
    choose from the same counties, choose alike."""


class Area(Base):
    """A named set of counties: those of its regions, its list and its file, and the chosen ones,
    less what it leaves out. With "without" alone, it is the rest of the nation."""

    title: str | None = None
    """What to call it in figures and in words."""
    regions: list[AreaMember] = []
    """Provinces, prefectures and counties, and areas that are listed before this one."""
    list_: Literal["key-counties", "sourced-key-counties"] | None = None
    """A bundled list: the 160 national key counties for rural revitalisation, of which 68 are
    unverified, or only the 92 that a published list confirms."""
    file: str | None = None
    """A CSV file beside the scenario, with a column "code", or "county" for the county's name:
    each row is one of its regions."""
    choose: Choice | None = None
    """Counties to add by a rule."""
    without: list[AreaMember] = []
    """Regions and areas to leave out; none of their counties is chosen."""
    status: Status | None = None
    """Whether the area is reported, derived or assumed."""
    source: str | None = None
    """Where it comes from, or why it is assumed."""

    @property
    def is_empty(self) -> bool:
        """Return whether the area says nothing of which counties it has."""
        return not (self.regions or self.list_ or self.file or self.choose or self.without)
