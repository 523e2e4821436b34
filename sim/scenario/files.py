"""Schema of tables beside a scenario file: sites and links from CSV or GraphML."""

from __future__ import annotations

from sim.scenario.values import Base


class Files(Base):
    """Tables beside the scenario file, by relative path; what they list is added to the file's
    own tables, and must not be in both."""

    sites: str | None = None
    """A CSV file of sites: a row each, with the columns name, echelon, and any of title,
    county, lat, lon, region, supplied-by, need.PRODUCT, stock.PRODUCT and attributes.NAME."""
    links: str | None = None
    """A CSV file of links: a row each, with the columns lane, from, to, and any of km, time and
    share."""
    graph: str | None = None
    """A GraphML file: nodes are sites, edges are links, with attributes named as the columns of
    the two tables."""
