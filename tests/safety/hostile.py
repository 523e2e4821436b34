"""Hostile scenario files, each with what is said of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

SMALL = """title = "x"
start = 2023-01-07T00:00:00+08:00
horizon = "2 d"
[geography]
nation = "none"
[products.kit]
[echelons.plant]
[echelons.store]
[sites.maker]
echelon = "plant"
at = [31, 117]
stock = { kit = 9 }
[sites.corner]
echelon = "store"
at = [31.1, 117]
need = { kit = "all" }
[fleets.van]
home = "plant"
vehicles = 2
speed = "40 km/h"
capacity = { units = 3 }
[lanes.feed]
from = "plant"
to = "store"
fleet = "van"
"""
HEAD = SMALL.partition("[products")[0]
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><graphml><graph>&i;</graph></graphml>"
)
LEAK = (
    '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    '<graphml><graph edgedefault="directed"><node id="&x;"/></graph></graphml>'
)
Make = Callable[[Path], None]


def _changed(old: str, new: str) -> Make:
    assert SMALL.count(old) == 1, old
    return lambda folder: _write(folder, SMALL.replace(old, new))


def _text(text: str) -> Make:
    return lambda folder: _write(folder, text)


def _write(folder: Path, text: str, name: str = "a.toml") -> None:
    (folder / name).write_text(text, "utf-8")


def _chain(folder: Path) -> None:
    for number in range(60):
        _write(folder, f'extends = "f{number + 1}.toml"\n', f"f{number}.toml")
    _write(folder, SMALL, "f60.toml")
    _write(folder, 'extends = "f0.toml"\n')


def _doubling(folder: Path) -> None:
    """Each file includes the next one twice: 2^18 readings of the last."""
    for number in range(18):
        both = "".join(
            f'[include.{name}]\nscenario = "f{number + 1}.toml"\n' for name in ("one", "two")
        )
        _write(folder, HEAD + both, f"f{number}.toml")
    _write(folder, SMALL, "f18.toml")
    _write(folder, HEAD + '[include.x]\nscenario = "f0.toml"\n')


def _graph(xml: str) -> Make:
    def make(folder: Path) -> None:
        _write(folder, xml, "net.graphml")
        _write(folder, HEAD + '[files]\ngraph = "net.graphml"\n' + SMALL.removeprefix(HEAD))

    return make


def _named(path: str, make: Callable[[Path], object] = lambda folder: None) -> Make:
    def made(folder: Path) -> None:
        make(folder)
        _write(folder, HEAD + f'[files]\nsites = "{path}"\n' + SMALL.removeprefix(HEAD))

    return made


INSIDE = "a relative path inside the scenario's folder"
#: What makes each file, and a part of what is said of it.
CASES: dict[str, tuple[Make, str]] = {
    "brackets": (_text("a = " + "[" * 100_000), "nested at most 32 deep"),
    "dotted keys": (_text("a." * 500_000 + "b = 1"), "nested at most 32 deep"),
    "dotted table": (_text("[" + "a." * 500_000 + "b]"), "nested at most 32 deep"),
    "inline tables": (_text("a = " + "{a = " * 5000), "nested at most 32 deep"),
    "quotes": (_text('a = """' + '\\"""' * 200_000), "a TOML file"),
    "digits": (_changed("vehicles = 2", "vehicles = " + "9" * 5000), "a number that can be read"),
    "hexadecimal": (_changed("vehicles = 2", "vehicles = 0x" + "f" * 9000), "hundreds of digits"),
    "1e400": (_changed("[31, 117]", "[1e400, 117]"), "a number of degrees"),
    "large text": (_text("#" * 5_000_000), "a scenario file of at most 4 MB"),
    "long array": (_changed('title = "x"', "title = [" + "1," * 100_000 + "]"), "a text"),
    "unknown names": (
        _changed(
            "[fleets.van]",
            '[fleets.van]\nhome-at = "x"\n'
            + "".join(f'[waves.w{n}]\nlane = "x{n}"\n' for n in range(5000)),
        ),
        "the name of a lane",
    ),
    "extends itself": (_text('extends = "a.toml"\n'), "does not lead back to itself"),
    "includes itself": (
        _text(HEAD + '[include.x]\nscenario = "a.toml"\n'),
        "does not lead back to itself",
    ),
    "chain": (_chain, "at most 20 files that extend one another"),
    "doubling": (_doubling, "at most 256 files in all"),
    "entities": (_graph(BOMB), "without a document type"),
    "external entity": (_graph(LEAK), "without a document type"),
    "nested elements": (
        _graph("<a>" * 300_000 + "</a>" * 300_000),
        "a GraphML file",
    ),
    "parent": (_named("../secret.csv"), INSIDE),
    "absolute": (_named("/etc/passwd"), INSIDE),
    "drive": (_named("C:/x.csv"), INSIDE),
    "device": (_named("/dev/zero"), INSIDE),
    "link": (_named("l.csv", lambda f: (f / "l.csv").symlink_to("/etc/passwd")), INSIDE),
    "linked device": (_named("l.csv", lambda f: (f / "l.csv").symlink_to("/dev/zero")), INSIDE),
    "linked folder": (_named("l/passwd", lambda f: (f / "l").symlink_to("/etc")), INSIDE),
    "circle": (_named("l.csv", lambda f: (f / "l.csv").symlink_to("l.csv")), "circle"),
    "pipe": (_named("p.csv", lambda f: os.mkfifo(f / "p.csv")), "found a pipe"),
    "folder": (_named("d.csv", lambda f: (f / "d.csv").mkdir()), "found a folder"),
    "file is a pipe": (lambda folder: os.mkfifo(folder / "a.toml"), "found a pipe"),
    "file is a device": (lambda f: (f / "a.toml").symlink_to("/dev/zero"), "found a device"),
    "vehicles": (_changed("vehicles = 2", f"vehicles = {10**25}"), "a whole number of at least 1"),
    "replications": (
        _changed('title = "x"', 'title = "x"\nreplications = 1_000_000_000'),
        "at least 1",
    ),
    "a million years": (_changed('"2 d"', '"365_000_000 d"'), "at most 10 years"),
    "loads": (_changed("kit = 9", "kit = 1_000_000_000_000"), "more than 10,000,000 take too long"),
    "departures": (
        _changed(
            'fleet = "van"', 'fleet = "van"\ndispatch = { rule = "departures", every = "1e-300 h" }'
        ),
        "at most 10,000,000 departures",
    ),
    "lots": (
        _changed("stock = { kit = 9 }", 'output = { kit = "1/day" }\nlot = "1e-9 s"'),
        "at most 10,000,000 lots",
    ),
    "breaking servers": (
        _changed(
            "[fleets.van]",
            '[stations.d]\nechelon = "plant"\nstage = "loading"\n'
            'servers = 1_000_000_000\ntime-per-lot = "1 h"\n'
            'breakdowns = { after = "9 h", repair = "1 h" }\n[fleets.van]',
        ),
        "at most 10,000 servers that break down",
    ),
}
#: The same, but these take some ten seconds.
LONG: dict[str, tuple[Make, str]] = {
    "longest array": (_changed('title = "x"', "title = [" + "1," * 1_900_000 + "]"), "a text"),
    "cells": (
        _named("s.csv", lambda f: (f / "s.csv").write_bytes(b"," * 12_000_000)),
        "at most 10,000,000 cells",
    ),
    "long line": (
        _named("s.csv", lambda f: (f / "s.csv").write_bytes(b"x" * 49_000_000)),
        'the column "name"',
    ),
    "rows": (
        _named(
            "s.csv", lambda f: (f / "s.csv").write_bytes(b"name,echelon\n" + b"a,b\n" * 1_000_000)
        ),
        "a site that is listed once",
    ),
    "elements": (
        _graph(
            '<graphml><graph edgedefault="directed">' + "<node/>" * 3_000_000 + "</graph></graphml>"
        ),
        "at most 2,000,000 elements",
    ),
}
