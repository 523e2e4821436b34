"""Write the people of the mutual-aid scenario: who offers, who asks, at points that are synthetic.

    python tools/build_mutual_aid.py [--check]

No document says who used the platform, or where. So 300 people who offer and 450 who ask are
shared out over the towns and subdistricts of four districts of Hangzhou by their communities and
village committees (largest remainder), and each gets a point that is uniform in a disc of its
town's area around the town's own point, as villages do elsewhere in Postroad. The draws are those
of streams that are named by the town and by what its people do, so the file is the same wherever
it is written. ``--check`` writes nothing and fails if the file is not what would be written.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from pathlib import Path

import numpy as np

from sim.geography.apportion import share_out
from sim.geography.distance import disc_points
from sim.geography.nation import load_nation
from sim.geography.regions import resolve
from sim.streams import Streams

PEOPLE = Path(__file__).parents[1] / "scenarios" / "mutual-aid-people.csv"
#: Shangcheng, Gongshu, Xihu and Binjiang, by code: other cities have districts of these names.
DISTRICTS = ("330102", "330105", "330106", "330108")
COUNT = {"giver": 300, "asker": 450}


def people(kind: str, count: int) -> list[tuple[str, str, str, str, str]]:
    """Return name, echelon, title, latitude and longitude (degrees) of so many people."""
    nation = load_nation()
    towns = nation.towns
    counties = [resolve(nation, district).index for district in DISTRICTS]
    mine = np.flatnonzero(np.isin(towns.parent, counties))
    weight = (towns.communities + towns.village_committees)[mine].astype(np.int64)
    streams = Streams(0, 0)
    rows: list[tuple[str, str, str, str, str]] = []
    for town, living in zip(mine.tolist(), share_out(count, weight).tolist(), strict=True):
        stream = streams.stream(f"mutual-aid/{kind}/{towns.code[town]}")
        radius = float(np.sqrt(towns.area_km2[town] / np.pi))
        county = nation.counties.name[towns.parent[town]]
        for _ in range(living):
            u, v = stream.uniform(), stream.uniform()
            lat, lon = disc_points(
                np.array([u]), np.array([v]), towns.lat[[town]], towns.lon[[town]], radius
            )
            name = f"{kind}-{len(rows) + 1:03d}"
            title = f"{kind} {len(rows) + 1} in {county}"
            rows.append((name, kind, title, f"{lat[0]:.5f}", f"{lon[0]:.5f}"))
    return rows


def table() -> str:
    """Return the whole file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("name", "echelon", "title", "lat", "lon"))
    for kind, count in COUNT.items():
        writer.writerows(people(kind, count))
    return out.getvalue()


def main() -> int:
    """Write the file, or check it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, fail if it differs")
    text = table()
    if parser.parse_args().check:
        return int(PEOPLE.read_text(encoding="utf-8") != text)
    PEOPLE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
