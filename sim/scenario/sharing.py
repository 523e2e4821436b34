"""Schema of sharing: what the sites of a lane give to who asks them."""

from __future__ import annotations

from pydantic import Field

from sim.scenario.values import Base, Count, Length, Share, Stated, Status


class Sharing(Base):
    """Sites give what they can spare to who asks: a request asks the nearest site first, then the
    next. Nothing else moves on the lane.

    What a site can spare is what it has on hand and owes to nobody."""

    reach: Stated[Length] | None = None
    """How far by road an offer may be from who asks; left out, any distance."""
    willing: Stated[Share] = Field(default=1, validate_default=True)
    """Chance that a site that is asked agrees, drawn once for each request and site."""
    keeps: Stated[Count] = Field(default=0, validate_default=True)
    """Units that a site keeps for itself of what it could spare."""
    whole: bool = False
    """True: an offer must cover all that a request still lacks. False: several sites may serve it
    in parts."""
    status: Status | None = None
    """Whether these are reported, derived or assumed."""
    source: str | None = None
    """Where they come from."""
