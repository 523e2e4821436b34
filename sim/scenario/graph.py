"""Read a GraphML file: nodes are sites, directed edges are links.

networkx reads what the file says; expat, before it, where each element stands.
"""

from __future__ import annotations

import io
import warnings
from collections import deque
from dataclasses import dataclass, field
from xml.parsers import expat

from sim.errors import Problem
from sim.scenario.tables import Cell, Record

Spot = tuple[int, int]

#: Most elements of a file: each takes some hundred bytes of memory.
MOST_ELEMENTS = 2_000_000


@dataclass(frozen=True, slots=True)
class Graph:
    """The nodes by name and the edges of a graph, with the attributes that its keys declare.

    ``edges`` have their ends in the columns "from" and "to".
    """

    node_keys: dict[str, Cell] = field(default_factory=dict)
    edge_keys: dict[str, Cell] = field(default_factory=dict)
    nodes: list[tuple[str, Record]] = field(default_factory=list)
    edges: list[Record] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether the file could be read."""
        return not self.problems


def read_graph(place: str, data: bytes) -> Graph:
    """Return the graph that the GraphML file ``data`` holds; ``place`` is what problems call it."""
    import networkx as nx

    def refused(spot: Spot, expected: str, found: str) -> Graph:
        return Graph(problems=[Problem(place, *spot, "", expected, found)])

    spots = _Spots()
    try:
        spots.read(data)
    except expat.ExpatError as error:
        found = expat.errors.messages[error.code]
        return refused((error.lineno, error.offset + 1), "a GraphML file", found)
    except _Refused as error:
        return refused(error.spot, error.expected, error.found)
    if spots.directed is False:
        expected = 'a directed graph (edgedefault="directed"): goods go one way'
        return refused(spots.graph, expected, "an undirected one")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of keys without a type, which are texts
            read: nx.MultiDiGraph[str] = nx.MultiDiGraph(nx.read_graphml(io.BytesIO(data)))
    except (nx.NetworkXException, ValueError, KeyError, AttributeError) as error:
        return refused(spots.graph, "a GraphML file", " ".join(str(error).split()))
    graph = Graph(spots.keys["node"], spots.keys["edge"])
    defaults = [read.graph.get(f"{kind}_default", {}) for kind in ("node", "edge")]
    for name, values in read.nodes(data=True):
        if name in spots.nodes:  # networkx adds the ends of edges that are no nodes of the file
            spot = spots.nodes[name]
            cells = spots.cells.get(spot, {})
            graph.nodes.append((name, _record(spot, defaults[0] | values, cells)))
    for origin, destination, values in read.edges(data=True):
        known = spots.edges.get((origin, destination))
        spot = known.popleft() if known else spots.graph
        said = {name: value for name, value in values.items() if name != "id"}
        ends = {"from": origin, "to": destination}
        cells = spots.cells.get(spot, {})
        graph.edges.append(_record(spot, defaults[1] | said | ends, cells))
    graph.edges.sort(key=lambda record: (record.line, record.column))
    return graph


def _record(spot: Spot, values: dict[str, object], cells: dict[str, Spot]) -> Record:
    return Record(
        *spot,
        {
            name: Cell(value, *cells.get(name, spot))  # type: ignore[arg-type]
            for name, value in values.items()
            if value != ""
        },
    )


class _Refused(Exception):
    def __init__(self, spot: Spot, expected: str, found: str) -> None:
        self.spot, self.expected, self.found = spot, expected, found


class _Spots:
    """Where the elements of a GraphML file stand, by what they are called there."""

    def __init__(self) -> None:
        self.graph: Spot = (1, 1)
        self.directed: bool | None = None
        self.keys: dict[str, dict[str, Cell]] = {"node": {}, "edge": {}}
        self.nodes: dict[str, Spot] = {}
        self.edges: dict[tuple[str, str], deque[Spot]] = {}
        self.cells: dict[Spot, dict[str, Spot]] = {}
        self._names: dict[str, str] = {}
        self._inside: Spot = self.graph
        self._elements = 0
        self._parser = expat.ParserCreate()

    def read(self, data: bytes) -> None:
        """Note where everything stands. Raises ExpatError; or _Refused for a document type, whose
        entities could grow without end, and for more elements than would fit."""
        self._parser.StartElementHandler = self._element
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.Parse(data, True)

    def _spot(self) -> Spot:
        return self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1

    def _refuse(self, *_: object) -> None:
        raise _Refused(self._spot(), "a GraphML file without a document type", "one")

    def _element(self, tag: str, attributes: dict[str, str]) -> None:
        spot = self._spot()
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise _Refused(spot, f"at most {MOST_ELEMENTS:,} elements in a file", "more")
        match tag.rpartition(":")[2]:
            case "key":
                name = attributes.get("attr.name", attributes.get("id", ""))
                self._names[attributes.get("id", "")] = name
                whose = attributes.get("for", "all")
                for kind in ("node", "edge"):
                    if whose in (kind, "all"):
                        self.keys[kind][name] = Cell(name, *spot)
            case "graph" if self.directed is None:
                self.graph = spot
                self.directed = attributes.get("edgedefault") == "directed"
            case "node":
                self._inside = self.nodes.setdefault(attributes.get("id", ""), spot)
            case "edge":
                self._inside = spot
                ends = attributes.get("source", ""), attributes.get("target", "")
                self.edges.setdefault(ends, deque()).append(spot)
            case "data":
                named = self._names.get(attributes.get("key", ""), "")
                self.cells.setdefault(self._inside, {})[named] = spot
